// What the whole server knows of the messages that were accepted: the part of the outbox that
// all shards share, and the questions that AMI and the command line ask.
//
// Each message is kept by the OutboxShard that its recipient hashes to. Everything here may be
// called from any thread; answers come on the shard that is named in the call. It outlives the
// shards' threads; the store outlives it.
//
// Source: docs/outbox.md.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/unique_function.h"
#include "conf/missive_conf.h"
#include "message/message_events.h"
#include "message/status.h"
#include "net/shard.h"
#include "store/outbox_store.h"

namespace missive::message {

class OutboxShard;

// A message of the outbox or of the history, for a person or a program to look at.
struct Record {
  std::string id, action_id, destination, recipient, from;  // from: while it waits
  Status::State state = Status::State::queued;
  unsigned attempts = 0;
  int response_code = 0;
  std::string response_text, contact;
  std::size_t octets = 0;
  base::WallTime accepted{}, expires{}, updated{};
};

class Outbox {
 public:
  using Options = conf::MissiveConf::Outbox;
  using Records = base::UniqueFunction<void(base::Result<std::vector<Record>>)>;
  using Count = base::UniqueFunction<void(base::Result<std::size_t>)>;

  // What is kept and not final.
  struct Figures {
    std::size_t messages = 0;
    std::size_t octets = 0;
    std::size_t waiting = 0;     // of the messages
    std::size_t recipients = 0;  // that something waits for
  };
  struct Filter {
    std::optional<Status::State> state;
    std::string recipient;  // "pjsip:alice" or "alice"; empty: all
    std::size_t limit = 100;
  };

  Outbox(store::OutboxStore& store, const base::Clock& clock, const MessageEvents& events,
         Options options);
  // Those of all shards by index; before they run.
  void know(std::vector<OutboxShard*> shards);
  // Takes up what an earlier process left; before the shards run. Fails where the store does.
  base::Result<void> open();

  // --- for operators
  void find(std::string id, net::Shard& asker, Records answer);  // none or one
  void list(Filter filter, net::Shard& asker, Records answer);   // the oldest first
  // Takes back what waits; refuses what is final or being sent.
  void cancel(std::string id, net::Shard& asker, Count answer);
  // Tries again now: one message's recipient by its id; all of one recipient; all, when both
  // are empty. How many messages that concerns.
  void retry(std::string id, std::string recipient, net::Shard& asker, Count answer);
  // The oldest message that is not final.
  void oldest(net::Shard& asker, Records answer);
  Figures figures() const;

  // --- for technologies
  // The recipient can be reached (again), by that contact if it is named.
  void wake(std::string_view recipient, std::string_view contact = {});
  // That contact of the recipient has been removed: what is on its way there, and is not answered
  // within two seconds, goes to another contact, or waits for one.
  void abandon(std::string_view recipient, std::string_view contact);
  // Every recipient whose name begins so can be reached.
  void wake_all(std::string_view prefix);
  // Something became known of a message that was sent.
  struct Receipt {
    std::string id;
    Status::State state = Status::State::delivered;
    std::string from;     // the endpoint that says so; what somebody else says does not count
    std::string contact;  // which of its devices; empty: not known
    // With `failed`:
    int code = 0;
    std::string text;
  };
  void receipt(Receipt receipt, net::Shard& asker);

  // --- for OutboxShard
  const Options& options() const { return options_; }
  store::OutboxStore& store() { return store_; }
  const base::Clock& clock() const { return clock_; }
  const MessageEvents& events() const { return events_; }
  OutboxShard& home_of(std::string_view recipient) const;
  std::int64_t next_sequence() { return sequence_.fetch_add(1, std::memory_order_relaxed) + 1; }
  // False when max_messages or max_bytes would be passed.
  bool reserve(std::size_t octets);
  void release(std::size_t octets);
  void count_waiting(long messages, long recipients);

 private:
  using FoundRow = base::Result<store::OutboxRow>;
  void find_row(std::string id, base::UniqueFunction<void(FoundRow)> found);
  void take_receipt(const store::OutboxRow& row, const Receipt& receipt);
  // Calls `task` when the store has been given what every shard knows; on one of them.
  void when_written(base::UniqueFunction<void()> task);
  void sweep();
  void arm_sweep();

  store::OutboxStore& store_;
  const base::Clock& clock_;
  const MessageEvents& events_;
  const Options options_;
  std::vector<OutboxShard*> shards_;
  net::CallbackTimer sweep_timer_;  // of the first shard
  unsigned sweeps_ = 0;
  std::atomic<std::int64_t> sequence_{0};
  std::atomic<std::size_t> messages_{0}, octets_{0};
  std::atomic<long> waiting_{0}, recipients_{0};
};

}  // namespace missive::message

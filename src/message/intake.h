// The door of the Inbox: with a store (durability = always) a message is on disk before anybody
// is told that it was accepted, and stays there until it has been handled.
//
// One per shard. take() makes room in the Inbox, and what gathers in a turn is written by one job
// of the store. After the commit the messages are answered for, entered into the Inbox in the
// order they came, and forgotten on disk some moments after their Handler is done with them: not
// in the same turn, since what a Handler has sent must be committed first. A crash in between has
// a message handled twice, never lost. A message whose key is there already was accepted before:
// it is answered `known` and goes nowhere. Keys are kept for an hour.
//
// Without a store all is in memory: a message is accepted at once, and keys say nothing.
//
// On the shard's thread, but for what is named. The store outlives it. Source: docs/outbox.md.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_function.h"
#include "message/inbox.h"
#include "net/shard.h"
#include "store/received_store.h"

namespace missive::message {

// What the intakes of all shards share; outlives them.
struct ReceivedMessages {
  explicit ReceivedMessages(store::ReceivedStore& where) : store(where) {}

  store::ReceivedStore& store;
  std::atomic<std::int64_t> newest{0};  // the number that was given last
};

class Intake final : private HandledUser, private net::TurnEnd {
 public:
  enum class Verdict {
    accepted,  // in safe hands; its Handler has not seen it yet
    known,     // accepted before
    no_room,   // for now
    failed     // it could not be written
  };
  using Answer = base::UniqueFunction<void(Verdict)>;

  Intake(net::Shard& shard, Inbox& inbox);
  ~Intake() override;
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

  // From now on messages are written; before the shards run.
  void use(ReceivedMessages& received) { received_ = &received; }
  // For one intake of all, before the shards run and after use(): enters what an earlier process
  // had accepted and not handled, in its order; how many. It is the one that has old keys
  // forgotten. What cannot be read is logged and left where it is. Fails where the store does.
  base::Result<std::size_t> restore();

  // Whether answers come later than take().
  bool writes() const { return received_ != nullptr; }
  // Any thread.
  bool has_destination(std::string_view technology, std::string_view context,
                       std::string_view exten) const {
    return inbox_.has_destination(technology, context, exten);
  }
  // `key`: octets that this message has each time it comes. `answer` is called once, on this
  // thread; where nothing is written, and where there is no room, before take() returns.
  void take(std::shared_ptr<const Incoming> message, std::string key, Answer answer);

  // What is not done with: on its way to the disk, waiting, being handled, or handled without the
  // disk knowing it. Any thread.
  std::size_t waiting() const {
    return inbox_.waiting() + handled_.load(std::memory_order_relaxed);
  }

 private:
  struct Waiting {
    std::shared_ptr<const Incoming> message;
    std::int64_t number = 0;
    Answer answer;
  };
  using Batch = std::vector<Waiting>;
  using Written = base::Result<std::vector<bool>>;
  struct Road {  // from the store's thread to this shard, as long as there is one
    std::mutex mutex;
    net::Shard* shard;
  };

  void on_turn_end() override;
  void on_written(Batch& batch, const Written& written);
  void on_handled(std::int64_t number) override;
  void write_handled();
  void forget_old_keys();

  net::Shard& shard_;
  Inbox& inbox_;
  ReceivedMessages* received_ = nullptr;
  const std::shared_ptr<Road> road_;
  std::vector<store::ReceivedRow> rows_;  // of this turn
  Batch batch_;                           // the same ones
  // Numbers of handled messages, those of the last interval and of the one before.
  std::vector<std::int64_t> young_, ripe_;
  std::atomic<std::size_t> handled_{0};
  net::CallbackTimer handled_timer_;
  net::CallbackTimer forget_timer_;
};

}  // namespace missive::message

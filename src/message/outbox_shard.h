// The part of the outbox that one shard has: the lanes of the recipients that hash to it.
//
// accept() is called on the shard whose client hands a message in; it checks the destination
// there and takes the message to the shard of its recipient. There it is written down with what
// else came in that turn, and sent when that is committed. Changes of rows are written some
// moments later, with the next messages if there are any: a crash in between sends a message
// twice, never not at all.
//
// On the shard's thread, but for what says otherwise. Outbox, store and technologies outlive it.
#pragma once

#include <atomic>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/text.h"
#include "message/lane.h"
#include "message/outbox.h"
#include "message/retry_schedule.h"
#include "message/sender.h"
#include "net/shard.h"
#include "store/outbox_store.h"

namespace missive::message {

class OutboxShard final : private net::TurnEnd {
 public:
  // `sender` knows the technologies.
  OutboxShard(net::Shard& shard, Outbox& outbox, const Sender& sender);
  ~OutboxShard() override;

  void accept(Technology& technology, std::shared_ptr<const Message> message,
              HandedOver handed_over, Watcher watcher);

  // Something waits for this recipient since before the start; before the shard runs.
  void restore(const store::OutboxRecipient& recipient);
  // Any thread: all of it is done on the shard.
  void wake(std::string recipient, std::string contact);
  void wake_all(std::string prefix);  // those whose name begins so
  void abandon(std::string recipient, std::string contact);
  void retry(std::string recipient, net::Shard& asker, Outbox::Count answer);  // empty: all
  void cancel(store::OutboxRow row, net::Shard& asker, Outbox::Count answer);
  void expire(std::vector<store::OutboxRow> rows);

  // No waiting message is tried any more; any thread.
  void stop_flushing() { stopping_ = true; }
  // Messages whose sender has no answer yet, or whose attempt is under way. Any thread.
  std::size_t under_way() const { return under_way_.load(std::memory_order_relaxed); }
  // Gives the store what it has not been given yet; also when the shard does not run any more.
  void save();
  net::Shard& shard() { return shard_; }

 private:
  friend struct Lane;
  using Lanes = std::unordered_map<std::string, Lane, base::StringHash, std::equal_to<>>;
  struct Arrival {  // on its way to the shard of its recipient
    std::string recipient;
    std::shared_ptr<const Message> message;
    HandedOver handed_over;
    Watcher watcher;
    bool may_wait = true;
    std::chrono::seconds expiry{0};
    std::optional<std::string> unreachable;  // why nothing can be sent now
  };
  struct Leaving {  // a contact that was removed with something on its way to it
    base::TimePoint due{};
    std::string recipient, contact;
  };
  struct Pending {  // waits for the commit of its row
    Lane* lane;
    ParcelPointer parcel;
  };

  // outbox_shard.cc: into the store
  void take(Arrival arrival);
  void write(Lane& lane, ParcelPointer parcel);
  void change(const Parcel& parcel, store::OutboxChange change);
  void on_turn_end() override;
  void post_batch();
  void on_applied(std::vector<Pending> pending, store::OutboxBatch batch,
                  base::Result<std::vector<store::OutboxInserted>> result);
  void on_stored(Lane& lane, ParcelPointer parcel);
  void on_known(Lane& lane, ParcelPointer parcel, const store::OutboxRow& row);
  void on_not_stored(Lane& lane, ParcelPointer parcel, const base::Error& error);

  // outbox_attempts.cc: out to the technology
  void go_on(Lane& lane);
  bool may_start(const Lane& lane) const;
  void answer_those_behind(Lane::Work& work);
  bool has_others_before(const Lane& lane, const Parcel& parcel) const;
  void start_next(Lane& lane);
  void on_handed_over(Lane& lane, Parcel& parcel, const Acceptance& acceptance);
  void on_finished(Lane& lane, Parcel& parcel, const Attempted& attempted);
  void on_refused(Lane& lane, Parcel& parcel, const Refusal& refusal);
  void on_passing_failure(Lane& lane, ParcelPointer parcel, const Attempted& attempted);
  void put_aside(Lane& lane, ParcelPointer parcel);
  void hold(Lane& lane, std::chrono::seconds at_least);
  void finish(Lane& lane, ParcelPointer parcel, const Status& status);
  void forget(Lane& lane, ParcelPointer parcel);

  // outbox_flush.cc: what waits
  void on_due(Lane& lane);
  void flush(Lane& lane);
  void go_on_flushing(Lane& lane, Lane::Work& work);
  void pace(Lane::Work& work) const;
  void end_flush(Lane& lane, Lane::Mode mode);
  Technology* technology_of(const Lane& lane) const;
  bool is_unreachable(const Lane& lane) const;
  void read_more(Lane& lane);
  void on_rows(const std::string& recipient, std::uint32_t round,
               base::Result<std::vector<store::OutboxRow>> rows);
  void take_rows(Lane& lane, const std::vector<store::OutboxRow>& rows);
  ParcelPointer parcel_of(const store::OutboxRow& row);
  bool settle_row(const store::OutboxRow& row, const Status& status);
  bool wake_lane(Lane& lane, std::string contact);
  void on_left();
  Lane* lane_of(std::string_view recipient);
  const Lane* lane_under_way(std::string_view recipient);
  Lane& make_lane(std::string_view recipient);
  Lane::Work& work_of(Lane& lane);
  void put_away(std::unique_ptr<Lane::Work> work);
  void drop_if_empty(Lane& lane);

  void answer(Parcel& parcel, Acceptance acceptance);
  void report(std::int64_t sequence, const std::shared_ptr<const Message>& message,
              const Status& status);
  void count_in(Parcel& parcel);
  void count_out(Parcel& parcel);
  void begin_waiting(Lane& lane);
  void stop_waiting(Lane& lane);

  net::Shard& shard_;
  Outbox& outbox_;
  const Sender& sender_;
  const RetrySchedule schedule_;
  Lanes lanes_;
  // For the next: most recipients have one message at a time.
  std::vector<Lanes::node_type> spare_lanes_;
  std::vector<std::unique_ptr<Lane::Work>> spare_work_;
  std::deque<std::string> due_;  // lanes whose turn to flush comes when others have ended
  std::size_t flushing_ = 0;
  std::deque<Leaving> leaving_;  // the one that is due first in front
  net::CallbackTimer leaving_timer_{[this] { on_left(); }};
  std::unordered_multimap<std::int64_t, Watcher> watchers_;
  // Rows that are final here and perhaps not in the store yet.
  std::unordered_set<std::int64_t> ending_;

  store::OutboxBatch batch_;
  std::vector<Pending> pending_;  // of batch_.inserts
  net::CallbackTimer changes_timer_;
  bool failing_ = false;  // the store: the last batch was not written
  std::atomic<std::size_t> under_way_{0};
  std::atomic<bool> stopping_{false};
};

}  // namespace missive::message

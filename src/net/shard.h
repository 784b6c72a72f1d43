// One thread, one event loop, and everything that lives on it.
//
// A shard owns its sockets, connections, transactions and sessions; nothing of it is
// touched from another thread except through post(). Work is done in turns: the loop
// waits, runs all handlers that are ready, fires due timers, and then calls every
// registered TurnEnd once, which is where packets and replies that were gathered
// during the turn leave in one system call each.
//
// now() is read once a turn; intervals shorter than a turn do not exist. Tests drive a
// shard without a thread: run_once() with a ManualClock.
//
// Our own sockets wait in poller(), one system call a turn. Asio's io_context is there
// for what is built on Asio (signals, TLS, HTTP): it is made when loop() is first asked
// for, and from then on the shard waits in it, the poller being one of its descriptors.
#pragma once

#include <atomic>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "net/mailbox.h"
#include "net/poller.h"
#include "net/timer_wheel.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace missive::net {

// Called at the end of a turn after having been scheduled in it.
class TurnEnd {
 public:
  virtual ~TurnEnd() = default;
  virtual void on_turn_end() = 0;

 private:
  friend class Shard;
  bool scheduled_ = false;
};

class Shard {
 public:
  Shard(unsigned index, const base::Clock& clock);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  unsigned index() const { return index_; }
  // On the shard's thread, or before run().
  boost::asio::io_context& loop();
  Poller& poller() { return poller_; }
  TimerWheel& timers() { return timers_; }
  base::RandomSource& random() { return random_; }
  const base::Clock& clock() const { return clock_; }
  // Handlers of loop() run while the shard waits: the time of the turn is not known yet.
  base::TimePoint now() const { return in_loop_ ? clock_.now() : now_; }
  void arm(Timer& timer, base::Duration after) { timers_.arm(timer, now() + after); }

  // From any thread. Tasks run on the shard in the order they were posted.
  void post(Task task) { mailbox_.push(std::move(task)); }

  // What is to be flushed at the end of this turn, each once, first senders (`early`: packets)
  // and then what depends on their result (streams with replies). forget() before destruction.
  void at_turn_end(TurnEnd& what, bool early = false);
  void forget(TurnEnd& what);

  // Owns what finishes by itself after its owner has left it; release() hands it back.
  void keep(std::shared_ptr<TurnEnd> what);
  std::shared_ptr<TurnEnd> release(TurnEnd& what);

  // Runs turns until stop() (from any thread).
  void run();
  void stop();

  // One turn without waiting, for tests; returns whether anything was done.
  bool run_once();

 private:
  struct Loop;  // the io_context and its wait for the poller
  struct Mail final : Watched {
    explicit Mail(Mailbox& mailbox) : box(mailbox) {}
    void on_ready(std::uint32_t) override { box.drain(); }
    Mailbox& box;
  };

  bool turn(int milliseconds);
  int wait(int milliseconds);
  std::size_t visit_loop(int milliseconds);
  int may_sleep() const;
  bool flush_all();
  bool flush(std::vector<TurnEnd*>& list);

  const unsigned index_;
  const base::Clock& clock_;
  base::TimePoint now_;
  std::unique_ptr<Loop> loop_;
  Poller poller_;
  TimerWheel timers_;
  base::RandomSource random_;
  Mailbox mailbox_;
  Mail mail_{mailbox_};
  std::unordered_map<TurnEnd*, std::shared_ptr<TurnEnd>> kept_;
  std::vector<TurnEnd*> early_;
  std::vector<TurnEnd*> late_;
  std::vector<TurnEnd*> flushing_;
  unsigned turns_without_loop_ = 0;
  bool in_loop_ = false;
  std::atomic<bool> stopping_{false};
};

}  // namespace missive::net

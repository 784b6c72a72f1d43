#include "net/shard.h"

#include <algorithm>
#include <boost/asio/detail/concurrency_hint.hpp>  // the documented macros are nowhere else
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <utility>

namespace missive::net {
namespace {

constexpr unsigned max_loop_handlers = 256;  // of Asio's in one turn
constexpr unsigned max_turns_without_loop = 16;
constexpr unsigned max_flush_rounds = 64;  // then the next turn goes on
constexpr std::chrono::milliseconds longest_sleep = std::chrono::minutes{10};

}  // namespace

struct Shard::Loop {
  explicit Loop(int poller_fd)
      : work(boost::asio::make_work_guard(context)), poller(context, poller_fd) {}
  ~Loop() { poller.release(); }  // the Poller closes it

  void watch() {
    if (std::exchange(watching, true)) return;
    poller.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [this](const boost::system::error_code&) { watching = false; });
  }

  // One thread only: no locks. Other threads wake the shard through the mailbox.
  boost::asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
  boost::asio::posix::stream_descriptor poller;
  bool watching = false;
};

Shard::Shard(unsigned index, const base::Clock& clock)
    : index_(index), clock_(clock), now_(clock.now()), timers_(now_) {
  poller_.watch(mail_, mailbox_.wake_fd(), EPOLLIN);
}

Shard::~Shard() {
  // What tasks, lingering streams and Asio's handlers hold may still use this shard.
  while (mailbox_.clear()) {
  }
  while (!kept_.empty()) kept_.extract(kept_.begin());
  loop_.reset();
}

boost::asio::io_context& Shard::loop() {
  if (!loop_) loop_ = std::make_unique<Loop>(poller_.fd());
  return loop_->context;
}

void Shard::at_turn_end(TurnEnd& what, bool early) {
  if (std::exchange(what.scheduled_, true)) return;
  (early ? early_ : late_).push_back(&what);
}

void Shard::forget(TurnEnd& what) {
  if (!std::exchange(what.scheduled_, false)) return;
  for (auto* list : {&early_, &late_, &flushing_}) {
    std::replace(list->begin(), list->end(), &what, static_cast<TurnEnd*>(nullptr));
  }
}

void Shard::keep(std::shared_ptr<TurnEnd> what) {
  auto* const key = what.get();
  kept_.emplace(key, std::move(what));
}

std::shared_ptr<TurnEnd> Shard::release(TurnEnd& what) {
  auto node = kept_.extract(&what);
  return node ? std::move(node.mapped()) : nullptr;
}

void Shard::run() {
  while (!stopping_.load(std::memory_order_acquire)) turn(may_sleep());
}

void Shard::stop() {
  stopping_.store(true, std::memory_order_release);
  mailbox_.push({});
}

bool Shard::run_once() { return turn(0); }

bool Shard::turn(int milliseconds) {
  const int ready = wait(milliseconds);
  now_ = clock_.now();
  poller_.dispatch();
  const auto fired = timers_.advance(now_);
  const bool flushed = flush_all();
  return ready > 0 || fired > 0 || flushed;
}

// Until something is ready; how much is.
int Shard::wait(int milliseconds) {
  if (!loop_) return poller_.wait(milliseconds);
  // Under load the poller always has something; Asio is then asked every few turns only.
  if (milliseconds != 0 && ++turns_without_loop_ < max_turns_without_loop) {
    if (const int ready = poller_.wait(0); ready > 0) return ready;
  }
  turns_without_loop_ = 0;
  const auto handled = visit_loop(milliseconds);
  return poller_.wait(0) + static_cast<int>(handled);
}

// Runs Asio's handlers, waiting for the first; how many were not the poller's.
std::size_t Shard::visit_loop(int milliseconds) {
  auto& context = loop_->context;
  in_loop_ = true;
  loop_->watch();
  std::size_t handled = milliseconds < 0 ? context.run_one()
                        : milliseconds == 0
                            ? context.poll_one()
                            : context.run_one_for(std::chrono::milliseconds{milliseconds});
  // The poller's turn ends the visit: the rest is queued and comes with the next one.
  for (auto last = handled; last > 0 && loop_->watching && handled < max_loop_handlers;) {
    last = context.poll_one();
    handled += last;
  }
  in_loop_ = false;
  return loop_->watching ? handled : handled - 1;
}

// In milliseconds, rounded up; -1 when nothing but a descriptor can wake us.
int Shard::may_sleep() const {
  if (!early_.empty() || !late_.empty()) return 0;
  const auto wake = timers_.next_wake();
  if (!wake) return -1;
  const auto now = clock_.now();
  if (*wake <= now) return 0;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*wake - now);
  return static_cast<int>(std::min(left, longest_sleep).count());
}

// Packets first: what becomes of them decides what streams have to say.
bool Shard::flush_all() {
  bool any = false;
  for (unsigned round = 0; round < max_flush_rounds; ++round) {
    const bool early = flush(early_);
    const bool late = flush(late_);
    if (!early && !late) break;
    any = true;
  }
  return any;
}

bool Shard::flush(std::vector<TurnEnd*>& list) {
  bool any = false;
  flushing_.swap(list);
  for (std::size_t i = 0; i < flushing_.size(); ++i) {
    auto* const what = flushing_[i];
    if (what == nullptr) continue;  // forgotten
    any = true;
    what->scheduled_ = false;
    what->on_turn_end();
  }
  flushing_.clear();
  return any;
}

}  // namespace missive::net

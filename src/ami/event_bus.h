// From whoever makes an event, on any thread, to the sessions of every shard.
//
// Each shard has one outlet, added before the shards start, which takes a shared event over
// to that shard's thread, and says which classes anybody on the shard listens to. An event
// nobody listens to costs one atomic read. Events of one publisher arrive in order.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ami/event.h"
#include "base/clock.h"

namespace missive::ami {

class EventBus {
 public:
  using Outlet = std::function<void(EventPointer)>;

  explicit EventBus(const base::Clock& clock) : clock_(clock) {}

  // Returns the outlet's number.
  std::size_t add_outlet(Outlet outlet);
  // What the sessions behind the outlet listen to, from now on.
  void set_wanted(std::size_t outlet, Class classes);
  // systemname of asterisk.conf, told by every event unless it is empty. Before there are threads.
  void set_system_name(std::string name) { system_name_ = std::move(name); }
  const std::string& system_name() const { return system_name_; }
  // timestampevents of manager.conf.
  void set_timestamps(bool on) { timestamps_ = on; }

  bool wanted(Class classes) const {
    return holds(Class{wanted_.load(std::memory_order_relaxed)}, classes);
  }

  // `fill` adds the event's own headers to an EventText; it is not called in vain.
  template <class Fill>
  void publish(Class classes, std::string_view name, Fill&& fill) {
    if (wanted(classes)) send_out(make(classes, name, std::forward<Fill>(fill)));
  }

  // An event for one session alone.
  template <class Fill>
  EventPointer make(Class classes, std::string_view name, Fill&& fill) const {
    auto event = std::make_shared<Event>(Event{classes, std::string(name), {}});
    EventText text(event->text, classes, name, system_name_,
                   timestamps_ ? epoch_text(clock_.wall()) : "");
    fill(text);
    end_packet(event->text);
    return event;
  }

 private:
  struct Place {
    Outlet outlet;
    std::atomic<std::uint32_t> wanted{0};
  };

  void send_out(const EventPointer& event) const;

  const base::Clock& clock_;
  std::vector<std::unique_ptr<Place>> places_;
  std::mutex mutex_;  // for changes of wanted_
  std::atomic<std::uint32_t> wanted_{0};
  std::atomic<bool> timestamps_{false};
  std::string system_name_;
};

}  // namespace missive::ami

#include "ami/event_bus.h"

namespace missive::ami {

std::size_t EventBus::add_outlet(Outlet outlet) {
  places_.push_back(std::make_unique<Place>());
  places_.back()->outlet = std::move(outlet);
  return places_.size() - 1;
}

void EventBus::set_wanted(std::size_t outlet, Class classes) {
  const std::lock_guard lock(mutex_);
  places_[outlet]->wanted = bits(classes);
  std::uint32_t all = 0;
  for (const auto& place : places_) all |= place->wanted;
  wanted_ = all;
}

void EventBus::send_out(const EventPointer& event) const {
  for (const auto& place : places_) {
    if (holds(Class{place->wanted.load(std::memory_order_relaxed)}, event->classes)) {
      place->outlet(event);
    }
  }
}

}  // namespace missive::ami

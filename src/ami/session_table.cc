#include "ami/session_table.h"

#include "ami/session.h"

namespace missive::ami {

SessionTable::Handle SessionTable::add(Session& session) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(places_.size()));
    places_.push_back({});
  }
  const auto place = free_.back();
  free_.pop_back();
  places_[place].session = &session;
  return {place, places_[place].generation};
}

void SessionTable::remove(Handle handle) {
  auto& place = places_[handle.place];
  place.session = nullptr;
  ++place.generation;
  free_.push_back(handle.place);
}

Session* SessionTable::find(Handle handle) const {
  const auto& place = places_[handle.place];
  return place.generation == handle.generation ? place.session : nullptr;
}

void SessionTable::deliver(const EventPointer& event) {
  each([&event](Session& session) { session.deliver(event); });
}

void SessionTable::listens(Class before, Class now) {
  Class wanted = Class::none;
  for (unsigned i = 0; i < listeners_.size(); ++i) {
    const Class bit{1u << i};
    if (any(before & bit)) --listeners_[i];
    if (any(now & bit)) ++listeners_[i];
    if (listeners_[i] > 0) wanted = wanted | bit;
  }
  if (wanted == wanted_) return;
  wanted_ = wanted;
  events_.set_wanted(outlet_, wanted);
}

}  // namespace missive::ami

#include "sip/postponed_requests.h"

namespace missive::sip {

PostponedRequests::Record& PostponedRequests::claim(Key key, PostponedRequest& handle) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  handle.slot = free_.back();
  free_.pop_back();
  auto& slot = slots_[handle.slot];
  slot.used = true;
  handle.generation = slot.generation;
  slot.record.key = key;
  keys_.insert(key);
  return slot.record;
}

PostponedRequests::Record* PostponedRequests::find(PostponedRequest handle) {
  if (handle.slot >= slots_.size()) return nullptr;
  auto& slot = slots_[handle.slot];
  return slot.used && slot.generation == handle.generation ? &slot.record : nullptr;
}

void PostponedRequests::release(PostponedRequest handle) {
  auto* record = find(handle);
  if (record == nullptr) return;
  keys_.erase(record->key);
  auto& slot = slots_[handle.slot];
  slot.used = false;
  ++slot.generation;
  record->repeated.clear();
  if (handle.slot >= kept_buffers || record->repeated.capacity() > kept_octets) {
    std::string().swap(record->repeated);
  }
  free_.push_back(handle.slot);
}

void PostponedRequests::on_connection_lost(const Transport& transport, const net::Address& peer) {
  if (keys_.empty()) return;
  for (auto& [record, generation, used] : slots_) {
    if (used && record.transport == &transport && record.to == peer) record.transport = nullptr;
  }
}

}  // namespace missive::sip

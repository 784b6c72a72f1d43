// The open transports of one shard, by the name of their section.
//
// Owns them; on the shard's thread, but for add() before it runs.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "sip/transport.h"

namespace missive::sip {

class TransportSet {
 public:
  void add(std::unique_ptr<Transport> transport) { transports_.push_back(std::move(transport)); }
  // nullptr when it is not open.
  Transport* find(std::string_view id) const {
    for (const auto& transport : transports_) {
      if (transport->id() == id) return transport.get();
    }
    return nullptr;
  }
  const std::vector<std::unique_ptr<Transport>>& all() const { return transports_; }

 private:
  std::vector<std::unique_ptr<Transport>> transports_;
};

}  // namespace missive::sip

// Runs commands for whoever asks, on a thread of their own, so that no command ever holds up
// traffic.
//
// The thread is that of the Shard given, which carries nothing else. Any thread may ask; it is
// answered on its own. The Shards outlive the Service, and run() is not called after they have
// stopped.
#pragma once

#include <string>

#include "console/registry.h"
#include "net/shard.h"

namespace missive::console {

class Service {
 public:
  explicit Service(net::Shard& shard) : shard_(shard) {}

  Registry& registry() { return registry_; }
  net::Shard& shard() { return shard_; }

  void run(std::string line, net::Shard& asker, Answer answer);

 private:
  Registry registry_;
  net::Shard& shard_;
};

}  // namespace missive::console

// From the prefix of a destination to the technology that serves it: the one road that
// AMI, dialplan and command line share.
//
// One Sender per shard, filled at start-up, used on the shard's thread. The technologies
// outlive it. Prefixes are matched with case, as Asterisk does ("PJSIP:" is no technology).
#pragma once

#include <vector>

#include "message/technology.h"

namespace missive::message {

class Sender {
 public:
  void add(Technology& technology) { technologies_.push_back(&technology); }
  // Refuses with no_technology, or passes on; see Technology::send().
  void send(std::shared_ptr<const Message> message, HandedOver handed_over);

 private:
  std::vector<Technology*> technologies_;
};

}  // namespace missive::message

// What is known of devices, people and mailboxes beside the messages: one of each a server.
#pragma once

#include "states/device_states.h"
#include "states/mailboxes.h"
#include "states/presence_states.h"

namespace missive::states {

struct States {
  // The database outlives it.
  explicit States(store::AstDb& database)
      : devices(database), presences(database), mailboxes(database) {}

  DeviceStates devices;
  PresenceStates presences;
  Mailboxes mailboxes;
};

}  // namespace missive::states

// The console's commands on AMI itself: manager show commands|command|users|user|connected|events|
// eventq.
//
// Secrets are never shown. Layouts are those of Asterisk 20.
#pragma once

#include "ami/server.h"
#include "console/service.h"

namespace missive::ami {

// Before the shards run; the server outlives the service.
void add_manager_commands(console::Service& service, Server& server);

}  // namespace missive::ami

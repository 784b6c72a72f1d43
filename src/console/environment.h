// What the commands work on. Everything outlives them; they are run on the thread of `shard`.
#pragma once

#include <string>

#include "base/clock.h"
#include "console/host.h"
#include "console/sip_trace.h"
#include "dialplan/environment.h"
#include "dialplan/in_force.h"
#include "message/outbox.h"
#include "net/shard.h"
#include "pjsip/operations.h"
#include "store/ast_db.h"
#include "xmpp/operations.h"

namespace missive::console {

struct Environment {
  const base::Clock& clock;
  net::Shard& shard;
  Host& host;
  store::AstDb& database;
  SipTrace& trace;
  std::string version;  // that of Asterisk we say we are like
  dialplan::Shared& dialplan;
  dialplan::InForce& in_force;
  message::Outbox* outbox = nullptr;      // nullptr: durability = off
  pjsip::Operations* pjsip = nullptr;     // never, where there is a server
  pjsip::Operations* chan_sip = nullptr;  // nullptr: there is no sip.conf
  xmpp::Operations* xmpp = nullptr;       // nullptr: there is no XMPP
};

}  // namespace missive::console

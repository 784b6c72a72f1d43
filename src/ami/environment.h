// What sessions share: with all others, and with those of their shard.
//
// Both live as long as the server. Shared may be used by any thread, Environment by its
// shard's thread only.
#pragma once

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>

#include "ami/admission.h"
#include "ami/configuration.h"
#include "ami/event_bus.h"
#include "ami/login_register.h"
#include "ami/session_table.h"
#include "ami/variables.h"
#include "base/clock.h"
#include "base/random.h"
#include "conf/missive_conf.h"
#include "console/host.h"
#include "console/service.h"
#include "dialplan/environment.h"
#include "dialplan/in_force.h"
#include "message/outbox.h"
#include "message/sender.h"
#include "net/shard.h"
#include "pjsip/operations.h"
#include "xmpp/operations.h"

namespace missive::states {
struct States;
}
namespace missive::dialplan {
class Hints;
}

namespace missive::ami {

struct Shared {
  Shared(const base::Clock& the_clock, conf::MissiveConf::Ami the_limits)
      : clock(the_clock),
        limits(std::move(the_limits)),
        events(the_clock),
        started(the_clock.wall()),
        reloaded(started) {}

  const base::Clock& clock;
  const conf::MissiveConf::Ami limits;
  EventBus events;
  LoginRegister logins;
  Gatekeeper gatekeeper;
  const base::WallTime started;
  std::atomic<base::WallTime> reloaded;
  // Set before there are sessions; nullptr: there is no such technology. They outlive it.
  pjsip::Operations* pjsip = nullptr;
  pjsip::Operations* chan_sip = nullptr;
  xmpp::Operations* xmpp = nullptr;
  console::Service* console = nullptr;  // what runs the action Command
  console::Host* host = nullptr;
  // Set as well; nullptr: there is no dialplan (tests).
  dialplan::Shared* dialplan = nullptr;
  dialplan::InForce* in_force = nullptr;
  std::filesystem::path folder;      // of the configuration files
  std::mutex editing;                // whoever changes one of them
  states::States* states = nullptr;  // nullptr: none are kept
  dialplan::Hints* hints = nullptr;
};

struct Environment {
  Environment(Shared& with_all, std::size_t outlet, net::Shard& its_shard,
              message::Sender& shard_sender, message::Outbox* the_outbox,
              std::shared_ptr<const Configuration> current)
      : shared(with_all),
        shard(its_shard),
        random(its_shard.random()),
        sender(shard_sender),
        outbox(the_outbox),
        sessions(with_all.events, outlet),
        configuration(std::move(current)) {}

  Gatekeeper::Limits admission_limits() const {
    const auto& limits = shared.limits;
    const std::size_t unauthenticated = configuration->auth_limit;
    return {limits.max_sessions, unauthenticated, limits.max_per_address,
            std::min(unauthenticated, limits.max_logins_per_address)};
  }

  Shared& shared;
  net::Shard& shard;
  base::RandomSource& random;
  message::Sender& sender;
  message::Outbox* outbox;                    // nullptr: nothing is kept (durability = off)
  dialplan::Environment* dialplan = nullptr;  // the shard's; nullptr: there is none (tests)
  SessionTable sessions;
  std::shared_ptr<const Configuration> configuration;
  VariableList variables;  // scratch memory of MessageSend
};

}  // namespace missive::ami

// What sessions share: with all others, and with those of their shard.
//
// Both live as long as the server. Shared may be used by any thread, Environment by its
// shard's thread only.
#pragma once

#include <atomic>
#include <memory>

#include "ami/admission.h"
#include "ami/configuration.h"
#include "ami/event_bus.h"
#include "ami/login_register.h"
#include "ami/session_table.h"
#include "ami/variables.h"
#include "base/clock.h"
#include "base/random.h"
#include "conf/missive_conf.h"
#include "message/outbox.h"
#include "message/sender.h"
#include "net/shard.h"
#include "pjsip/operations.h"

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

  Shared& shared;
  net::Shard& shard;
  base::RandomSource& random;
  message::Sender& sender;
  message::Outbox* outbox;  // nullptr: nothing is kept (durability = off)
  SessionTable sessions;
  std::shared_ptr<const Configuration> configuration;
  VariableList variables;  // scratch memory of MessageSend
};

}  // namespace missive::ami

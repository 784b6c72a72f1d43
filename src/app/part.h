// What a server is made of: what all shards share, and what each has of its own.
//
// CommonParts may be used by any thread; a Part by its shard's only. Both are built by Instance
// and wired together here; neither does anything by itself. What is SIP is in SipStack and SipSide.
#pragma once

#include <memory>

#include "app/settings.h"
#include "app/sip_stack.h"
#include "app/state.h"
#include "dialplan/hints.h"
#include "dialplan/in_force.h"
#include "dialplan/message_handler.h"
#include "message/inbox.h"
#include "message/intake.h"
#include "message/message_events.h"
#include "message/outbox.h"
#include "message/outbox_shard.h"
#include "message/sender.h"
#include "net/resolver.h"
#include "sip/server_locator.h"
#include "states/states.h"
#include "xmpp/technology.h"

namespace missive::app {

// Lets the AuthEvents of SIP be known before the AMI server that tells them.
class LateAuthEvents final : public pjsip::AuthEvents {
 public:
  void set(pjsip::AuthEvents& events) { events_ = &events; }
  void invalid_account(const pjsip::AuthSubject& subject) override {
    events_->invalid_account(subject);
  }
  void invalid_password(const pjsip::AuthSubject& subject, std::string_view nonce,
                        std::string_view response) override {
    events_->invalid_password(subject, nonce, response);
  }
  void challenge_sent(const pjsip::AuthSubject& subject, std::string_view nonce) override {
    events_->challenge_sent(subject, nonce);
  }
  void successful_auth(const pjsip::AuthSubject& subject) override {
    events_->successful_auth(subject);
  }
  void failed_acl(const pjsip::AuthSubject& subject, std::string_view acl) override {
    events_->failed_acl(subject, acl);
  }

 private:
  pjsip::NoAuthEvents nobody_;
  pjsip::AuthEvents* events_ = &nobody_;
};

struct CommonParts {
  CommonParts(const Settings& settings, const base::Clock& clock, const State& state);

  message::MessageEvents events;
  std::unique_ptr<message::Outbox> outbox;              // none: durability = off
  std::unique_ptr<message::ReceivedMessages> received;  // none but with durability = always
  LateAuthEvents auth_events;
  states::States states;
  dialplan::Shared dialplan;
  dialplan::InForce in_force;
  dialplan::Hints hints;
};

struct Part {
  Part(unsigned index, const Settings& settings, const base::Clock& clock, CommonParts& common,
       SipSide& pjsip_side, SipSide* chan_sip_side);

  net::Shard shard;
  message::Sender sender;
  std::unique_ptr<message::OutboxShard> outbox;  // none: durability = off
  dialplan::MessageHandler dialplan;
  message::Inbox inbox;
  message::Intake intake;
  net::Resolver resolver;
  sip::ServerLocator locator;
  std::unique_ptr<SipStack> pjsip;
  std::unique_ptr<SipStack> chan_sip;  // none: there is no sip.conf
  std::unique_ptr<xmpp::XmppTechnology> xmpp;
};

}  // namespace missive::app

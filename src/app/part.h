// What a server is made of: what all shards share, and what each has of its own.
//
// CommonParts may be used by any thread; a Part by its shard's only. Both are built by Instance
// and wired together here; neither does anything by itself.
#pragma once

#include <memory>

#include "app/settings.h"
#include "dialplan/message_handler.h"
#include "message/inbox.h"
#include "message/message_events.h"
#include "message/sender.h"
#include "pjsip/contact_keeper.h"
#include "pjsip/distributor.h"
#include "pjsip/flow_watch.h"
#include "pjsip/message_uac.h"
#include "pjsip/message_uas.h"
#include "pjsip/registrar.h"
#include "pjsip/request_refusals.h"
#include "pjsip/user_route.h"
#include "sip/tcp_transport.h"
#include "sip/udp_transport.h"

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
  CommonParts(const Settings& settings, const base::Clock& clock, store::AstDb& astdb)
      : nonces(clock), dialplan(clock, settings.missive.dialplan, astdb) {}

  message::MessageEvents events;
  pjsip::LocationService locations;
  pjsip::Nonces nonces;
  LateAuthEvents auth_events;
  dialplan::Shared dialplan;
};

struct Part {
  Part(unsigned index, const Settings& settings, const base::Clock& clock, CommonParts& common);

  // After a reload.
  void use(const Settings& settings);

  net::Shard shard;
  sip::TransactionLayer transactions;
  pjsip::TransportSet transports;
  pjsip::MessageUac uac;
  message::Sender sender;
  dialplan::MessageHandler dialplan;
  pjsip::UserRoute users;
  message::Inbox inbox;
  pjsip::FlowWatch flow_watch;
  pjsip::Registrar registrar;
  pjsip::MessageUas uas;
  pjsip::Distributor distributor;
  pjsip::RequestRefusals refusals;
  pjsip::ContactKeeper keeper;
};

}  // namespace missive::app

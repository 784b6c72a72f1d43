// One SIP technology on one shard: from its transports to its users.
//
// `pjsip:` and `sip:` each have one on every shard, made of the same parts, wired together here.
// On the shard's thread. SipSide holds what the stacks of one technology share.
#pragma once

#include <memory>

#include "app/settings.h"
#include "message/inbox.h"
#include "message/intake.h"
#include "message/message_events.h"
#include "message/outbox.h"
#include "message/sender.h"
#include "pjsip/auth_events.h"
#include "pjsip/contact_keeper.h"
#include "pjsip/distributor.h"
#include "pjsip/flow_watch.h"
#include "pjsip/message_uac.h"
#include "pjsip/message_uas.h"
#include "pjsip/notifier.h"
#include "pjsip/outbound_registrations.h"
#include "pjsip/receipt_intake.h"
#include "pjsip/registrar.h"
#include "pjsip/request_refusals.h"
#include "pjsip/user_route.h"
#include "sip/server_locator.h"
#include "sip/transport_set.h"

namespace missive::app {

class SipSide;

// What a stack finds on its shard.
struct SipPlace {
  net::Shard& shard;
  message::Sender& sender;
  message::Inbox& inbox;
  message::Intake& intake;
  net::Resolver& resolver;
  sip::ServerLocator& locator;
  const message::MessageEvents& events;
};

struct SipStack {
  SipStack(const Settings& settings, SipSide& side, const SipPlace& place);

  // After a reload.
  void use(const std::shared_ptr<const pjsip::Configuration>& configuration);
  void add_receipts(message::Outbox& outbox, bool pass_on);

  net::Shard& shard;
  sip::TransactionLayer transactions;
  sip::TransportSet transports;
  const pjsip::RequestAttempt::Means means;
  pjsip::MessageUac uac;
  pjsip::UserRoute users;
  pjsip::FlowWatch flow_watch;
  pjsip::Registrar registrar;
  std::unique_ptr<pjsip::ReceiptIntake> receipts;  // none: durability = off
  pjsip::MessageUas uas;
  pjsip::Distributor distributor;
  pjsip::RequestRefusals refusals;
  pjsip::ContactKeeper keeper;
  pjsip::OutboundRegistrations registrations;
  pjsip::Notifier notifier;
};

}  // namespace missive::app

// One OPTIONS to one contact, to see whether it answers (qualify).
//
// Any final response shows that it is reachable, only a 2xx with qualify_2xx_only; a challenge is
// answered where authenticate_qualify says so. No answer within qualify_timeout (0: within the
// transaction's time) means unreachable, and so does a send that fails or a host that is not
// found. `done` is called once, nothing where this server was too busy to ask; it may destroy the
// probe. Destroying the probe ends it without a call.
//
// On the shard's thread. Source: RFC 3261 section 11; Asterisk documentation, res_pjsip, "aor".
#pragma once

#include <memory>
#include <optional>

#include "base/unique_function.h"
#include "net/resolver.h"
#include "pjsip/configuration.h"
#include "pjsip/contact_hop.h"
#include "pjsip/location_service.h"
#include "pjsip/message_uac.h"
#include "pjsip/outbound_auth.h"
#include "sip/client_transaction.h"
#include "sip/transaction_layer.h"

namespace missive::pjsip {

class ContactProbe final : private sip::ClientUser, private net::Timer {
 public:
  // What it works with; all outlive it.
  struct Means {
    sip::TransactionLayer& transactions;
    const TransportSet& transports;
    net::Resolver& resolver;
  };
  using Done = base::UniqueFunction<void(const std::optional<ContactStatus>&)>;

  ContactProbe(const Means& means, std::shared_ptr<const Configuration> configuration,
               std::shared_ptr<const Contact> contact, Done done);

  void start();

 private:
  void send_to(const net::Address& to);
  void write(sip::Transport& transport, const net::Address& to);
  void start_transaction();
  bool answer_challenge(const sip::Packet& response);
  void finish(const std::optional<ContactStatus>& status);
  void unreachable(std::string_view why);

  void on_timer() override { unreachable("no answer within qualify_timeout"); }
  void on_request_sent() override {}
  void on_final_response(const sip::Packet& response) override;
  void on_timeout() override { unreachable("no answer"); }
  void on_send_error(const base::Error& error) override { unreachable(error.text); }

  const Means means_;
  const std::shared_ptr<const Configuration> configuration_;
  const std::shared_ptr<const Contact> contact_;
  const Endpoint& endpoint_;
  const Aor* const aor_;
  Done done_;
  ContactHop hop_;
  sip::OutgoingRequest request_;
  sip::ClientTransaction transaction_;
  sip::Transport* transport_ = nullptr;
  net::Address to_;
  base::TimePoint sent_{};
  std::optional<OutboundAuth> auth_;     // once challenged
  std::shared_ptr<ContactProbe*> self_;  // for a resolver that answers too late
};

}  // namespace missive::pjsip

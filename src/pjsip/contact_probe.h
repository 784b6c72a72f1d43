// One OPTIONS to one contact, to see whether it answers (qualify).
//
// Any final response of any of its servers shows that it is reachable, only a 2xx with
// qualify_2xx_only; a challenge is answered where authenticate_qualify says so. No answer within
// qualify_timeout (0: within the transaction's time) means unreachable, and so does a send that
// fails or a host that is not found. `done` is called once, nothing where this server was too busy
// to ask; it may destroy the probe. Destroying the probe ends it without a call.
//
// On the shard's thread. Source: RFC 3261 section 11; Asterisk documentation, res_pjsip, "aor".
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/unique_function.h"
#include "pjsip/configuration.h"
#include "pjsip/location_service.h"
#include "pjsip/request_attempt.h"

namespace missive::pjsip {

class ContactProbe final : private RequestAttempt::User {
 public:
  using Means = RequestAttempt::Means;
  using Done = base::UniqueFunction<void(const std::optional<ContactStatus>&)>;

  ContactProbe(const Means& means, std::shared_ptr<const Configuration> configuration,
               std::shared_ptr<const Contact> contact, Done done);

  void start();

 private:
  void finish(const std::optional<ContactStatus>& status);
  void reachable();
  void unreachable(std::string_view why);

  base::Result<void> write(sip::Transport& transport, const net::Address& to,
                           const RequestIdentity& identity, sip::OutgoingRequest& out) override;
  void on_final_response(const sip::Packet& response) override;
  void on_failure(const RequestAttempt::Failure& failure) override;

  net::Shard& shard_;
  const std::shared_ptr<const Configuration> configuration_;
  const std::shared_ptr<const Contact> contact_;
  const Endpoint& endpoint_;
  const Aor* const aor_;
  const std::string who_;  // for whom challenges are answered
  Done done_;
  std::string route_;
  RequestAttempt attempt_;
};

}  // namespace missive::pjsip

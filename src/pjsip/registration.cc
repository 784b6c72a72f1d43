#include "pjsip/registration.h"

#include "conf/binder.h"
#include "pjsip/option_types.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;

conf::Binder<Registration> make_binder() {
  conf::Binder<Registration> binder("registration");
  binder.custom("server_uri", sip_uri(&Registration::server_uri))
      .custom("client_uri", sip_uri(&Registration::client_uri))
      .text("contact_user", &Registration::contact_user)
      .text("contact_header_params", &Registration::contact_header_params)
      .list("outbound_auth", &Registration::outbound_auth)
      .custom("outbound_proxy", sip_uri(&Registration::outbound_proxy))
      .text("transport", &Registration::transport)
      .text("endpoint", &Registration::endpoint)
      .text("user_agent", &Registration::user_agent)
      .number("expiration", &Registration::expiration, 1s, 4'294'967'295s)
      .number("max_retries", &Registration::max_retries, 0, 4'294'967'295)
      .number("retry_interval", &Registration::retry_interval, 0s, 86'400s)
      .number("forbidden_retry_interval", &Registration::forbidden_retry_interval, 0s, 86'400s)
      .number("fatal_retry_interval", &Registration::fatal_retry_interval, 0s, 86'400s)
      .number("max_random_initial_delay", &Registration::max_random_initial_delay, 0s, 86'400s)
      .boolean("auth_rejection_permanent", &Registration::auth_rejection_permanent)
      .boolean("line", &Registration::line)
      .boolean("support_path", &Registration::support_path)
      .boolean("support_outbound", &Registration::support_outbound)
      .ignored({"type", "security_negotiation", "security_mechanisms"});
  return binder;
}

}  // namespace

void read_registration(const conf::Section& section, Registration& registration,
                       conf::Problems& problems) {
  static const auto binder = make_binder();
  registration.name = section.name;
  registration.where = section.where;
  binder.bind(section, registration, problems);
}

}  // namespace missive::pjsip

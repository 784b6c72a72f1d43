#include "pjsip/registration.h"

#include <tuple>

#include "base/text.h"
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

// An error of its own would follow from one that is told already.
void check(const conf::Section& section, const Registration& registration, bool sound,
           conf::Problems& problems) {
  using Severity = conf::Problem::Severity;
  const auto add = [&](Severity severity, std::string_view text) {
    problems.push_back({severity, section.where,
                        fmt::format("registration '{}' {}", base::printable(section.name), text)});
  };
  if (sound && registration.server_uri.empty()) {
    add(Severity::error, "has no server_uri; it says where to register: sip:registrar.example.com");
  }
  if (sound && registration.client_uri.empty()) {
    add(Severity::error, "has no client_uri; it says who registers: sip:me@example.com");
  }
  if (registration.line && registration.endpoint.empty()) {
    add(Severity::warning, "has line=yes and no endpoint that requests by it would be from");
  }
  if (!registration.line && !registration.endpoint.empty()) {
    add(Severity::warning, "has an endpoint that means nothing without line=yes");
  }
}

auto all_but_place(const Registration& r) {
  return std::tie(r.name, r.server_uri, r.client_uri, r.contact_user, r.contact_header_params,
                  r.outbound_auth, r.outbound_proxy, r.transport, r.endpoint, r.user_agent,
                  r.expiration, r.max_retries, r.retry_interval, r.forbidden_retry_interval,
                  r.fatal_retry_interval, r.max_random_initial_delay, r.auth_rejection_permanent,
                  r.line, r.support_path, r.support_outbound);
}

}  // namespace

bool same_registration(const Registration& a, const Registration& b) {
  return all_but_place(a) == all_but_place(b);
}

void read_registration(const conf::Section& section, Registration& registration,
                       conf::Problems& problems) {
  static const auto binder = make_binder();
  registration.name = section.name;
  registration.where = section.where;
  const auto before = problems.size();
  binder.bind(section, registration, problems);
  check(section, registration, problems.size() == before, problems);
}

}  // namespace missive::pjsip

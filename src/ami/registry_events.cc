#include "ami/registry_events.h"

#include "base/text.h"
#include "sip/uri.h"

namespace missive::ami {

using State = pjsip::RegistrationStatus::State;

namespace {

struct Names {
  std::string_view username, domain;
};

// chan_sip names the user and the registrar's host, chan_pjsip the whole URIs.
Names names_of(std::string_view technology, const pjsip::RegistrationStatus& status) {
  const auto client = sip::parse_uri(status.client_uri);
  const auto server = sip::parse_uri(status.server_uri);
  if (!base::iequals(technology, "SIP") || !client || !server) {
    return {status.client_uri, status.server_uri};
  }
  return {client->user, server->host};
}

}  // namespace

void RegistryEvents::on_registration(std::string_view technology,
                                     const pjsip::RegistrationStatus& status) {
  bus_.publish(Class::system, "Registry", [&](EventText& text) {
    const auto [username, domain] = names_of(technology, status);
    text.header("ChannelType", base::upper(technology))
        .header("Username", username)
        .header("Domain", domain)
        .header("Status", pjsip::name_of(status.state));
    if (status.state != State::registered && !status.reason.empty()) {
      text.header("Cause", status.reason);
    }
  });
}

}  // namespace missive::ami

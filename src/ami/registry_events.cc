#include "ami/registry_events.h"

#include <algorithm>

namespace missive::ami {

using State = pjsip::RegistrationStatus::State;

namespace {

// "pjsip" is the channel type PJSIP.
std::string channel_type(std::string_view technology) {
  std::string out(technology);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return out;
}

}  // namespace

std::string_view registry_status(State state) {
  switch (state) {
    case State::registered:
      return "Registered";
    case State::rejected:
      return "Rejected";
    case State::unregistered:
    case State::stopped:
      break;
  }
  return "Unregistered";
}

void RegistryEvents::on_registration(std::string_view technology,
                                     const pjsip::RegistrationStatus& status) {
  bus_.publish(Class::system, "Registry", [&](EventText& text) {
    text.header("ChannelType", channel_type(technology))
        .header("Username", status.client_uri)
        .header("Domain", status.server_uri)
        .header("Status", registry_status(status.state));
    if (status.state != State::registered && !status.reason.empty()) {
      text.header("Cause", status.reason);
    }
  });
}

}  // namespace missive::ami

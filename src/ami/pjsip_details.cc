#include "ami/pjsip_details.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "ami/wire.h"
#include "base/text.h"
#include "pjsip/endpoint_devices.h"
#include "pjsip/shown_options.h"

namespace missive::ami {
namespace {

using pjsip::KnownContact;

std::string joined(const std::vector<std::string>& list) {
  return fmt::format("{}", fmt::join(list, ","));
}

void append_object(std::string& out, std::string_view type, std::string_view name) {
  append_header(out, "ObjectType", type);
  append_header(out, "ObjectName", name);
}

template <class Object>
void append_options(std::string& out, const Object& object) {
  visit_options(object, [&out](std::string_view name, std::string_view value) {
    append_option(out, name, value);
  });
}

// "alice/sip:alice@192.0.2.1,alice/sip:alice@192.0.2.2"
std::string contacts_text(const std::vector<KnownContact>& contacts) {
  std::string text;
  for (const auto& [contact, status] : contacts) {
    if (!text.empty()) text += ',';
    text.append(contact->aor).append(1, '/').append(contact->uri);
  }
  return text;
}

void append_state(std::string& out, const pjsip::Endpoint& endpoint,
                  const pjsip::LocationService& locations) {
  append_header(out, "DeviceState", text_of(device_state_of(endpoint, locations)));
  append_header(out, "ActiveChannels", "");
}

// The option `contacts` is what the file says; shown is who is there.
void append_aor_options(std::string& out, const pjsip::Aor& aor,
                        const std::vector<KnownContact>& contacts) {
  append_object(out, "aor", aor.name);
  visit_options(aor, [&](std::string_view name, std::string_view value) {
    if (name == "contacts") return append_header(out, "Contacts", contacts_text(contacts));
    append_option(out, name, value);
  });
}

}  // namespace

void append_option(std::string& out, std::string_view name, std::string_view value) {
  bool first = true;
  for (const char c : name) {
    if (c != '_') out += first ? base::to_upper(c) : c;
    first = c == '_';
  }
  out += ": ";
  append_printable(out, value);
  out += "\r\n";
}

void append_endpoint_row(std::string& out, const pjsip::Endpoint& endpoint,
                         const pjsip::LocationService& locations) {
  append_object(out, "endpoint", endpoint.name);
  append_header(out, "Transport", endpoint.transport);
  append_header(out, "Aor", joined(endpoint.aors));
  append_header(out, "Auths", joined(endpoint.auth));
  append_header(out, "OutboundAuths", joined(endpoint.outbound_auth));
  if (!endpoint.aors.empty()) {
    std::string contacts;
    for (const auto& aor : endpoint.aors) {
      for (const auto& [contact, status] : locations.contacts(aor)) {
        contacts.append(aor).append(1, '/').append(contact->uri).append(1, ',');
      }
    }
    append_header(out, "Contacts", contacts);
  }
  append_state(out, endpoint, locations);
}

void append_endpoint(std::string& out, const pjsip::Endpoint& endpoint,
                     const pjsip::LocationService& locations) {
  append_object(out, "endpoint", endpoint.name);
  append_options(out, endpoint);
  append_state(out, endpoint, locations);
}

void append_aor(std::string& out, const pjsip::Aor& aor, const pjsip::LocationService& locations) {
  append_aor_options(out, aor, locations.contacts(aor.name));
}

void append_aor_and_totals(std::string& out, const pjsip::Aor& aor,
                           const pjsip::LocationService& locations) {
  const auto contacts = locations.contacts(aor.name);
  const auto registered =
      std::count_if(contacts.begin(), contacts.end(),
                    [](const KnownContact& known) { return !known.contact->permanent; });
  append_aor_options(out, aor, contacts);
  append_header(out, "TotalContacts", fmt::to_string(contacts.size()));
  append_header(out, "ContactsRegistered", fmt::to_string(registered));
}

void append_auth(std::string& out, const pjsip::Auth& auth) {
  append_object(out, "auth", auth.name);
  append_options(out, auth);
}

void append_transport(std::string& out, const pjsip::Transport& transport) {
  append_object(out, "transport", transport.name);
  append_options(out, transport);
}

void append_identify(std::string& out, const pjsip::Identify& identify) {
  append_object(out, "identify", identify.name);
  append_options(out, identify);
}

void append_contact(std::string& out, const pjsip::ShownContact& contact) {
  append_object(out, "contact", contact_id(*contact.known.contact));
  const bool registered = !contact.known.contact->permanent;
  visit_fields(contact, [&](std::string_view name, std::string_view value) {
    const bool of_register = name == "via_addr" || name == "via_port" || name == "call_id";
    if (registered || !of_register) append_option(out, name, value);
  });
}

void append_contact_status(std::string& out, const pjsip::ShownContact& shown,
                           std::string_view endpoint) {
  static const pjsip::Aor none;
  const auto& contact = *shown.known.contact;
  const auto& aor = shown.aor != nullptr ? *shown.aor : none;
  append_header(out, "AOR", contact.aor);
  append_header(out, "URI", contact.uri);
  append_header(out, "UserAgent", contact.user_agent);
  append_header(out, "RegExpire", fmt::to_string(expires_at(contact, shown.clock)));
  if (!contact.permanent) {
    append_header(out, "ViaAddress", contact.via_address);
    append_header(out, "CallID", contact.call_id);
  }
  append_header(out, "Status", status_label(shown.aor, shown.known.status));
  append_header(out, "RoundtripUsec", round_trip_text(shown.known.status));
  append_header(out, "EndpointName", endpoint);
  append_header(out, "ID", contact_id(contact));
  append_header(out, "AuthenticateQualify", aor.authenticate_qualify ? "1" : "0");
  append_header(out, "OutboundProxy", aor.outbound_proxy);
  append_header(out, "Path", joined(contact.path));
  append_header(out, "QualifyFrequency", fmt::to_string(aor.qualify_frequency.count()));
  append_header(out, "QualifyTimeout",
                fmt::format("{:.3f}", std::chrono::duration<double>(aor.qualify_timeout).count()));
}

}  // namespace missive::ami

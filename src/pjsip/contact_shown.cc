#include "pjsip/contact_shown.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/md5.h"
#include "base/text.h"
#include "pjsip/shown_values.h"

namespace missive::pjsip {
namespace {

using C = ShownContact;

struct Row {
  std::string_view field;
  std::string (*read)(const C&);
};

const Aor& aor_of(const C& c) {
  static const Aor none;
  return c.aor != nullptr ? *c.aor : none;
}

std::string via_address(const C& c) {
  const auto& via = c.known.contact->via_address;
  return via.substr(0, via.rfind(':'));
}

std::string via_port(const C& c) {
  const auto& via = c.known.contact->via_address;
  const auto colon = via.rfind(':');
  return colon == std::string::npos ? "" : via.substr(colon + 1);
}

constexpr auto rows = std::to_array<Row>({
    {"via_addr", via_address},
    {"via_port", via_port},
    {"qualify_timeout", [](const C& c) { return fractional_seconds(aor_of(c).qualify_timeout); }},
    {"call_id", [](const C& c) { return c.known.contact->call_id; }},
    {"reg_server", [](const C&) { return std::string(); }},
    {"prune_on_boot", [](const C& c) { return yes_no(c.known.contact->flow_only); }},
    {"path", [](const C& c) { return joined(c.known.contact->path); }},
    {"endpoint", [](const C& c) { return c.known.contact->endpoint; }},
    {"authenticate_qualify", [](const C& c) { return yes_no(aor_of(c).authenticate_qualify); }},
    {"uri", [](const C& c) { return c.known.contact->uri; }},
    {"qualify_frequency",
     [](const C& c) { return fmt::to_string(aor_of(c).qualify_frequency.count()); }},
    {"user_agent", [](const C& c) { return c.known.contact->user_agent; }},
    {"expiration_time",
     [](const C& c) { return fmt::to_string(expires_at(*c.known.contact, c.clock)); }},
    {"outbound_proxy", [](const C& c) { return aor_of(c).outbound_proxy; }},
    {"status", [](const C& c) { return std::string(status_label(c.aor, c.known.status)); }},
    {"roundtrip_usec", [](const C& c) { return round_trip_text(c.known.status); }},
    {"qualify_2xx_only", [](const C& c) { return yes_no(aor_of(c).qualify_2xx_only); }},
});

// PJSIP_CONTACT() has names of its own for these.
constexpr auto of_function = std::to_array<Row>({
    {"aor", [](const C& c) { return c.known.contact->aor; }},
    {"rtt", [](const C& c) { return fmt::to_string(c.known.status.round_trip.count()); }},
});

}  // namespace

std::string contact_id(const Contact& contact) {
  return fmt::format("{}{}@{}", contact.aor, contact.permanent ? '@' : ';',
                     base::md5_hex(contact.uri));
}

std::string_view status_label(const Aor* aor, const ContactStatus& status) {
  switch (status.reachability) {
    case Reachability::reachable:
      return "Reachable";
    case Reachability::unreachable:
      return "Unreachable";
    case Reachability::unknown:
      break;
  }
  return aor != nullptr && aor->qualify_frequency.count() > 0 ? "Unknown" : "NonQualified";
}

std::string round_trip_text(const ContactStatus& status) {
  if (status.reachability == Reachability::unknown) return "N/A";
  return fmt::to_string(status.round_trip.count());
}

std::time_t expires_at(const Contact& contact, const base::Clock& clock) {
  if (contact.permanent) return 0;
  const auto left = contact.expires - clock.now();
  return std::chrono::system_clock::to_time_t(
      clock.wall() + std::chrono::duration_cast<base::WallTime::duration>(left));
}

void visit_fields(const ShownContact& contact, const OptionVisitor& visit) {
  for (const auto& row : rows) visit(row.field, row.read(contact));
}

std::optional<std::string> shown_field(const ShownContact& contact, std::string_view field) {
  const auto is_it = [field](const Row& row) { return base::iequals(row.field, field); };
  if (const auto* row = std::find_if(rows.begin(), rows.end(), is_it); row != rows.end()) {
    return row->read(contact);
  }
  const auto* row = std::find_if(of_function.begin(), of_function.end(), is_it);
  if (row == of_function.end()) return std::nullopt;
  return row->read(contact);
}

}  // namespace missive::pjsip

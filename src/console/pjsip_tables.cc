#include "console/pjsip_tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pjsip/contact_shown.h"
#include "pjsip/endpoint_devices.h"
#include "pjsip/shown_options.h"
#include "sip/protocol.h"

namespace missive::console {
namespace {

using pjsip::Reachability;

// Where columns begin, at every depth.
constexpr std::size_t state_column = 65;
constexpr std::size_t channels_column = 79;
constexpr std::size_t hash_column = 59;

constexpr std::size_t title_width(unsigned depth) { return 9 + 2 * std::size_t{depth}; }

std::string title(unsigned depth, std::string_view name) {
  return fmt::format("{:>{}}:  ", name, title_width(depth));
}

void pad_to(std::string& line, std::size_t column) {
  if (line.size() < column) line.append(column - line.size(), ' ');
}

// `text` in what is left up to `column`, with `gap` blanks before that.
void fill(std::string& line, std::string_view text, std::size_t column, std::size_t gap) {
  const auto room = column - gap > line.size() ? column - gap - line.size() : 0;
  line += text.substr(0, room);
  pad_to(line, column);
}

// As `pjsip show contacts` shortens it.
std::string_view short_status(const pjsip::Aor* aor, const pjsip::ContactStatus& status) {
  if (status.reachability == Reachability::reachable) return "Avail";
  if (status.reachability == Reachability::unreachable) return "Unavail";
  return pjsip::status_label(aor, status) == "Unknown" ? "Unknown" : "NonQual";
}

std::string round_trip(const pjsip::ContactStatus& status) {
  if (status.reachability != Reachability::reachable) return "nan";
  return fmt::format("{:.3f}", static_cast<double>(status.round_trip.count()) / 1000);
}

std::string match_line(unsigned depth, std::string_view criterion) {
  return fmt::format("{:>{}}: {}\n", "Match", title_width(depth), criterion);
}

std::string network_text(const pjsip::Identify::Source& source) {
  return fmt::format("{}{}/{}{}", source.excluded ? "!" : "", source.network.base.ip(),
                     source.network.prefix,
                     source.port != 0 ? fmt::format(":{}", source.port) : "");
}

}  // namespace

const std::string_view endpoints_head =
    " Endpoint:  <Endpoint/CID.....................................>  <State.....>  <Channels.>\n"
    "    I/OAuth:  <AuthId/UserName...........................................................>\n"
    "        Aor:  <Aor............................................>  <MaxContact>\n"
    "      Contact:  <Aor/ContactUri..........................> <Hash....> <Status> <RTT(ms)..>\n"
    "  Transport:  <TransportId........>  <Type>  <cos>  <tos>  <BindAddress..................>\n"
    "   Identify:  <Identify/Endpoint.........................................................>\n"
    "        Match:  <criteria.........................>\n"
    "    Channel:  <ChannelId......................................>  <State.....>  <Time.....>\n"
    "        Exten: <DialedExten...........>  CLCID: <ConnectedLineCID.......>\n";
const std::string_view aors_head =
    "      Aor:  <Aor..............................................>  <MaxContact>\n"
    "    Contact:  <Aor/ContactUri............................> <Hash....> <Status> <RTT(ms)..>\n";
const std::string_view auths_head =
    "  I/OAuth:  <AuthId/UserName.............................................................>\n";
const std::string_view contacts_head =
    "  Contact:  <Aor/ContactUri..............................> <Hash....> <Status> <RTT(ms)..>\n";
const std::string_view identifies_head =
    " Identify:  <Identify/Endpoint...........................................................>\n"
    "      Match:  <criteria...........................>\n";
const std::string_view transports_head =
    "Transport:  <TransportId........>  <Type>  <cos>  <tos>  <BindAddress....................>\n";
const std::string_view registrations_head =
    " <Registration/ServerURI..............................>  <Auth....................>  "
    "<Status.......>\n";
const std::string_view rule =
    "==========================================================================================\n";

void write_endpoint(std::string& out, const PjsipView& view, const pjsip::Endpoint& endpoint) {
  auto line = title(0, "Endpoint");
  const auto& number = endpoint.callerid.number;
  fill(line, number.empty() ? endpoint.name : fmt::format("{}/{}", endpoint.name, number),
       state_column, 2);
  const auto state = pjsip::device_state_of(endpoint, view.locations);
  fill(line, states::text_of(state), channels_column, 2);
  out += line + "0 of inf\n";
  for (const auto* names : {&endpoint.auth, &endpoint.outbound_auth}) {
    for (const auto& name : *names) {
      const auto* auth = view.configuration.auth(name);
      if (auth == nullptr) continue;
      write_auth(out, 1, names == &endpoint.auth ? "InAuth" : "OutAuth", *auth);
    }
  }
  for (const auto* aor : endpoint.configured_aors) write_aor(out, 1, view, *aor);
  if (const auto* transport = view.configuration.transport(endpoint.transport)) {
    write_transport(out, 1, *transport);
  }
  for (const auto& identify : view.configuration.identifies()) {
    if (identify.endpoint == endpoint.name) write_identify(out, 1, identify);
  }
}

void write_aor(std::string& out, unsigned depth, const PjsipView& view, const pjsip::Aor& aor) {
  auto line = title(depth, "Aor");
  fill(line, aor.name, state_column, 2);
  out += fmt::format("{}{}\n", line, aor.max_contacts);
  for (const auto& known : view.locations.contacts(aor.name)) {
    write_contact(out, depth + 1, &aor, known);
  }
}

void write_auth(std::string& out, unsigned depth, std::string_view name, const pjsip::Auth& auth) {
  out += fmt::format("{}{}/{}\n", title(depth, name), auth.name, auth.username);
}

void write_contact(std::string& out, unsigned depth, const pjsip::Aor* aor,
                   const pjsip::KnownContact& known) {
  const auto& contact = *known.contact;
  auto line = title(depth, "Contact");
  fill(line, fmt::format("{}/{}", contact.aor, contact.uri), hash_column, 1);
  const auto id = pjsip::contact_id(contact);
  out += fmt::format("{}{:<10.10} {:<7.7} {:>11}\n", line,
                     std::string_view(id).substr(id.rfind('@') + 1),
                     short_status(aor, known.status), round_trip(known.status));
}

void write_identify(std::string& out, unsigned depth, const pjsip::Identify& identify) {
  out += fmt::format("{}{}/{}\n", title(depth, "Identify"), identify.name, identify.endpoint);
  for (const auto& source : identify.sources) out += match_line(depth + 1, network_text(source));
  for (const auto& host : identify.hosts) out += match_line(depth + 1, host.name);
  for (const auto* text : {&identify.match_header, &identify.match_request_uri}) {
    if (!text->empty()) out += match_line(depth + 1, *text);
  }
}

void write_transport(std::string& out, unsigned depth, const pjsip::Transport& transport) {
  std::string bind;
  pjsip::visit_options(transport, [&bind](std::string_view option, std::string_view value) {
    if (option == "bind") bind = value;
  });
  const auto type =
      transport.flow ? std::string("flow") : base::lower(sip::name_of(transport.protocol));
  out += fmt::format("{}{:<21}  {:>6}  {:>5}  {:>5}  {}\n", title(depth, "Transport"),
                     transport.name, type, 0, transport.tos, bind);
}

void write_parameters(std::string& out, Parameters parameters) {
  std::sort(parameters.begin(), parameters.end());
  std::string_view name_head = "ParameterName", value_head = "ParameterValue";
  auto names = name_head.size(), values = value_head.size();
  for (const auto& [name, value] : parameters) {
    names = std::max(names, name.size());
    values = std::max(values, value.size());
  }
  const auto line = [&](std::string_view name, std::string_view value) {
    out += fmt::format(" {:<{}} : {}\n", name, names, value);
  };
  line(name_head, value_head);
  out += fmt::format(" {:=<{}}\n", "", names + values + 3);
  for (const auto& [name, value] : parameters) line(name, value);
}

}  // namespace missive::console

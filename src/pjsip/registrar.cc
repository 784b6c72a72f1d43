#include "pjsip/registrar.h"

#include <algorithm>
#include <ctime>

#include "base/log.h"
#include "base/text.h"
#include "sip/date.h"
#include "sip/name_addr.h"

namespace missive::pjsip {
namespace {

using sip::HeaderId;

constexpr std::size_t max_path = 2048;  // octets of all Path values

// The option tags in all headers of that kind.
std::vector<std::string_view> tags_of(const sip::Packet& packet, HeaderId id) {
  std::vector<std::string_view> tags;
  packet.for_each(id, [&tags](const sip::Header& header) {
    for (const auto tag : base::split_list(header.value)) tags.push_back(tag);
  });
  return tags;
}

bool has(const std::vector<std::string_view>& tags, std::string_view wanted) {
  return std::any_of(tags.begin(), tags.end(),
                     [wanted](std::string_view tag) { return base::iequals(tag, wanted); });
}

// What a request asks for beyond RFC 3261.
struct Extensions {
  std::vector<std::string> path;  // "<sip:...>", topmost first
  bool outbound = false;          // the phone knows RFC 5626
};

OrRefused<void> check_required(const std::vector<std::string_view>& required, const Aor& aor) {
  std::string unsupported;
  for (const auto tag : required) {
    if (base::iequals(tag, "outbound")) continue;
    if (base::iequals(tag, "path") && aor.support_path) continue;
    unsupported += unsupported.empty() ? "" : ", ";
    unsupported += tag;
  }
  if (unsupported.empty()) return {};
  auto answer = refused(420, "Bad Extension");
  answer.value().headers = fmt::format("Unsupported: {}\r\n", unsupported);
  return answer;
}

OrRefused<std::vector<std::string>> read_path(const sip::Packet& packet) {
  std::vector<std::string> path;
  std::size_t octets = 0;
  for (const auto& header : packet.headers()) {
    if (header.id != HeaderId::Path) continue;
    sip::ListSplitter values(header.value);
    std::string_view value;
    while (values.next(value)) {
      const auto hop = sip::parse_name_addr(value);
      const auto uri = hop ? sip::parse_uri(hop->uri) : tl::unexpected(hop.error());
      if (!uri || !uri->sip()) return refused(400, "Malformed Path header");
      path.push_back(value.ends_with('>') || value.find('<') != value.npos
                         ? std::string(value)
                         : fmt::format("<{}>{}", hop->uri, hop->params));
      octets += path.back().size();
    }
  }
  if (octets > max_path) return refused(400, "Path is longer than {} octets", max_path);
  return path;
}

OrRefused<Extensions> read_extensions(const sip::Packet& packet, const Aor& aor) {
  const auto required = tags_of(packet, HeaderId::Require);
  if (auto known = check_required(required, aor); !known) {
    return tl::unexpected(std::move(known.error()));
  }
  const auto supported = tags_of(packet, HeaderId::Supported);
  Extensions out;
  out.outbound = has(supported, "outbound") || has(required, "outbound");
  if (!aor.support_path || packet.find(HeaderId::Path) == nullptr) return out;
  // A proxy may put itself in the way only of phones that know of it.
  if (!has(supported, "path") && !has(required, "path")) {
    auto answer = refused(420, "Bad Extension");
    answer.value().headers = "Unsupported: path\r\n";
    return answer;
  }
  auto path = read_path(packet);
  if (!path) return tl::unexpected(std::move(path.error()));
  out.path = std::move(*path);
  return out;
}

std::size_t hops(const sip::Packet& packet) {
  std::size_t count = 0;
  packet.for_each(HeaderId::Via, [&count](const sip::Header& header) {
    auto rest = header.value;
    do {
      ++count;
    } while (sip::parse_via(rest) && !rest.empty());
  });
  return count;
}

// RFC 5626 section 6: through a proxy, the one next to the phone must know how to keep a flow.
OrRefused<void> check_first_hop(const sip::Packet& packet, const Extensions& extensions) {
  if (hops(packet) < 2) return {};
  if (!extensions.path.empty()) {
    const auto first = sip::parse_name_addr(extensions.path.back());
    const auto uri = first ? sip::parse_uri(first->uri) : tl::unexpected(first.error());
    if (uri && uri->param("ob")) return {};
  }
  return refused(439, "First Hop Lacks Outbound Support");
}

bool asks_for_flow(const RequestedBindings& requested) {
  return std::any_of(requested.bindings.begin(), requested.bindings.end(),
                     [](const RequestedBinding& wanted) { return !wanted.reg_id.empty(); });
}

// Finds an AOR among those of an endpoint.
class AorFinder {
 public:
  AorFinder(const Configuration& configuration, const Endpoint& endpoint)
      : configuration_(configuration), endpoint_(endpoint) {}

  const Aor* find(std::string_view user, std::string_view domain) const {
    if (!configuration_.global().disable_multi_domain && !domain.empty()) {
      if (const auto* aor = named(fmt::format("{}@{}", user, domain))) return aor;
      for (const auto& alias : configuration_.domain_aliases()) {
        if (!base::iequals(alias.name, domain)) continue;
        if (const auto* aor = named(fmt::format("{}@{}", user, alias.domain))) return aor;
      }
    }
    return named(user);
  }

 private:
  const Aor* named(std::string_view name) const {
    const auto& aors = endpoint_.aors;
    const bool own = std::find(aors.begin(), aors.end(), name) != aors.end();
    return own ? configuration_.aor(name) : nullptr;
  }

  const Configuration& configuration_;
  const Endpoint& endpoint_;
};

// Asterisk's `;` options of a telephone number in the user part.
std::string user_of(const sip::Uri& uri, const Configuration& configuration) {
  auto user = uri.user;
  if (configuration.global().ignore_uri_user_options) user = user.substr(0, user.find(';'));
  return sip::unescape(user);
}

}  // namespace

OrRefused<const Aor*> find_registered_aor(const EndpointRequest& request) {
  const auto& endpoint = request.endpoint;
  const auto& configuration = *request.configuration;
  const auto to = request.packet().to();
  const auto uri = to ? sip::parse_uri(to->uri) : tl::unexpected(to.error());
  if (!uri) return refused(400, "Malformed To header");
  if (!uri->sip()) return refused(416, "To is no SIP URI");
  if (endpoint.aors.empty()) return refused(403, "Endpoint has no AOR");

  const AorFinder finder(configuration, endpoint);
  const auto user = user_of(*uri, configuration);
  if (const auto* aor = finder.find(user, uri->host)) return aor;
  const auto& ways = endpoint.identify_by;
  const bool by_credentials =
      std::find(ways.begin(), ways.end(), IdentifyBy::auth_username) != ways.end();
  if (by_credentials && !request.authenticated_as.empty()) {
    if (const auto* aor = finder.find(request.authenticated_as, uri->host)) return aor;
  }
  return refused(404, "Not Found");
}

void Registrar::on_request(const EndpointRequest& request, sip::Response& response) {
  auto answer = handle(request);
  if (answer) {
    response = std::move(*answer);
    return;
  }
  response = std::move(answer.error());
  log::info("REGISTER of endpoint '{}' from {} for {} refused: {} {}", request.endpoint.name,
            request.incoming.from.str(), base::printable(request.packet().value(HeaderId::To), 120),
            response.status, response.reason);
}

OrRefused<sip::Response> Registrar::handle(const EndpointRequest& request) {
  const auto& packet = request.packet();
  const auto found = find_registered_aor(request);
  if (!found) return tl::unexpected(found.error());
  const auto& aor = **found;
  const auto extensions = read_extensions(packet, aor);
  if (!extensions) return tl::unexpected(extensions.error());
  if (aor.max_contacts == 0) return refused(403, "AOR '{}' takes no registrations", aor.name);

  auto& transport = request.incoming.transport;
  // Behind a proxy that asked to be on the way, the source is the proxy and not the phone.
  const ContactOrigin origin{request.incoming.from, std::string(transport.protocol()),
                             transport.reliable(),
                             request.endpoint.rewrite_contact && extensions->path.empty()};
  const auto requested = read_bindings(packet, aor, origin);
  if (!requested) return tl::unexpected(requested.error());
  const bool outbound = extensions->outbound && asks_for_flow(*requested);
  if (outbound) {
    if (auto kept = check_first_hop(packet, *extensions); !kept) {
      return tl::unexpected(std::move(kept.error()));
    }
  }

  auto common = common_part(request, aor);
  common.path = extensions->path;
  const auto contacts = apply(*requested, common, aor, transport);
  if (!contacts) return tl::unexpected(contacts.error());
  sip::Response answer{200, "", fmt::format("Date: {}\r\n", sip::date_text(shard_.clock().wall()))};
  answer.headers += contact_lines(*contacts, shard_.now());
  if (requested->expires) {
    answer.headers += fmt::format("Expires: {}\r\n", requested->expires->count());
  }
  for (const auto& hop : extensions->path) answer.headers += fmt::format("Path: {}\r\n", hop);
  if (outbound) answer.headers += "Require: outbound\r\n";
  return answer;
}

// What is registered from now on.
OrRefused<LocationService::Contacts> Registrar::apply(const RequestedBindings& requested,
                                                      const Contact& common, const Aor& aor,
                                                      sip::Transport& transport) {
  LocationService::Contacts now_registered;
  const auto applied = locations_.change(aor.name, [&](LocationService::Contacts& contacts) {
    auto result =
        requested.query() ? AppliedBindings{} : apply_bindings(requested, common, aor, contacts);
    now_registered = contacts;
    return result;
  });
  if (!applied) return tl::unexpected(applied.error());
  log_changes(*applied, aor);
  if (!common.flow) return now_registered;
  for (const auto* list : {&applied->added, &applied->refreshed}) {
    for (const auto& contact : *list) transport.keep_open(common.flow->peer, contact->expires);
  }
  return now_registered;
}

Contact Registrar::common_part(const EndpointRequest& request, const Aor& aor) const {
  const auto& packet = request.packet();
  const auto& incoming = request.incoming;
  Contact out;
  out.aor = aor.name;
  out.endpoint = request.endpoint.name;
  out.call_id = packet.call_id();
  if (const auto cseq = packet.cseq()) out.cseq = cseq->number;
  out.user_agent = base::printable(packet.value(HeaderId::UserAgent), 255);
  if (const auto via = packet.top_via()) {
    out.via_address = fmt::format("{}{}{}:{}", via->host_is_ipv6 ? "[" : "", via->host,
                                  via->host_is_ipv6 ? "]" : "", via->port.value_or(5060));
  }
  out.transport = incoming.transport.id();
  out.source = incoming.from;
  if (incoming.transport.reliable()) out.flow = Flow{shard_.index(), incoming.from};
  out.updated = shard_.now();
  return out;
}

void Registrar::log_changes(const AppliedBindings& applied, const Aor& aor) const {
  for (const auto& contact : applied.added) {
    log::info("Added contact '{}' to AOR '{}' with expiration of {} seconds", contact->uri,
              aor.name, contact->expiration.count());
  }
  for (const auto& contact : applied.refreshed) {
    log::debug("Refreshed contact '{}' on AOR '{}' with expiration of {} seconds", contact->uri,
               aor.name, contact->expiration.count());
  }
  for (const auto& contact : applied.removed) {
    log::info("Removed contact '{}' from AOR '{}' due to request", contact->uri, aor.name);
  }
  for (const auto& contact : applied.evicted) {
    log::info("Removed contact '{}' from AOR '{}' due to {}", contact->uri, aor.name,
              aor.remove_existing ? "remove_existing" : "remove_unavailable");
  }
}

}  // namespace missive::pjsip

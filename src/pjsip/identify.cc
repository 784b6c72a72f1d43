#include "pjsip/identify.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "conf/binder.h"
#include "pjsip/option_types.h"
#include "sip/chars.h"
#include "sip/host.h"

namespace missive::pjsip {

namespace {

using Severity = conf::Problem::Severity;

// `address`, `network`, either with `:port`; nothing when it is neither.
std::optional<Identify::Source> parse_source(std::string_view text) {
  if (const auto network = net::Network::parse(text)) return Identify::Source{*network};
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto before = text.substr(0, colon);
  const bool ambiguous = before.find(':') != std::string_view::npos && before.front() != '[';
  const auto port = sip::parse_port(text.substr(colon + 1));
  const auto network = net::Network::parse(before);
  if (ambiguous || !port || !network) return std::nullopt;
  return Identify::Source{*network, *port};
}

base::Result<void> add_match(Identify& identify, std::string_view text) {
  const bool excluded = text.front() == '!';
  const auto what = excluded ? base::trim(text.substr(1)) : text;
  if (auto source = parse_source(what)) {
    source->excluded = excluded;
    identify.sources.push_back(*source);
    return {};
  }
  const auto host = sip::parse_host_port(what);
  if (excluded || !host || host->ipv6 || sip::is_ipv4(host->host)) {
    return base::fail(
        "'{}' is no address, network or host name; 203.0.113.7, 203.0.113.0/24, "
        "203.0.113.7:5061 or sip.example.com would be right",
        base::printable(text, 80));
  }
  identify.hosts.push_back({std::string(host->host), host->port.value_or(0)});
  return {};
}

base::Result<void> set_match(Identify& identify, const conf::Option& option) {
  for (const auto part : base::split_list(option.value)) {
    identify.match.emplace_back(part);
    if (auto added = add_match(identify, part); !added) return added;
  }
  return {};
}

base::Result<void> set_match_header(Identify& identify, const conf::Option& option) {
  const std::string_view text = option.value;
  const auto colon = text.find(':');
  const auto name = base::trim(text.substr(0, colon));
  if (colon == std::string_view::npos || name.empty() ||
      !sip::chars::all(name, sip::chars::token)) {
    return base::fail("'{}' is not 'Name: value' or 'Name: /regular expression/'",
                      base::printable(text, 80));
  }
  auto pattern = TextPattern::parse(base::trim(text.substr(colon + 1)));
  if (!pattern) return tl::unexpected(pattern.error());
  identify.match_header = option.value;
  identify.header_name = name;
  identify.header_value = std::move(*pattern);
  return {};
}

base::Result<void> set_match_request_uri(Identify& identify, const conf::Option& option) {
  auto pattern = TextPattern::parse(option.value);
  if (!pattern) return tl::unexpected(pattern.error());
  identify.match_request_uri = option.value;
  identify.request_uri = std::move(*pattern);
  return {};
}

// An error of its own would follow from one that is told already.
void check_identify(const conf::Section& section, const Identify& identify, bool sound,
                    conf::Problems& problems) {
  const auto add = [&](Severity severity, std::string_view text) {
    problems.push_back({severity, section.where,
                        fmt::format("identify '{}' {}", base::printable(section.name), text)});
  };
  if (identify.endpoint.empty()) add(Severity::error, "names no endpoint");
  const bool any = !identify.sources.empty() || !identify.hosts.empty() ||
                   !identify.header_value.empty() || !identify.request_uri.empty();
  if (!any && sound) {
    add(Severity::error, "matches nothing; it needs match, match_header or match_request_uri");
  }
  const bool everybody = std::any_of(identify.sources.begin(), identify.sources.end(),
                                     [](const Identify::Source& source) {
                                       return !source.excluded && source.network.prefix == 0;
                                     });
  if (everybody) {
    add(Severity::warning, "takes requests from every address for those of its endpoint");
  }
}

bool all_permit(const std::vector<net::Acl>& lists, const net::Address& address) {
  return std::all_of(lists.begin(), lists.end(),
                     [&address](const net::Acl& list) { return list.permits(address); });
}

}  // namespace

bool Identify::matches(const net::Address& source) const {
  bool matching = false;
  for (const auto& each : sources) {
    if ((each.port == 0 || each.port == source.port()) && each.network.contains(source)) {
      matching = !each.excluded;
    }
  }
  return matching;
}

bool AccessRules::permits(const net::Address& source) const {
  return addresses.permits(source) && all_permit(named, source);
}

bool AccessRules::permits_contact(const net::Address& address) const {
  return contacts.permits(address) && all_permit(named_contacts, address);
}

void read_identify(const conf::Section& section, Identify& identify, conf::Problems& problems) {
  static const auto binder = conf::Binder<Identify>("identify")
                                 .text("endpoint", &Identify::endpoint)
                                 .custom("match", set_match)
                                 .custom("match_header", set_match_header)
                                 .custom("match_request_uri", set_match_request_uri)
                                 .text("transport", &Identify::transport)
                                 .boolean("srv_lookups", &Identify::srv_lookups)
                                 .ignored({"type"});
  identify.name = section.name;
  identify.where = section.where;
  const auto before = problems.size();
  binder.bind(section, identify, problems);
  check_identify(section, identify, problems.size() == before, problems);
}

void resolve_acls(const conf::Section& section, const net::AclFile& lists, AccessRules& rules,
                  conf::Problems& problems) {
  const auto resolve = [&](std::string_view option, const std::vector<std::string>& names,
                           std::vector<net::Acl>& out) {
    for (const auto& name : names) {
      if (const auto list = lists.get(name)) {
        out.push_back(*list);
      } else {
        conf::report(
            problems, Severity::error, section, *section.find(option),
            fmt::format("[{}] {}: {}", base::printable(section.name), option, list.error().text));
      }
    }
  };
  resolve("acl", rules.acl, rules.named);
  resolve("contact_acl", rules.contact_acl, rules.named_contacts);
}

void read_acl(const conf::Section& section, AclObject& acl, conf::Problems& problems) {
  static const auto binder = [] {
    conf::Binder<AclObject> made("acl");
    add_access_options(made, &AclObject::rules);
    made.ignored({"type"});
    return made;
  }();
  acl.name = section.name;
  acl.where = section.where;
  binder.bind(section, acl, problems);
}

void read_domain_alias(const conf::Section& section, DomainAlias& alias, conf::Problems& problems) {
  static const auto binder = conf::Binder<DomainAlias>("domain_alias")
                                 .text("domain", &DomainAlias::domain)
                                 .ignored({"type"});
  alias.name = section.name;
  alias.where = section.where;
  binder.bind(section, alias, problems);
}

}  // namespace missive::pjsip

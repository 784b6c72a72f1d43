#include "chan_sip/general.h"

#include "base/text.h"
#include "chan_sip/options_of_calls.h"
#include "pjsip/transport_options.h"
#include "sip/host.h"

namespace missive::chan_sip {
namespace {

using base::fail;
using base::printable;
using namespace std::chrono_literals;
using Option = conf::Option;
using Setter = conf::Binder<General>::CustomSetter;

// A port that is not written stays 0: each protocol has its own.
Setter address(std::optional<net::Address> General::*member) {
  return [member](General& general, const Option& option) -> base::Result<void> {
    auto address = net::Address::parse(option.value, 0);
    if (!address) return tl::unexpected(address.error());
    general.*member = *address;
    return {};
  };
}

Setter port(std::uint16_t General::*member) {
  return [member](General& general, const Option& option) {
    return conf::read_number(option.value, 1, 65'535).map([&](long long value) {
      general.*member = static_cast<std::uint16_t>(value);
    });
  };
}

base::Result<void> set_externaddr(General& general, const Option& option) {
  const auto host = sip::parse_host_port(option.value);
  if (!host) return tl::unexpected(host.error());
  general.externaddr = host->ipv6 ? fmt::format("[{}]", host->host) : std::string(host->host);
  general.externport = host->port.value_or(0);
  return {};
}

base::Result<void> add_localnet(General& general, const Option& option) {
  for (const auto part : base::split_list(option.value)) {
    const auto network = net::Network::parse(part);
    if (!network) return tl::unexpected(network.error());
    general.localnet.push_back(*network);
  }
  return {};
}

base::Result<void> set_tos(General& general, const Option& option) {
  return pjsip::parse_tos(option.value).map([&](int tos) { general.tos_sip = tos; });
}

base::Result<void> set_client_method(General& general, const Option& option) {
  static const std::vector<std::string_view> methods{"default", "tlsv1", "tlsv1_1", "tlsv1_2",
                                                     "tlsv1_3", "sslv2", "sslv3",   "sslv23"};
  return conf::read_choice(option.value, methods).map([&](std::size_t place) {
    general.tlsclientmethod = methods[place];
  });
}

// One half stands for both: Asterisk's default "asterisk" is name and user.
base::Result<void> set_callerid(General& general, const Option& option) {
  auto id = pjsip::CallerId::parse(option.value);
  if (!id) return tl::unexpected(id.error());
  if (id->name.empty() && id->number.empty()) return {};
  if (id->number.empty()) id->number = id->name;
  if (id->name.empty()) id->name = id->number;
  general.callerid = std::move(*id);
  return {};
}

// `domain[,context]`; the context is for calls.
base::Result<void> add_domain(General& general, const Option& option) {
  const auto parts = base::split_list(option.value);
  if (parts.empty() || parts.size() > 2 || !sip::is_valid_host(parts[0])) {
    return fail("'{}' is not domain[,context]", printable(option.value, 80));
  }
  general.domains.emplace_back(parts[0]);
  return {};
}

base::Result<void> add_registration(General& general, const Option& option) {
  auto line = RegisterLine::parse(option.value);
  if (!line) return tl::unexpected(line.error());
  general.registrations.push_back({std::move(*line), option.where});
  return {};
}

void add_transport(conf::Binder<General>& binder) {
  binder.custom("bindaddr", address(&General::bindaddr))
      .custom("udpbindaddr", address(&General::udpbindaddr))
      .custom("tcpbindaddr", address(&General::tcpbindaddr))
      .custom("tlsbindaddr", address(&General::tlsbindaddr))
      .custom("bindport", port(&General::bindport))
      .boolean("udpenable", &General::udpenable)
      .boolean("tcpenable", &General::tcpenable)
      .boolean("tlsenable", &General::tlsenable)
      .boolean("websocket_enabled", &General::websocket_enabled)
      .text("tlscertfile", &General::tlscertfile)
      .text("tlsprivatekey", &General::tlsprivatekey)
      .text("tlscafile", &General::tlscafile)
      .text("tlscadir", &General::tlscadir)
      .alias("tlscapath", "tlscadir")
      .text("tlscipher", &General::tlscipher)
      .custom("tlsclientmethod", set_client_method)
      .boolean("tlsverifyclient", &General::tlsverifyclient)
      .boolean("tlsdontverifyserver", &General::tlsdontverifyserver)
      .custom("externaddr", set_externaddr)
      .alias("externhost", "externaddr")
      .deprecated("externip", "externaddr")
      .custom("externtcpport", port(&General::externtcpport))
      .custom("externtlsport", port(&General::externtlsport))
      .custom("localnet", add_localnet)
      .custom("tos_sip", set_tos)
      .number("cos_sip", &General::cos_sip, 0, 7);
}

void add_access(conf::Binder<General>& binder) {
  binder.boolean("accept_outofcall_message", &General::accept_outofcall_message)
      .boolean("auth_message_requests", &General::auth_message_requests)
      .boolean("allowguest", &General::allowguest)
      .boolean("match_auth_username", &General::match_auth_username)
      .text("realm", &General::realm)
      .boolean("domainsasrealm", &General::domainsasrealm)
      .custom("domain", add_domain)
      .number("minexpiry", &General::minexpiry, 1s, 4'294'967'295s)
      .number("maxexpiry", &General::maxexpiry, 1s, 4'294'967'295s)
      .number("defaultexpiry", &General::defaultexpiry, 1s, 4'294'967'295s)
      .deprecated("defaultexpirey", "defaultexpiry")
      .boolean("legacy_useroption_parsing", &General::legacy_useroption_parsing)
      // check_old(): what only one value of has an effect here.
      .ignored({"alwaysauthreject", "autocreatepeer"});
  add_access_options(binder, &General::access);
}

void add_sending(conf::Binder<General>& binder) {
  binder.custom("callerid", set_callerid)
      .text("useragent", &General::useragent)
      .number("maxforwards", &General::maxforwards, 1, 255)
      .boolean("compactheaders", &General::compactheaders)
      .boolean("srvlookup", &General::srvlookup)
      .number("timert1", &General::timert1, 10ms, 60'000ms)
      .number("timerb", &General::timerb, 100ms, 3'600'000ms)
      // What a round trip takes is not measured here.
      .ignored({"t1min"})
      .custom("register", add_registration)
      .number("registertimeout", &General::registertimeout, 1s, 86'400s)
      .number("registerattempts", &General::registerattempts, 0, 1'000'000)
      .boolean("register_retry_403", &General::register_retry_403);
}

conf::Binder<General> make_binder() {
  conf::Binder<General> binder("sip.conf [general]");
  binder.ignored(options_of_calls()).ignored(general_options_of_calls());
  add_device_options(binder);
  add_transport(binder);
  add_access(binder);
  add_sending(binder);
  return binder;
}

void check(const conf::Section& section, const General& general, conf::Problems& problems) {
  using Severity = conf::Problem::Severity;
  const auto warn = [&](std::string_view name, std::string_view text) {
    const auto* option = section.find(name);
    if (option == nullptr) return;
    conf::report(problems, Severity::warning, section, *option,
                 fmt::format("[general] {}: {}", option->name, text));
  };
  const auto* reject = section.find("alwaysauthreject");
  if (reject != nullptr && !base::parse_bool(reject->value).value_or(true)) {
    warn("alwaysauthreject", "nobody is told which names there are; `no` has no effect");
  }
  const auto* create = section.find("autocreatepeer");
  if (create != nullptr && base::parse_bool(create->value) != false) {
    warn("autocreatepeer",
         "a phone registers only as a peer that is configured; this has no"
         " effect");
  }
  if (general.domainsasrealm && general.domains.size() > 1) {
    warn("domainsasrealm",
         fmt::format("there is one realm, '{}', the first domain", general.domains.front()));
  }
  if (general.minexpiry > general.maxexpiry) {
    problems.push_back({Severity::error, section.where,
                        fmt::format("[general] minexpiry {} is more than maxexpiry {}",
                                    general.minexpiry.count(), general.maxexpiry.count())});
  }
  if (general.tlsenable && general.tlscertfile.empty()) {
    problems.push_back({Severity::error, section.find("tlsenable")->where,
                        "[general] tlsenable needs tlscertfile, a file with certificate and key"});
  }
  const bool ws = general.websocket_enabled;
  if (!general.udpenable && !general.tcpenable && !general.tlsenable && !ws) {
    problems.push_back({Severity::error, section.where,
                        "[general] enables no transport; udpenable=yes would be right"});
  }
}

}  // namespace

void read_general(const conf::Section& section, const net::AclFile& acls, General& general,
                  conf::Problems& problems) {
  static const auto binder = make_binder();
  general.where = section.where;
  binder.bind(section, general, problems);
  resolve_named_acls(section, acls, general.access, problems);
  check(section, general, problems);
}

}  // namespace missive::chan_sip

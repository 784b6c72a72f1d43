#include "chan_sip/peer.h"

#include "base/text.h"
#include "chan_sip/options_of_calls.h"
#include "sip/host.h"

namespace missive::chan_sip {
namespace {

using base::fail;
using base::iequals;
using base::printable;
using Option = conf::Option;
using Severity = conf::Problem::Severity;

// As in a URI: an IPv6 address gets its brackets.
base::Result<std::string> read_host(std::string_view text) {
  if (sip::is_ipv6(text)) return fmt::format("[{}]", text);
  if (sip::is_valid_host(text)) return std::string(text);
  return fail(
      "'{}' is no host; a name, an address or dynamic would be right (the port has an"
      " option of its own)",
      printable(text, 80));
}

base::Result<void> set_host(Peer& peer, const Option& option) {
  peer.dynamic = iequals(option.value, "dynamic");
  peer.host.clear();
  if (peer.dynamic) return {};
  return read_host(option.value).map([&](std::string host) { peer.host = std::move(host); });
}

base::Result<void> set_defaultip(Peer& peer, const Option& option) {
  return read_host(option.value).map([&](std::string host) { peer.defaultip = std::move(host); });
}

base::Result<void> set_callerid(Peer& peer, const Option& option) {
  return pjsip::CallerId::parse(option.value).map([&](pjsip::CallerId id) {
    peer.callerid = std::move(id);
  });
}

base::Result<void> set_cid_name(Peer& peer, const Option& option) {
  peer.callerid.name = option.value;
  return {};
}

base::Result<void> set_cid_number(Peer& peer, const Option& option) {
  peer.callerid.number = option.value;
  return {};
}

base::Result<void> set_callingpres(Peer& peer, const Option& option) {
  // Asterisk takes their numbers as well.
  static const std::vector<std::string_view> levels{
      "allowed_not_screened", "allowed_passed_screen", "allowed_failed_screen", "allowed",
      "prohib_not_screened",  "prohib_passed_screen",  "prohib_failed_screen",  "prohib",
      "unavailable"};
  if (const auto number = base::parse_number<int>(option.value)) {
    // The octet of Q.931: the bits above the screening say whether it may be shown.
    if (*number < 0 || *number > 255) return fail("'{}' is no number from 0 to 255", *number);
    peer.callingpres = (*number & 0x60) == 0 ? "allowed" : "prohib";
    return {};
  }
  return conf::read_choice(option.value, levels).map([&](std::size_t place) {
    peer.callingpres = levels[place];
  });
}

base::Result<void> set_md5secret(Peer& peer, const Option& option) {
  return read_md5secret(option.value).map([&](std::string hash) {
    peer.md5secret = std::move(hash);
  });
}

base::Result<void> add_auth(Peer& peer, const Option& option) {
  return CredentialsLine::parse(option.value).map([&](CredentialsLine line) {
    line.where = option.where;
    peer.auth.push_back(std::move(line));
  });
}

base::Result<void> add_variable(Peer& peer, const Option& option) {
  const auto equals = option.value.find('=');
  if (equals == 0 || equals == std::string::npos) {
    return fail("'{}' is not NAME=value", printable(option.value, 80));
  }
  peer.setvar.push_back(option.value);
  return {};
}

conf::Binder<Peer> make_binder() {
  conf::Binder<Peer> binder("sip.conf peer");
  binder.ignored(options_of_calls()).ignored(peer_options_of_calls());
  add_device_options(binder);
  binder
      .choice(
          "type", &Peer::type,
          {{"peer", Peer::Type::peer}, {"user", Peer::Type::user}, {"friend", Peer::Type::friend_}})
      .custom("host", set_host)
      .custom("defaultip", set_defaultip)
      .number("port", &Peer::port, 1, 65'535)
      .text("callbackextension", &Peer::callbackextension)
      .text("secret", &Peer::secret)
      .custom("md5secret", set_md5secret)
      .text("remotesecret", &Peer::remotesecret)
      .custom("auth", add_auth)
      .text("defaultuser", &Peer::defaultuser)
      .deprecated("username", "defaultuser")
      .text("fromuser", &Peer::fromuser)
      .custom("callerid", set_callerid)
      .custom("cid_name", set_cid_name)
      .alias("fullname", "cid_name")
      .custom("cid_number", set_cid_number)
      .custom("callingpres", set_callingpres)
      .custom("setvar", add_variable);
  add_access_options(binder, &Peer::access);
  return binder;
}

void check(const conf::Section& section, const Peer& peer, conf::Problems& problems) {
  const auto report = [&](Severity severity, std::string_view text) {
    problems.push_back(
        {severity, section.where, fmt::format("[{}] {}", printable(peer.name, 80), text)});
  };
  if (section.find("type") == nullptr) {
    report(Severity::error, "has no type; type=friend, peer or user would be right");
  } else if (!peer.sends_only() && section.find("host") == nullptr) {
    report(Severity::error,
           "has no host; host=dynamic (it registers) or its name or address would be right");
  }
  // Requests of those we do not know are taken as theirs.
  if (iequals(peer.name, "anonymous")) {
    report(Severity::error, "is the name of guests (allowguest); it needs another one");
  }
  const bool open = peer.secret.empty() && peer.md5secret.empty();
  if (open && peer.dynamic && !peer.sends_only()) {
    report(Severity::warning, "has no secret: whoever knows its name can register as it");
  }
}

}  // namespace

Peer read_peer(const conf::Section& section, const General& general, const net::AclFile& acls,
               conf::Problems& problems) {
  static const auto binder = make_binder();
  Peer peer;
  static_cast<Device&>(peer) = general;
  peer.name = section.name;
  peer.where = section.where;
  binder.bind(section, peer, problems);
  resolve_named_acls(section, acls, peer.access, problems);
  check(section, peer, problems);
  return peer;
}

}  // namespace missive::chan_sip

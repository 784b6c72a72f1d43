#include "chan_sip/device.h"

#include <algorithm>

#include "base/text.h"
#include "sip/host.h"

namespace missive::chan_sip {
namespace {

using base::iequals;
using base::printable;
using namespace std::chrono_literals;
using Option = conf::Option;

DeviceSetter text(std::string Device::*member) {
  return [member](Device& device, const Option& option) -> base::Result<void> {
    device.*member = option.value;
    return {};
  };
}

DeviceSetter boolean(bool Device::*member) {
  return [member](Device& device, const Option& option) {
    return conf::read_boolean(option.value).map([&](bool value) { device.*member = value; });
  };
}

// The settings of old files (yes, never, route) mean what they meant for the signalling.
base::Result<void> set_nat(Device& device, const Option& option) {
  static const std::vector<std::string_view> names{
      "no", "force_rport", "comedia", "auto_force_rport", "auto_comedia", "yes", "never", "route"};
  bool none = false;
  Device read;
  read.force_rport = read.auto_force_rport = false;
  for (const auto part : base::split_list(option.value)) {
    const auto place = conf::read_choice(part, names);
    if (!place) return tl::unexpected(place.error());
    const auto name = names[*place];
    none = none || name == "no" || name == "never";
    if (name == "force_rport" || name == "yes" || name == "route") read.force_rport = true;
    if (name == "auto_force_rport") read.auto_force_rport = true;
  }
  device.force_rport = !none && read.force_rport;
  device.auto_force_rport = !none && !read.force_rport && read.auto_force_rport;
  return {};
}

// Each option of the name adds to the ones before; `no` takes them back.
base::Result<void> set_insecure(Device& device, const Option& option) {
  static const std::vector<std::string_view> names{"port", "invite", "very", "no"};
  for (const auto part : base::split_list(option.value)) {
    const auto place = conf::read_choice(part, names);
    if (!place) return tl::unexpected(place.error());
    const auto name = names[*place];
    if (name == "no") device.insecure_port = device.insecure_invite = false;
    if (name == "port" || name == "very") device.insecure_port = true;
    if (name == "invite" || name == "very") device.insecure_invite = true;
  }
  return {};
}

base::Result<void> set_qualify(Device& device, const Option& option) {
  // A bare 1 is a millisecond, not "yes".
  if (const auto number = base::parse_number<long long>(option.value)) {
    if (*number < 0 || *number > 3'600'000) {
      return base::fail("'{}' is no number of milliseconds from 0 to 3600000", *number);
    }
    device.qualify = std::chrono::milliseconds(*number);
    return {};
  }
  const auto yes = base::parse_bool(option.value);
  if (!yes) {
    return base::fail("'{}' is none of yes (2000 ms), no and a number of milliseconds",
                      printable(option.value, 80));
  }
  device.qualify = *yes ? 2000ms : 0ms;
  return {};
}

base::Result<void> set_qualifyfreq(Device& device, const Option& option) {
  return conf::read_number(option.value, 1, 86'400, "seconds").map([&](long long value) {
    device.qualifyfreq = std::chrono::seconds(value);
  });
}

base::Result<void> set_max_contacts(Device& device, const Option& option) {
  return conf::read_number(option.value, 1, 1000).map([&](long long value) {
    device.max_contacts = static_cast<unsigned>(value);
  });
}

base::Result<void> set_transport(Device& device, const Option& option) {
  return read_transports(option.value).map([&](std::vector<sip::Protocol> protocols) {
    device.transport = std::move(protocols);
  });
}

base::Result<void> set_outboundproxy(Device& device, const Option& option) {
  return outbound_proxy_uri(option.value).map([&](std::string uri) {
    device.outboundproxy = std::move(uri);
  });
}

base::Result<void> set_fromdomain(Device& device, const Option& option) {
  if (!option.value.empty()) {
    if (const auto host = sip::parse_host_port(option.value); !host) {
      return tl::unexpected(host.error());
    }
  }
  device.fromdomain = option.value;
  return {};
}

base::Result<void> set_sendrpid(Device& device, const Option& option) {
  const bool rpid = iequals(option.value, "rpid");
  const bool pai = iequals(option.value, "pai");
  const auto yes = base::parse_bool(option.value);
  if (!rpid && !pai && !yes) {
    return base::fail("'{}' is none of yes, no, rpid and pai", printable(option.value, 80));
  }
  device.send_rpid = rpid || yes.value_or(false);
  device.send_pai = pai;
  return {};
}

base::Result<void> set_fork(Device& device, const Option& option) {
  using Fork = pjsip::Endpoint::Fork;
  static const std::vector<std::string_view> names{"first", "sequential", "all"};
  return conf::read_choice(option.value, names).map([&](std::size_t place) {
    device.message_fork = std::array{Fork::first, Fork::sequential, Fork::all}.at(place);
  });
}

base::Result<void> set_store(Device& device, const Option& option) {
  return conf::read_boolean(option.value).map([&](bool value) { device.message_store = value; });
}

base::Result<void> set_expiry(Device& device, const Option& option) {
  return conf::read_duration(option.value, 0s, 3650 * 86'400s).map([&](std::chrono::seconds value) {
    device.message_expiry = value;
  });
}

}  // namespace

const std::vector<std::pair<std::string_view, DeviceSetter>>& device_options() {
  static const std::vector<std::pair<std::string_view, DeviceSetter>> options{
      {"context", text(&Device::context)},
      {"outofcall_message_context", text(&Device::outofcall_message_context)},
      {"subscribecontext", text(&Device::subscribecontext)},
      {"nat", set_nat},
      {"insecure", set_insecure},
      {"trustrpid", boolean(&Device::trustrpid)},
      {"transport", set_transport},
      {"outboundproxy", set_outboundproxy},
      {"qualify", set_qualify},
      {"qualifyfreq", set_qualifyfreq},
      {"usereqphone", boolean(&Device::usereqphone)},
      {"supportpath", boolean(&Device::supportpath)},
      {"message_fork", set_fork},
      {"max_contacts", set_max_contacts},
      {"fromdomain", set_fromdomain},
      {"sendrpid", set_sendrpid},
      {"message_store", set_store},
      {"message_expiry", set_expiry},
      {"message_offline_context", text(&Device::message_offline_context)},
      {"accountcode", text(&Device::accountcode)},
      {"language", text(&Device::language)}};
  return options;
}

base::Result<std::vector<sip::Protocol>> read_transports(std::string_view text) {
  std::vector<sip::Protocol> out;
  for (const auto part : base::split_list(text)) {
    const auto protocol = sip::protocol_named(part);
    if (!protocol) {
      return base::fail("'{}' is none of udp, tcp, tls, ws, wss", printable(part, 40));
    }
    if (std::find(out.begin(), out.end(), *protocol) == out.end()) out.push_back(*protocol);
  }
  if (out.empty()) return base::fail("names no transport; udp or tcp,udp would be right");
  return out;
}

base::Result<std::string> outbound_proxy_uri(std::string_view text) {
  const auto wrong = [text] {
    return base::fail("'{}' is not [transport://]host[:port], as in tcp://proxy.example.com:5060",
                      printable(text, 80));
  };
  const auto parts = base::split_list(text);
  if (parts.empty()) return std::string();
  if (parts.size() > 2 || (parts.size() == 2 && !iequals(parts[1], "force"))) return wrong();
  auto host = parts[0];
  std::string transport;
  if (const auto slashes = host.find("://"); slashes != host.npos) {
    const auto protocol = sip::protocol_named(host.substr(0, slashes));
    if (!protocol) return wrong();
    if (*protocol != sip::Protocol::udp) transport = sip::name_of(*protocol);
    host.remove_prefix(slashes + 3);
  }
  // An IPv6 address without a port needs no brackets here.
  const bool bare_ipv6 = sip::is_ipv6(host);
  if (!bare_ipv6 && !sip::parse_host_port(host)) return wrong();
  auto uri = fmt::format("sip:{}{}{}", bare_ipv6 ? "[" : "", host, bare_ipv6 ? "]" : "");
  if (!transport.empty()) uri += ";transport=" + transport;
  return uri + ";lr";
}

void resolve_named_acls(const conf::Section& section, const net::AclFile& lists,
                        pjsip::AccessRules& rules, conf::Problems& problems) {
  const auto resolve = [&](std::string_view option, const std::vector<std::string>& names,
                           std::vector<net::Acl>& out) {
    for (const auto& name : names) {
      if (const auto list = lists.get(name)) {
        out.push_back(*list);
      } else {
        conf::report(
            problems, conf::Problem::Severity::error, section, *section.find(option),
            fmt::format("[{}] {}: {}", printable(section.name), option, list.error().text));
      }
    }
  };
  resolve("acl", rules.acl, rules.named);
  resolve("contactacl", rules.contact_acl, rules.named_contacts);
}

}  // namespace missive::chan_sip

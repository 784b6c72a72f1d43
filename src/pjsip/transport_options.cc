#include "pjsip/transport_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "conf/binder.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;

base::Result<void> set_protocol(Transport& transport, const conf::Option& option) {
  static const std::vector<std::string_view> names{"udp", "tcp", "tls", "ws", "wss", "flow"};
  return conf::read_choice(option.value, names).map([&transport](std::size_t place) {
    transport.flow = place == sip::all_protocols.size();
    if (!transport.flow) transport.protocol = sip::all_protocols.at(place);
  });
}

// DSCP (RFC 2474, 2597, 3246) shifted to the octet's place, and RFC 1349's names.
constexpr auto services = std::to_array<std::pair<std::string_view, int>>(
    {{"cs0", 0x00},         {"cs1", 0x20},    {"cs2", 0x40},      {"cs3", 0x60},
     {"cs4", 0x80},         {"cs5", 0xA0},    {"cs6", 0xC0},      {"cs7", 0xE0},
     {"af11", 0x28},        {"af12", 0x30},   {"af13", 0x38},     {"af21", 0x48},
     {"af22", 0x50},        {"af23", 0x58},   {"af31", 0x68},     {"af32", 0x70},
     {"af33", 0x78},        {"af41", 0x88},   {"af42", 0x90},     {"af43", 0x98},
     {"ef", 0xB8},          {"none", 0x00},   {"lowdelay", 0x10}, {"throughput", 0x08},
     {"reliability", 0x04}, {"mincost", 0x02}});

auto tls_text(std::string Transport::Tls::*member) {
  return [member](Transport& transport, const conf::Option& option) -> base::Result<void> {
    transport.tls.*member = option.value;
    return {};
  };
}

auto tls_flag(bool Transport::Tls::*member) {
  return [member](Transport& transport, const conf::Option& option) {
    return conf::read_boolean(option.value).map([&transport, member](bool value) {
      transport.tls.*member = value;
    });
  };
}

base::Result<void> set_tls_method(Transport& transport, const conf::Option& option) {
  static const std::vector<std::string_view> methods{"default", "unspecified", "tlsv1",
                                                     "tlsv1_1", "tlsv1_2",     "tlsv1_3",
                                                     "sslv2",   "sslv3",       "sslv23"};
  return conf::read_choice(option.value, methods).map([&transport](std::size_t place) {
    transport.tls.method = methods[place];
  });
}

base::Result<void> add_local_net(Transport& transport, const conf::Option& option) {
  for (const auto part : base::split_list(option.value)) {
    const auto network = net::Network::parse(part);
    if (!network) return tl::unexpected(network.error());
    transport.local_net.push_back(*network);
  }
  return {};
}

base::Result<void> set_tos(Transport& transport, const conf::Option& option) {
  return parse_tos(option.value).map([&transport](int tos) { transport.tos = tos; });
}

// Seconds of TCP keep-alive probes.
auto keepalive_time(std::chrono::seconds Transport::TcpKeepalive::*member) {
  return [member](Transport& transport, const conf::Option& option) {
    return conf::read_number(option.value, 1, 32'767, "seconds")
        .map([&transport, member](long long value) {
          transport.tcp_keepalive.*member = std::chrono::seconds(value);
        });
  };
}

base::Result<void> set_keepalive_enable(Transport& transport, const conf::Option& option) {
  return conf::read_boolean(option.value).map([&transport](bool value) {
    transport.tcp_keepalive.enable = value;
  });
}

base::Result<void> set_keepalive_count(Transport& transport, const conf::Option& option) {
  return conf::read_number(option.value, 1, 127).map([&transport](long long value) {
    transport.tcp_keepalive.probe_count = static_cast<unsigned>(value);
  });
}

conf::Binder<Transport> make_binder() {
  conf::Binder<Transport> binder("transport");
  binder.custom("protocol", set_protocol)
      .text("external_signaling_address", &Transport::external_signaling_address)
      .number("external_signaling_port", &Transport::external_signaling_port, 0, 65'535)
      .text("external_media_address", &Transport::external_media_address)
      .custom("local_net", add_local_net)
      .text("domain", &Transport::domain)
      .custom("tos", set_tos)
      .number("cos", &Transport::cos, 0, 7)
      .boolean("allow_reload", &Transport::allow_reload)
      .boolean("symmetric_transport", &Transport::symmetric_transport)
      .number("websocket_write_timeout", &Transport::websocket_write_timeout, 1ms, 60'000ms)
      .custom("cert_file", tls_text(&Transport::Tls::cert_file))
      .custom("priv_key_file", tls_text(&Transport::Tls::priv_key_file))
      .custom("ca_list_file", tls_text(&Transport::Tls::ca_list_file))
      .custom("ca_list_path", tls_text(&Transport::Tls::ca_list_path))
      .custom("cipher", tls_text(&Transport::Tls::cipher))
      .custom("password", tls_text(&Transport::Tls::password))
      .custom("method", set_tls_method)
      .custom("verify_client", tls_flag(&Transport::Tls::verify_client))
      .custom("verify_server", tls_flag(&Transport::Tls::verify_server))
      .custom("require_client_cert", tls_flag(&Transport::Tls::require_client_cert))
      .custom("allow_wildcard_certs", tls_flag(&Transport::Tls::allow_wildcard_certs))
      .custom("tcp_keepalive_enable", set_keepalive_enable)
      .custom("tcp_keepalive_idle_time", keepalive_time(&Transport::TcpKeepalive::idle_time))
      .custom("tcp_keepalive_interval_time",
              keepalive_time(&Transport::TcpKeepalive::interval_time))
      .custom("tcp_keepalive_probe_count", set_keepalive_count)
      // bind: read_bind(), when the protocol is known.
      .ignored({"type", "bind", "async_operations"});
  return binder;
}

void read_bind(const conf::Section& section, Transport& transport, conf::Problems& problems) {
  if (!transport.has_own_socket()) return;
  const auto port = sip::default_port_of(transport.protocol);
  transport.bind = *net::Address::from_ip("0.0.0.0", port);
  const auto* option = section.find("bind");
  if (option == nullptr) return;
  if (const auto address = net::Address::parse(option->value, port)) {
    transport.bind = *address;
  } else {
    conf::report(problems, conf::Problem::Severity::error, section, *option,
                 fmt::format("[{}] bind: {}", base::printable(section.name), address.error().text));
  }
}

}  // namespace

base::Result<int> parse_tos(std::string_view text) {
  for (const auto& [name, value] : services) {
    if (base::iequals(name, text)) return value;
  }
  const bool hex = base::istarts_with(text, "0x");
  const auto digits = text.substr(hex ? 2 : 0);
  int value = -1;
  const auto read =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
  const bool whole = read.ec == std::errc{} && read.ptr == digits.data() + digits.size();
  if (whole && value >= 0 && value <= 255) return value;
  return base::fail("'{}' is no type of service; cs3, af31, ef, 0x68 or 0 to 255 would be right",
                    base::printable(text, 80));
}

bool Transport::is_local(const net::Address& peer) const {
  return std::any_of(local_net.begin(), local_net.end(),
                     [&peer](const net::Network& network) { return network.contains(peer); });
}

void read_transport(const conf::Section& section, Transport& transport, conf::Problems& problems) {
  static const auto binder = make_binder();
  transport.name = section.name;
  transport.where = section.where;
  binder.bind(section, transport, problems);
  read_bind(section, transport, problems);
}

}  // namespace missive::pjsip

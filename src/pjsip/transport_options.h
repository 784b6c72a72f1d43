// type=transport of pjsip.conf: where SIP is spoken, and how it looks from outside.
//
// Members are named as the options. Plain values, part of the immutable
// Configuration; sip::Transport is what sends. Source: Asterisk documentation,
// res_pjsip, "transport"; "IP Quality of Service".
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "conf/conf.h"
#include "net/acl.h"
#include "net/address.h"
#include "sip/protocol.h"

namespace missive::pjsip {

struct Transport {
  using Protocol = sip::Protocol;

  struct Tls {
    std::string cert_file, priv_key_file, ca_list_file, ca_list_path, cipher, password;
    std::string method = "default";
    bool verify_client = false;
    bool verify_server = false;
    bool require_client_cert = false;
    bool allow_wildcard_certs = false;
  };

  struct TcpKeepalive {
    bool enable = false;
    std::chrono::seconds idle_time{30};
    std::chrono::seconds interval_time{10};
    unsigned probe_count = 5;
  };

  std::string name;
  conf::Location where;
  Protocol protocol = Protocol::udp;
  bool flow = false;  // protocol=flow: no socket, only how connections of registrations look
  // With the protocol's port where the option names none: 5060, tls 5061. Not used by ws,
  // wss (they live in the HTTP server) and flow.
  net::Address bind;
  std::string external_signaling_address;     // a host, or empty
  std::uint16_t external_signaling_port = 0;  // 0: the port of `bind`
  std::string external_media_address;
  std::vector<net::Network> local_net;  // who is not shown the external address
  std::string domain;
  int tos = 0;  // the IP header's octet: cs3 is 0x60
  int cos = 0;  // 0 to 7
  bool allow_reload = false;
  bool symmetric_transport = false;
  std::chrono::milliseconds websocket_write_timeout{100};
  Tls tls;
  TcpKeepalive tcp_keepalive;

  bool is_local(const net::Address& peer) const;
  bool has_own_socket() const {
    return !flow && protocol != Protocol::ws && protocol != Protocol::wss;
  }
};

// A type of service: a name (cs0-cs7, af11-af43, ef, lowdelay, ...) or the octet, decimal
// or 0x hexadecimal.
base::Result<int> parse_tos(std::string_view text);

void read_transport(const conf::Section& section, Transport& transport, conf::Problems& problems);

}  // namespace missive::pjsip

// An account of xmpp.conf: who we are towards one XMPP server, as a client or as a component.
//
//   [gateway]                     ; the name that From gives
//   type = client
//   serverhost = xmpp.example.com ; where to connect; without it the domain's SRV records say
//   username = texts@example.com/missive
//   secret = ...
//
// Plain value, part of a Configuration. Times are seconds. Source: Asterisk documentation,
// res_xmpp, xmpp.conf; `verify_server`, `ca_list_file`, `ca_list_path`, `room` and `ping_interval`
// are ours.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "conf/conf.h"
#include "xmpp/jid.h"

namespace missive::xmpp {

// A room to be in (XEP-0045): room@service/nickname.
struct RoomOption {
  Jid room;  // bare
  std::string nickname;

  bool operator==(const RoomOption&) const = default;
};

struct Account {
  enum class Type { client, component };
  enum class Presence { online, chat, away, xa, dnd };

  std::string name;
  conf::Location where;
  Type type = Type::client;
  Jid jid;                  // full for a client, a domain for a component
  std::string server_host;  // empty: by the JID's domain
  std::uint16_t port = 5222;
  std::string secret;
  bool use_tls = true;
  bool use_sasl = true;
  bool force_old_ssl = false;  // TLS from the first octet on
  bool verify_server = true;
  std::string ca_list_file, ca_list_path;
  bool keep_alive = true;
  std::chrono::seconds ping_interval{60};
  Presence status = Presence::online;
  std::string status_message = "Online and Available";
  int priority = 1;
  std::vector<Jid> buddies;
  std::vector<RoomOption> rooms;
  bool send_to_dialplan = false;
  std::string context = "default";
  std::chrono::seconds timeout{5};  // how long a message waits for JABBER_RECEIVE()

  bool operator==(const Account& other) const;  // but for `where`
};

}  // namespace missive::xmpp

// The configuration a benchmarked server is started with, in Asterisk's files.
//
// Writes manager.conf, pjsip.conf and missive.conf into a folder: one AMI user `bench`, one
// transport, and endpoints phone0, phone1, ... each with an AOR of its own. By UDP each has a
// static contact at one of the phones' ports, by turns, unless it is to register; by everything
// else it registers. For TLS there is a certificate of its own, for WebSockets an http.conf. For
// XMPP there are no endpoints, but an account in xmpp.conf. For the relay: users without contacts,
// to be registered, and an extensions.conf that sends to the user of the Request-URI. For offline:
// users without contacts. Throws std::runtime_error when a file cannot be written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sip/protocol.h"

namespace missive::bench {

struct ServerPorts {
  std::uint16_t ami = 0;
  std::uint16_t sip = 0;
  std::vector<std::uint16_t> phones;
  std::uint16_t xmpp = 0;  // of the server that the account logs in to
};

// What missive.conf says.
struct ServerSettings {
  std::optional<std::uint32_t> shards;
  // always, offline or off, of the outbox. off: what was measured before there was one.
  std::string durability = "off";
  std::string log_level = "info";
};

// How the phones of the main road are reached.
struct Road {
  sip::Protocol protocol = sip::Protocol::udp;
  bool registers = false;  // by anything but UDP they always do
  bool xmpp = false;       // no SIP at all

  // Which the phones open.
  bool by_connection() const { return protocol != sip::Protocol::udp; }
  std::string_view name() const { return xmpp ? "xmpp" : sip::name_of(protocol); }
};

// The account of xmpp.conf, its address, and the domain of those it writes to.
constexpr std::string_view xmpp_account = "bench";
constexpr std::string_view xmpp_domain = "bench.example";
constexpr std::string_view xmpp_jid = "texts@bench.example/missive";

std::string phone_name(std::uint32_t phone);
// ports.sip is that of the WebSocket server where the road is one.
void write_config(const std::filesystem::path& folder, const ServerPorts& ports,
                  const ServerSettings& settings, std::uint32_t phones, const Road& road);
// What the server shows for tls and wss.
std::filesystem::path certificate_in(const std::filesystem::path& folder);
// The users of a pair, with names of one length, so that datagrams of all pairs have it too.
std::string sender_name(std::uint32_t pair);
std::string recipient_name(std::uint32_t pair);

void write_relay_config(const std::filesystem::path& folder, const ServerPorts& ports,
                        const ServerSettings& settings, std::uint32_t pairs);

// Users recipient_name(0), ... who may register and have not.
void write_offline_config(const std::filesystem::path& folder, const ServerPorts& ports,
                          const ServerSettings& settings, std::uint32_t users);

// Nobody but the AMI user, who may have `sessions` of this address.
void write_events_config(const std::filesystem::path& folder, const ServerPorts& ports,
                         const ServerSettings& settings, std::uint32_t sessions);

}  // namespace missive::bench

// The configuration a benchmarked server is started with, in Asterisk's files.
//
// Writes manager.conf, pjsip.conf and missive.conf into a folder: one AMI user `bench`, one UDP
// transport, and endpoints phone0, phone1, ... each with an AOR of its own and a static contact at
// one of the phones' ports, by turns. For the relay: users without contacts, to be registered, and
// an extensions.conf that sends to the user of the Request-URI. For offline: users without
// contacts. Throws std::runtime_error when a file cannot be written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace missive::bench {

struct ServerPorts {
  std::uint16_t ami = 0;
  std::uint16_t sip = 0;
  std::vector<std::uint16_t> phones;
};

// What missive.conf says.
struct ServerSettings {
  std::optional<std::uint32_t> shards;
  // always, offline or off, of the outbox. off: what was measured before there was one.
  std::string durability = "off";
  std::string log_level = "info";
};

std::string phone_name(std::uint32_t phone);
void write_config(const std::filesystem::path& folder, const ServerPorts& ports,
                  const ServerSettings& settings, std::uint32_t phones);
// The users of a pair, with names of one length, so that datagrams of all pairs have it too.
std::string sender_name(std::uint32_t pair);
std::string recipient_name(std::uint32_t pair);

void write_relay_config(const std::filesystem::path& folder, const ServerPorts& ports,
                        const ServerSettings& settings, std::uint32_t pairs);

// Users recipient_name(0), ... who may register and have not.
void write_offline_config(const std::filesystem::path& folder, const ServerPorts& ports,
                          const ServerSettings& settings, std::uint32_t users);

}  // namespace missive::bench

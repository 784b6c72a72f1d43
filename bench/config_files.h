// The configuration a benchmarked server is started with, in Asterisk's files.
//
// Writes manager.conf, pjsip.conf and, where shards are given, missive.conf into a
// folder: one AMI user `bench`, one UDP transport, and endpoints phone0, phone1, ...
// each with an AOR of its own and a static contact at the phone's port. For the relay: users
// without contacts, to be registered, and an extensions.conf that sends to the user of the
// Request-URI. Throws std::runtime_error when a file cannot be written.
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

void write_config(const std::filesystem::path& folder, const ServerPorts& ports,
                  std::optional<std::uint32_t> shards);
// The users of a pair, with names of one length, so that datagrams of all pairs have it too.
std::string sender_name(std::uint32_t pair);
std::string recipient_name(std::uint32_t pair);

void write_relay_config(const std::filesystem::path& folder, const ServerPorts& ports,
                        std::optional<std::uint32_t> shards, std::uint32_t pairs);

}  // namespace missive::bench

// One run of the load against one server, from free ports to figures.
//
// measure() starts the server where it is not running yet, has the phones bound or registered,
// logs in, drives the load, waits until retransmissions would have come, and reads what
// the kernel counted. It throws std::runtime_error when no run came about; a run
// that came about but does not add up is told in Figures::problems.
#pragma once

#include <filesystem>
#include <string>

#include "ami_driver.h"
#include "config_files.h"
#include "figures.h"

namespace missive::bench {

struct Subject {
  enum class Kind { floor, missive, running };

  Kind kind = Kind::floor;
  std::string program;                 // floor, missive
  ServerSettings settings;             // missive
  Road road;                           // missive; others are reached by UDP, static contacts
  std::string name;                    // in the tables
  std::filesystem::path folder;        // missive: where its state goes; empty: TMPDIR
  bool pinned = false;                 // floor, missive
  sockaddr_in ami{};                   // running
  pid_t pid = -1;                      // running
  std::uint16_t first_phone_port = 0;  // running; 0: any
  Credentials credentials;
};

Figures measure(const Load& load, const Subject& subject, std::uint32_t round);

}  // namespace missive::bench

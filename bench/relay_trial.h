// One run of the relay: from free ports to figures.
//
// measure_relay() binds the phones, starts the server, registers the recipients, drives the load,
// waits until retransmissions would have come, and reads what the kernel counted. It throws
// std::runtime_error when no run came about; a run that came about but does not add up
// is told in Figures::problems.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "config_files.h"
#include "figures.h"
#include "relay_driver.h"

namespace missive::bench {

struct RelaySubject {
  bool is_floor = false;
  std::string program;
  ServerSettings settings;       // of missive
  std::filesystem::path folder;  // where its state goes; empty: TMPDIR
  bool pinned = false;
};

Figures measure_relay(const RelayLoad& load, const RelaySubject& subject, std::uint32_t round);

}  // namespace missive::bench

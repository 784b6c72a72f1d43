// Messages for users who are away: queued by AMI, kept over restarts, delivered when they come.
//
// measure_offline() starts the server with `users` who may register, queues all messages, ends the
// server by SIGTERM and then by SIGKILL and starts it again each time, registers the users, plays
// their phones until each message has come, and starts the server once more to see that nothing
// comes again. It throws std::runtime_error when no run came about; what does not add up is told
// in OfflineFigures::problems. One thread; the load spins while there is work.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "ami_driver.h"
#include "config_files.h"
#include "figures.h"
#include "server_process.h"

namespace missive::bench {

struct OfflineLoad {
  std::uint32_t messages = 1'000'000;
  std::uint32_t users = 10'000;
  std::uint32_t connections = 1;
  std::uint32_t in_flight = 512;
  std::uint32_t body_size = 100;
  std::uint32_t sockets = 8;  // ports of the phones
  std::uint32_t window = 64;  // REGISTERs without an answer
};

struct OfflineSubject {
  std::string program;
  ServerSettings settings;
  std::filesystem::path folder;  // for its state, on a disk; empty: TMPDIR
  bool pinned = false;
};

// What one phase took, of the clock and of the server's CPU.
struct Phase {
  double seconds = 0;
  double cpu_us = 0;  // a message
  Memory memory;      // at its end
};

struct Restart {
  std::string ended_by;
  double ready_seconds = 0;  // process started -> AMI login answered
  Memory memory;
};

struct OfflineFigures {
  Phase queued;
  Percentiles reply;
  double state_mb = 0;  // the state folder with everything queued
  std::vector<Restart> restarts;
  double registered_seconds = 0;  // first REGISTER -> the last 200 to one
  Phase delivered;                // first REGISTER -> the last MESSAGE
  std::uint64_t success = 0;
  std::uint64_t distinct = 0;
  std::uint64_t again = 0;         // MESSAGEs of a number that had come: retransmissions
  std::uint64_t out_of_order = 0;  // before an earlier one for the same user
  std::uint64_t wrong_user = 0;    // for somebody else than the Request-URI says
  std::vector<std::string> problems;
};

OfflineFigures measure_offline(const OfflineLoad& load, const OfflineSubject& subject);

}  // namespace missive::bench

// What one run has measured, whether it adds up, and how it is printed.
//
// A run counts only when every action had its reply, every accepted message came to
// the phone, every MESSAGE was answered, and nothing came that was not asked for:
// anything else stands in `problems`, in words. Pure apart from print functions,
// which write to standard output.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ami_driver.h"
#include "phone.h"
#include "server_process.h"

namespace missive::bench {

struct Percentiles {
  double p50_us = 0;
  double p99_us = 0;
};
// Of the values that are there (not Ledger::none).
Percentiles percentiles(std::vector<std::int64_t> nanoseconds);

struct Figures {
  std::string server;  // "floor", "missive", "missive tls", "pid 123"
  std::uint32_t round = 1;
  double seconds = 0;  // first action written to the last reply and the last MESSAGE
  double per_second = 0;
  double cpu_us = 0;  // of the server, a message
  double user_us = 0;
  double system_us = 0;
  double load_cores = 0;  // CPU of the load while it ran: 1.0 is a whole core
  Percentiles reply;      // action written -> its reply read
  Percentiles arrival;    // action written -> its MESSAGE at the phone
  Memory memory;
  ReplyCounts replies;
  PhoneCounts phone;
  std::vector<std::string> problems;
};

// Fills in what is a message's share of `seconds` and of the CPU spent between two readings.
void note_speed(Figures& figures, const Usage& before, const Usage& after);

// What does not add up in `figures`, in words; `sent` actions were written.
std::vector<std::string> find_problems(const Figures& figures, const Load& load, std::uint64_t sent,
                                       bool stalled);

// `load` in words, and the names of the columns; `counts` names the five of the last one.
void print_header(const std::string& load, const std::string& counts);
void print_row(const Figures& figures);
// The CPU a message of `server` over that of the floor run just before it, the median of
// all rounds; 0 where one of the two is missing.
double ratio_to_floor(const std::vector<Figures>& runs, std::string_view server);
// The servers of `runs` other than the floor, in their order.
std::vector<std::string> servers_of(const std::vector<Figures>& runs);
// One row a server, medians of the rounds, as a table of Markdown.
void print_comparison(const std::vector<Figures>& runs);

// `load`: the members that describe it, as JSON: "\"messages\": 1000".
std::string to_json(const std::string& load, const std::vector<Figures>& runs);

}  // namespace missive::bench

#include "figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace missive::bench {
namespace {

// A retransmission is legal, but more than a few mean that answers get lost.
constexpr std::uint64_t messages_per_duplicate = 1000;

double at(const std::vector<std::int64_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto last = static_cast<double>(sorted.size() - 1);
  return static_cast<double>(sorted[static_cast<std::size_t>(last * share)]) / 1000;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// JSON strings of what base::printable() let through.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (c == '\n') {
      result += "\\n";
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string run_json(const Figures& run) {
  std::string problems;
  for (const auto& problem : run.problems) {
    problems += (problems.empty() ? "" : ", ") + quoted(problem);
  }
  return fmt::format(
      "    {{\"server\": {}, \"round\": {}, \"seconds\": {:.6f}, \"messages_per_second\": {:.0f},\n"
      "     \"cpu_us\": {:.3f}, \"user_us\": {:.3f}, \"system_us\": {:.3f}, \"load_cores\": "
      "{:.3f},\n"
      "     \"reply_p50_us\": {:.1f}, \"reply_p99_us\": {:.1f}, \"message_p50_us\": {:.1f}, "
      "\"message_p99_us\": {:.1f},\n"
      "     \"resident_mb\": {:.2f}, \"peak_mb\": {:.2f},\n"
      "     \"success\": {}, \"error\": {}, \"out_of_order\": {}, \"distinct\": {}, "
      "\"duplicates\": {}, \"answered\": {},\n"
      "     \"problems\": [{}]}}",
      quoted(run.server), run.round, run.seconds, run.per_second, run.cpu_us, run.user_us,
      run.system_us, run.load_cores, run.reply.p50_us, run.reply.p99_us, run.arrival.p50_us,
      run.arrival.p99_us, run.memory.resident_mb, run.memory.peak_mb, run.replies.success,
      run.replies.error, run.replies.out_of_order, run.phone.distinct, run.phone.duplicates,
      run.phone.answered, problems);
}

}  // namespace

Percentiles percentiles(std::vector<std::int64_t> nanoseconds) {
  std::erase(nanoseconds, Ledger::none);
  std::sort(nanoseconds.begin(), nanoseconds.end());
  return {at(nanoseconds, 0.50), at(nanoseconds, 0.99)};
}

void note_speed(Figures& figures, const Usage& before, const Usage& after) {
  const auto done = static_cast<double>(std::max<std::uint64_t>(figures.phone.distinct, 1));
  figures.per_second = figures.seconds > 0 ? done / figures.seconds : 0;
  figures.cpu_us = static_cast<double>(after.total_ns - before.total_ns) / 1e3 / done;
  figures.user_us = (after.user_s - before.user_s) * 1e6 / done;
  figures.system_us = (after.system_s - before.system_s) * 1e6 / done;
}

std::vector<std::string> find_problems(const Figures& figures, const Load& load, std::uint64_t sent,
                                       bool stalled) {
  std::vector<std::string> problems;
  const auto& replies = figures.replies;
  const auto& phone = figures.phone;
  const auto check = [&problems](bool wrong, std::string text) {
    if (wrong) problems.push_back(std::move(text));
  };
  check(stalled, fmt::format("nothing has moved for {} seconds", stall_limit.count()));
  check(sent != load.messages, fmt::format("{} of {} actions were written", sent, load.messages));
  check(replies.all() != sent, fmt::format("{} actions, but {} replies", sent, replies.all()));
  check(replies.error != 0,
        fmt::format("{} replies are errors; the first: {}", replies.error, replies.first_error));
  check(replies.strange != 0, fmt::format("{} replies belong to no action in flight; the first: {}",
                                          replies.strange, replies.first_strange));
  check(replies.out_of_order != 0,
        fmt::format("{} replies do not keep the order of their actions", replies.out_of_order));
  check(replies.events != 0,
        fmt::format("{} events came although the login asked for none", replies.events));
  check(phone.distinct != replies.success,
        fmt::format("{} times Success, but {} messages at the phone", replies.success,
                    phone.distinct));
  check(phone.duplicates * messages_per_duplicate > load.messages,
        fmt::format("{} messages came again", phone.duplicates));
  check(phone.strange != 0, fmt::format("{} requests are no MESSAGE of this run; the first: {}",
                                        phone.strange, phone.first_strange));
  const auto asked = phone.distinct + phone.duplicates + phone.others;
  check(phone.answered < asked,
        fmt::format("{} requests, but {} answers sent", asked, phone.answered));
  return problems;
}

void print_header(const std::string& load, const std::string& counts) {
  fmt::print("{}\n\n", load);
  fmt::print("{:<13}{:>5}{:>11}{:>9}{:>7}{:>7}{:>9}{:>9}{:>9}{:>9}{:>8}{:>8}{:>7}  {}\n", "server",
             "round", "messages/s", "CPU us", "user", "system", "reply50", "reply99", "phone50",
             "phone99", "RSS MB", "peak MB", "load", counts);
  std::fflush(stdout);
}

void print_row(const Figures& run) {
  fmt::print(
      "{:<13}{:>5}{:>11.0f}{:>9.2f}{:>7.2f}{:>7.2f}{:>9.0f}{:>9.0f}{:>9.0f}{:>9.0f}{:>8.1f}"
      "{:>8.1f}{:>6.0f}%  {}/{}/{}/{}/{}\n",
      run.server, run.round, run.per_second, run.cpu_us, run.user_us, run.system_us,
      run.reply.p50_us, run.reply.p99_us, run.arrival.p50_us, run.arrival.p99_us,
      run.memory.resident_mb, run.memory.peak_mb, run.load_cores * 100, run.replies.success,
      run.replies.error, run.phone.distinct, run.phone.duplicates, run.phone.answered);
  for (const auto& problem : run.problems) fmt::print("  does not add up: {}\n", problem);
  std::fflush(stdout);
}

double ratio_to_floor(const std::vector<Figures>& runs, std::string_view server) {
  std::vector<double> ratios;
  double floor = 0;
  for (const auto& run : runs) {
    if (run.server == "floor") {
      floor = run.cpu_us;
    } else if (floor > 0 && run.server == server) {
      ratios.push_back(run.cpu_us / floor);
    }
  }
  return median(ratios);
}

std::vector<std::string> servers_of(const std::vector<Figures>& runs) {
  std::vector<std::string> servers;
  for (const auto& run : runs) {
    const bool known = std::find(servers.begin(), servers.end(), run.server) != servers.end();
    if (run.server != "floor" && !known) servers.push_back(run.server);
  }
  return servers;
}

void print_comparison(const std::vector<Figures>& runs) {
  auto servers = servers_of(runs);
  const bool has_floor =
      std::any_of(runs.begin(), runs.end(), [](const auto& run) { return run.server == "floor"; });
  if (has_floor) servers.insert(servers.begin(), "floor");
  fmt::print(
      "\n| medians | messages/s | CPU us a message | of it user, system | times the floor | "
      "reply p50 / p99 us | phone p50 / p99 us | RSS, peak MB |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- |\n");
  for (const auto& server : servers) {
    const auto of = [&](auto value) {
      std::vector<double> values;
      for (const auto& run : runs) {
        if (run.server == server) values.push_back(value(run));
      }
      return median(std::move(values));
    };
    const auto ratio = ratio_to_floor(runs, server);
    fmt::print(
        "| {} | {:.0f} | {:.1f} | {:.1f}, {:.1f} | {} | {:.0f} / {:.0f} | {:.0f} / {:.0f} | "
        "{:.1f}, {:.1f} |\n",
        server, of([](const Figures& run) { return run.per_second; }),
        of([](const Figures& run) { return run.cpu_us; }),
        of([](const Figures& run) { return run.user_us; }),
        of([](const Figures& run) { return run.system_us; }),
        ratio > 0 ? fmt::format("{:.2f}", ratio) : "",
        of([](const Figures& run) { return run.reply.p50_us; }),
        of([](const Figures& run) { return run.reply.p99_us; }),
        of([](const Figures& run) { return run.arrival.p50_us; }),
        of([](const Figures& run) { return run.arrival.p99_us; }),
        of([](const Figures& run) { return run.memory.resident_mb; }),
        of([](const Figures& run) { return run.memory.peak_mb; }));
  }
  std::fflush(stdout);
}

std::string to_json(const std::string& load, const std::vector<Figures>& runs) {
  std::string rows;
  std::string ratios;
  for (const auto& server : servers_of(runs)) {
    ratios += fmt::format("{}{}: {:.3f}", ratios.empty() ? "" : ", ", quoted(server),
                          ratio_to_floor(runs, server));
  }
  for (const auto& run : runs) rows += (rows.empty() ? "" : ",\n") + run_json(run);
  return fmt::format("{{\n  {},\n  \"ratio_to_floor\": {{{}}},\n  \"runs\": [\n{}\n  ]\n}}\n", load,
                     ratios, rows);
}

}  // namespace missive::bench

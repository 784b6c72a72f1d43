// missive console: the commands of a running server, one or line by line, and what it logs.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "app/commands.h"
#include "app/console_editor.h"
#include "app/console_link.h"
#include "base/text.h"

namespace missive::app {
namespace {

using Frame = ConsoleLink::Frame;

// What a console shows, in colour where that is a terminal.
class Screen {
 public:
  void show(const Frame& frame) const {
    if (frame.kind == "output") {
      fmt::print("{}", frame.text);
    } else if (frame.kind == "log") {
      show_log(frame.text);
    } else if (frame.kind == "packet") {
      show_packet(frame.text);
    }
    std::fflush(stdout);
  }

 private:
  static bool has_colours() {
    const char* terminal = std::getenv("TERM");
    return ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr &&
           terminal != nullptr && std::string_view(terminal) != "dumb";
  }

  void show_log(std::string_view text) const {
    const auto level = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(level.size() + 1, text.size()));
    if (level == "ERROR") return show_in("\033[1;31m", text);
    if (level == "WARNING") return show_in("\033[33m", text);
    if (level == "DEBUG") return show_in("\033[2m", text);
    fmt::print("{}", text);
  }
  // The line that says where it came from or went to stands out.
  void show_packet(std::string_view text) const {
    const auto head = text.substr(0, text.find('\n'));
    const bool received = head.find("<--- Received") != std::string_view::npos;
    show_in(received ? "\033[1;36m" : "\033[1;32m", head);
    fmt::print("{}", text.substr(head.size()));
  }
  void show_in(std::string_view colour, std::string_view text) const {
    if (!colours_) return fmt::print("{}", text);
    const auto line = text.substr(0, text.find('\n'));
    fmt::print("{}{}\033[0m{}", colour, line, text.substr(line.size()));
  }

  const bool colours_ = has_colours();
};

// Runs one command and shows what it says; false when it failed. An error ends the console.
base::Result<bool> run(ConsoleLink& link, const Screen& screen, std::string_view command) {
  if (auto sent = link.send("run", command); !sent) return tl::unexpected(sent.error());
  for (;;) {
    const auto frame = link.next();
    if (!frame) return tl::unexpected(frame.error());
    if (frame->kind == "done") return frame->text == "ok";
    screen.show(*frame);
  }
}

bool is_stop(std::string_view command) { return base::istarts_with(command, "core stop "); }

// What there is to say when the server is gone, and the status to end with.
int end(const base::Error& error, bool was_asked) {
  if (!was_asked) return complain(error.text);
  fmt::print("The server has stopped.\n");
  return 0;
}

bool is_farewell(std::string_view command) {
  return base::iequals(command, "quit") || base::iequals(command, "exit");
}

int run_lines(ConsoleLink& link, const Screen& screen) {
  int status = 0;
  bool stopped = false;
  for (std::string line; std::getline(std::cin, line);) {
    const auto command = base::trim(line);
    if (command.empty()) continue;
    if (is_farewell(command)) break;
    stopped = stopped || is_stop(command);
    const auto succeeded = run(link, screen, command);
    if (!succeeded) return end(succeeded.error(), stopped);
    if (!*succeeded) status = 1;
  }
  return status;
}

std::filesystem::path history_file() {
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr ? home : "/") / ".missive_history";
}

int talk(ConsoleLink& link, const Screen& screen) {
  ::umask(S_IRWXG | S_IRWXO);  // of the history
  fmt::print(
      "Connected to {} (process {} on {}). Tab completes, core show help lists the commands, "
      "quit ends.\n",
      link.server(), link.process(), link.host());
  if (auto sent = link.send("follow", ""); !sent) return complain(sent.error().text);
  ConsoleEditor editor(link, fmt::format("{}*CLI> ", link.host()), history_file(),
                       [&screen](const Frame& frame) { screen.show(frame); });
  for (bool stopped = false;;) {
    const auto line = editor.line();
    if (!line) return end(line.error(), stopped);
    if (!*line || is_farewell(**line)) break;
    if ((*line)->empty()) continue;
    stopped = stopped || is_stop(**line);
    if (auto done = run(link, screen, **line); !done) return end(done.error(), stopped);
  }
  return 0;
}

int follow(ConsoleLink& link, const Screen& screen) {
  if (auto sent = link.send("follow", ""); !sent) return complain(sent.error().text);
  for (;;) {
    const auto frame = link.next();
    if (!frame) return complain(frame.error().text);
    screen.show(*frame);
  }
}

// The words of the shell as one line; a single one is the line.
std::string line_of(const std::vector<std::string>& words) {
  if (words.size() == 1) return words.front();
  std::string line;
  for (const auto& word : words) {
    if (!line.empty()) line += ' ';
    const bool plain = !word.empty() && word.find_first_of(" \t\"\\") == std::string::npos;
    if (plain) {
      line += word;
      continue;
    }
    line += '"';
    for (const char c : word) {
      if (c == '"' || c == '\\') line += '\\';
      line += c;
    }
    line += '"';
  }
  return line;
}

}  // namespace

int console(const ConsoleOptions& options) {
  std::setlocale(LC_CTYPE, "");
  auto link = ConsoleLink::connect(options.state);
  if (!link) return complain(link.error().text);
  const Screen screen;
  if (options.follow) return follow(*link, screen);
  if (options.command.empty()) {
    return ::isatty(STDIN_FILENO) == 1 ? talk(*link, screen) : run_lines(*link, screen);
  }
  const auto command = line_of(options.command);
  const auto succeeded = run(*link, screen, command);
  if (!succeeded) return end(succeeded.error(), is_stop(command));
  return *succeeded ? 0 : 1;
}

}  // namespace missive::app

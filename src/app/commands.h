// The commands of the program, each a function from its options to an exit status.
//
// 0 when it did what was asked; 1 when not, with one line on standard error that says
// what is wrong. main() has parsed the command line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace missive::app {

struct ServeOptions {
  std::filesystem::path config;
  std::filesystem::path state;
};
int serve(const ServeOptions& options);

struct CheckOptions {
  std::filesystem::path config;
  std::filesystem::path state;  // empty: not looked at
};
int check(const CheckOptions& options);

struct ExplainOptions {
  std::filesystem::path config;
  std::string destination, from, to;
  std::vector<std::string> variables;  // NAME=VALUE
  std::vector<std::string> incoming;   // FROM and the Request-URI of a MESSAGE that comes in
  std::string source, transport;       // of that: ADDRESS:PORT, a section of pjsip.conf
};
int explain(const ExplainOptions& options);
int explain_incoming(const ExplainOptions& options);

// How a command reaches the AMI of a running server.
struct AmiOptions {
  std::filesystem::path config;
  std::string host, username, secret;  // empty: from manager.conf
  std::uint16_t port = 0;              // 0: from manager.conf
};

struct SendOptions {
  AmiOptions ami;
  std::string destination, body;  // body "-": standard input
  std::string from, to;
  std::vector<std::string> variables;  // NAME=VALUE
  std::string id;                      // empty: the server makes one
  unsigned expiry = 0;                 // seconds; 0: as configured
  bool receipt = false;
  unsigned timeout = 40;  // seconds to wait for the outcome
};
int send(const SendOptions& options);

struct OutboxOptions {
  AmiOptions ami;
  std::string id;
  std::string recipient;  // empty: all
  std::string state = "queued";
  unsigned limit = 100;
};
int outbox_list(const OutboxOptions& options);
int outbox_show(const OutboxOptions& options);
int outbox_cancel(const OutboxOptions& options);
int outbox_retry(const OutboxOptions& options);  // the message `id`
int outbox_flush(const OutboxOptions& options);  // `recipient`, or all

struct ConsoleOptions {
  std::filesystem::path state;
  std::vector<std::string> command;  // its words; empty: lines of standard input
  bool follow = false;               // shows the log instead
};
int console(const ConsoleOptions& options);

int demo();

// Says `text` on standard error as this program does; returns 1.
int complain(const std::string& text);

}  // namespace missive::app

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

struct SendOptions {
  std::filesystem::path config;
  std::string destination, body;  // body "-": standard input
  std::string from, to;
  std::vector<std::string> variables;  // NAME=VALUE
  std::string host, username, secret;  // empty: from manager.conf
  std::uint16_t port = 0;              // 0: from manager.conf
  unsigned timeout = 40;               // seconds to wait for the outcome
  bool hears_outcome = true;           // the user may read class message
};
int send(const SendOptions& options);

int demo();

// Says `text` on standard error as this program does; returns 1.
int complain(const std::string& text);

}  // namespace missive::app

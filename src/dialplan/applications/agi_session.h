// One AGI session: what the server or script asks for, done for the run.
//
// Lives on the worker that has the run. Commands that need media or a call are not known
// (510); after a hang-up those that need a channel are refused (511), as Asterisk does. A line
// break in a value is sent as a blank: the protocol's answers are lines. Source: Asterisk
// documentation, "Asterisk Gateway Interface", AGI commands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialplan/applications/agi_channel.h"
#include "dialplan/run.h"

namespace missive::dialplan {

class AgiSession {
 public:
  using Words = std::vector<std::string>;

  // `request`: agi_request; `script`: agi_network_script, for `network`.
  struct Request {
    std::string request;
    std::string script;
    std::vector<std::string> arguments;
    bool network = false;
  };

  AgiSession(Run& run, AgiChannel& channel) : run_(run), channel_(channel) {}

  // Until the other side closes. False: it broke off before.
  bool serve(const Request& request);
  bool hung_up() const { return hung_up_; }
  // SET PRIORITY and the like, or an application, have moved the run.
  bool jumped() const { return jumped_; }

  // --- for the commands
  Run& run() { return run_; }
  bool reply(std::string_view line);
  bool reply_result(int result);
  bool reply_value(const std::optional<std::string>& value);  // 1 (value), or 0
  void hang_up() { hung_up_ = true; }
  void take(Outcome outcome);
  // Where it goes on after the session, to be changed.
  void move(const std::function<void(Position&)>& change);

 private:
  std::string environment(const Request& request) const;
  bool handle(std::string_view line);

  Run& run_;
  AgiChannel& channel_;
  bool hung_up_ = false;
  bool told_ = false;  // of the hang-up
  bool jumped_ = false;
};

struct AgiCommand {
  std::vector<std::string_view> words;  // "GET", "VARIABLE"
  std::size_t least, most;              // words after those
  bool after_hang_up;
  std::string_view usage;
  // False when the reply did not get out.
  bool (*execute)(AgiSession& session, const AgiSession::Words& arguments);
};

// The command that `words` begin with; nullptr when there is none.
const AgiCommand* find_agi_command(const AgiSession::Words& words);

}  // namespace missive::dialplan

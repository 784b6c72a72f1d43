// Applications of the dialplan: what stands behind a priority.
//
// An ApplicationTable is filled at start-up and immutable after; names are matched without
// regard to case. An application gets its arguments expanded, as one text, and says by its
// Outcome how the run goes on. One that has to wait takes Run::suspend() first and returns
// Outcome::suspended; calling the Resume, once, on the shard's thread, goes on. `blocks` ones
// are called on a worker thread and must not suspend. An application that fails logs why
// (Run::warn()) and goes on or ends the run as Asterisk's does.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace missive::dialplan {

class Run;

enum class Outcome {
  next,       // on to the following priority
  jumped,     // Run::go_to() has been called
  hang_up,    // the run ends
  suspended,  // Resume tells later
};

struct Application {
  using Execute = std::function<Outcome(Run&, std::string_view arguments)>;

  std::string_view name;
  Execute execute;
  bool blocks = false;         // may take its time: never on a shard's thread
  bool dangerous = false;      // runs commands: only with live_dangerously
  bool raw_arguments = false;  // expands them itself (ExecIf, While)
};

class ApplicationTable {
 public:
  void add(Application application) {
    applications_.emplace(application.name, std::move(application));
  }
  // nullptr when there is none.
  const Application* find(std::string_view name) const;
  std::vector<std::string_view> names() const;

 private:
  std::map<std::string, Application, base::ILess> applications_;
};

void add_flow_applications(ApplicationTable& table);      // Goto Gosub Return ...  flow.cc
void add_branch_applications(ApplicationTable& table);    // If While ExecIf ...  branch.cc
void add_variable_applications(ApplicationTable& table);  // Set MSet DBdel ...  variables.cc
void add_log_applications(ApplicationTable& table);       // NoOp Verbose Log UserEvent  log.cc
void add_system_applications(ApplicationTable& table);    // System TrySystem  system.cc
void add_message_applications(ApplicationTable& table);   // MessageSend  message_send.cc
void add_jabber_applications(ApplicationTable& table);    // JabberSend JabberJoin ...  jabber.cc
void add_call_applications(ApplicationTable& table);      // Answer Ringing ...: no-ops  calls.cc
void add_agi_application(ApplicationTable& table);        // AGI  agi.cc

inline void add_applications(ApplicationTable& table) {
  for (const auto add : {add_flow_applications, add_branch_applications, add_variable_applications,
                         add_log_applications, add_system_applications, add_message_applications,
                         add_jabber_applications, add_call_applications, add_agi_application}) {
    add(table);
  }
}

}  // namespace missive::dialplan

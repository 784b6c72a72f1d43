// Goto, Gosub and their kin; Hangup, Wait, Exec.
#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "base/text.h"
#include "dialplan/applications/parts.h"
#include "dialplan/expression.h"

namespace missive::dialplan {
namespace {

// A branch that is not there: on to the next priority.
Outcome jump_if_given(Run& run, std::string_view label) {
  return label.empty() ? Outcome::next : jump(run, label);
}

std::optional<Branches> branches_of(Run& run, std::string_view application,
                                    std::string_view arguments) {
  auto branches = split_branches(arguments);
  if (!branches || (branches->when_true.empty() && branches->when_false.empty())) {
    run.warn(fmt::format("{} needs condition?label[:label], not '{}'", application, arguments));
    return std::nullopt;
  }
  return branches;
}

Outcome go_to(Run& run, std::string_view arguments) { return jump(run, arguments); }

Outcome go_to_if(Run& run, std::string_view arguments) {
  const auto branches = branches_of(run, "GotoIf", arguments);
  if (!branches) return Outcome::next;
  return jump_if_given(run,
                       is_true(branches->condition) ? branches->when_true : branches->when_false);
}

Outcome go_to_if_time(Run& run, std::string_view arguments) {
  const auto branches = branches_of(run, "GotoIfTime", arguments);
  if (!branches) return Outcome::next;
  const auto now = is_time(run, branches->condition);
  if (!now) {
    run.warn(now.error().text);
    return Outcome::next;
  }
  return jump_if_given(run, *now ? branches->when_true : branches->when_false);
}

Position after(const Run& run) {
  auto place = run.position();
  ++place.priority;
  return place;
}

Outcome gosub(Run& run, std::string_view arguments) {
  if (base::trim(arguments).empty()) {
    run.warn("Gosub needs [[context,]extension,]priority[(arguments)]");
    return Outcome::hang_up;
  }
  const auto [label, values] = split_call(arguments);
  return go_sub(run, label, values, after(run));
}

Outcome gosub_if(Run& run, std::string_view arguments) {
  const auto branches = branches_of(run, "GosubIf", arguments);
  if (!branches) return Outcome::next;
  const auto condition = run.expand_part(branches->condition);
  const auto branch =
      run.expand_part(is_true(condition) ? branches->when_true : branches->when_false);
  return branch.empty() ? Outcome::next : gosub(run, branch);
}

Outcome come_back(Run& run, std::string_view value) {
  if (run.frames().empty()) {
    run.warn("Return without Gosub: there is nothing to return to");
    return Outcome::hang_up;
  }
  std::string kept(value);
  auto back = std::move(run.frames().back().back);
  run.frames().pop_back();
  run.set_variable("GOSUB_RETVAL", std::move(kept));
  run.go_to(std::move(back));
  return Outcome::jumped;
}

Outcome stack_pop(Run& run, std::string_view) {
  if (run.frames().empty()) {
    run.warn("StackPop without Gosub: there is nothing to take off");
  } else {
    run.frames().pop_back();
  }
  return Outcome::next;
}

Outcome wait(Run& run, std::string_view arguments) {
  const auto text = base::trim(arguments.substr(0, arguments.find(',')));
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || !(seconds >= 0)) {
    run.warn(fmt::format("Wait needs a number of seconds, not '{}'", text));
    return Outcome::next;
  }
  if (seconds == 0) return Outcome::next;
  // What is longer than a run may take ends with it.
  const std::chrono::duration<double> most = run.shared().options.max_duration * 2;
  const auto time = std::min(std::chrono::duration<double>(seconds), most);
  return run.sleep(std::chrono::duration_cast<base::Duration>(time));
}

Outcome exec(Run& run, std::string_view arguments) {
  const auto [name, values] = split_call(arguments);
  if (name.empty()) return Outcome::next;
  return run.execute(name, values);
}

Outcome try_exec(Run& run, std::string_view arguments) {
  const auto [name, values] = split_call(arguments);
  if (name.empty() || run.shared().applications.find(name) == nullptr) {
    if (!name.empty()) run.warn(fmt::format("TryExec: there is no application '{}'", name));
    run.set_variable("TRYSTATUS", "NOAPP");
    return Outcome::next;
  }
  run.then([&run](Outcome outcome) {
    const bool failed = outcome == Outcome::hang_up;
    run.set_variable("TRYSTATUS", failed ? "FAILED" : "SUCCESS");
    return failed ? Outcome::next : outcome;
  });
  return run.execute(name, values);
}

}  // namespace

void add_flow_applications(ApplicationTable& table) {
  table.add({"Goto", go_to});
  table.add({"GotoIf", go_to_if});
  table.add({"GotoIfTime", go_to_if_time});
  table.add({"Gosub", gosub});
  table.add({.name = "GosubIf", .execute = gosub_if, .raw_arguments = true});
  table.add({"Return", come_back});
  table.add({"StackPop", stack_pop});
  table.add({"Hangup", [](Run&, std::string_view) { return Outcome::hang_up; }});
  table.add({"Wait", wait});
  table.add({"WaitExten", wait});
  table.add({"Exec", exec});
  table.add({"TryExec", try_exec});
}

}  // namespace missive::dialplan

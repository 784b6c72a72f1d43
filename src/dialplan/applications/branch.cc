// ExecIf, If ... EndIf, While ... EndWhile.
//
// Blocks are found by their priorities, in the extension that the run is at: nothing has to be
// remembered, so that a Goto out of a loop leaves nothing behind.
#include <fmt/format.h>

#include <initializer_list>
#include <optional>

#include "base/text.h"
#include "dialplan/applications/parts.h"
#include "dialplan/expression.h"

namespace missive::dialplan {
namespace {

struct Block {
  std::string_view begin, end;
};
constexpr Block if_block{"If", "EndIf"};
constexpr Block while_block{"While", "EndWhile"};

// The first priority from the next one on that is one of `wanted`, outside of inner blocks.
std::optional<int> find_below(const Run& run, const Block& block,
                              std::initializer_list<std::string_view> wanted) {
  int depth = 0;
  for (int number = run.position().priority + 1;; ++number) {
    const auto* const priority = run.priority_at(number);
    if (priority == nullptr) return std::nullopt;
    const auto& name = priority->application;
    if (depth == 0) {
      for (const auto one : wanted) {
        if (base::iequals(name, one)) return number;
      }
    }
    if (base::iequals(name, block.begin)) ++depth;
    if (base::iequals(name, block.end) && --depth < 0) return std::nullopt;
  }
}

// Where the block begins that the run is in.
std::optional<int> find_above(const Run& run, const Block& block) {
  int depth = 0;
  for (int number = run.position().priority - 1; number > 0; --number) {
    const auto* const priority = run.priority_at(number);
    if (priority == nullptr) return std::nullopt;
    if (base::iequals(priority->application, block.end)) ++depth;
    if (base::iequals(priority->application, block.begin) && depth-- == 0) return number;
  }
  return std::nullopt;
}

Outcome go_to_priority(Run& run, int number) {
  auto place = run.position();
  place.priority = number;
  run.go_to(std::move(place));
  return Outcome::jumped;
}

// Behind the end of the block that the run is in or at the beginning of.
Outcome leave(Run& run, const Block& block) {
  if (const auto end = find_below(run, block, {block.end})) return go_to_priority(run, *end + 1);
  run.warn(fmt::format("this {} has no {} in the same extension", block.begin, block.end));
  return Outcome::next;
}

// --- If

Outcome begin_if(Run& run, std::string_view condition) {
  if (is_true(condition)) return Outcome::next;
  if (const auto other = find_below(run, if_block, {"ElseIf"})) {
    return go_to_priority(run, *other);
  }
  if (const auto other = find_below(run, if_block, {"Else"})) {
    return go_to_priority(run, *other + 1);
  }
  return leave(run, if_block);
}

// Reached from above: the branch before it was taken.
Outcome pass_else(Run& run, std::string_view) { return leave(run, if_block); }

// --- While

Outcome begin_while(Run& run, std::string_view condition) {
  return is_true(condition) ? Outcome::next : leave(run, while_block);
}

Outcome again(Run& run, std::string_view) {
  if (const auto begin = find_above(run, while_block)) return go_to_priority(run, *begin);
  run.warn("there is no While above in the same extension");
  return Outcome::next;
}

// --- ExecIf

Outcome execute_branch(Run& run, std::string_view branch) {
  if (branch.empty()) return Outcome::next;
  const auto text = run.expand_part(branch);
  const auto [name, arguments] = split_call(text);
  return run.execute(name, arguments);
}

Outcome exec_if(Run& run, std::string_view arguments) {
  const auto branches = split_branches(arguments);
  if (!branches) {
    run.warn(fmt::format("ExecIf needs condition?application(arguments)[:application], not '{}'",
                         arguments));
    return Outcome::next;
  }
  const auto condition = run.expand_part(branches->condition);
  return execute_branch(run, is_true(condition) ? branches->when_true : branches->when_false);
}

Outcome exec_if_time(Run& run, std::string_view arguments) {
  const auto question = find_outside(arguments, '?');
  if (question == std::string_view::npos) {
    run.warn(fmt::format("ExecIfTime needs times?application(arguments), not '{}'", arguments));
    return Outcome::next;
  }
  const auto now = is_time(run, run.expand_part(base::trim(arguments.substr(0, question))));
  if (!now) run.warn(now.error().text);
  if (!now || !*now) return Outcome::next;
  return execute_branch(run, base::trim(arguments.substr(question + 1)));
}

}  // namespace

void add_branch_applications(ApplicationTable& table) {
  table.add({.name = "ExecIf", .execute = exec_if, .raw_arguments = true});
  table.add({.name = "ExecIfTime", .execute = exec_if_time, .raw_arguments = true});
  table.add({"If", begin_if});
  table.add({"ElseIf", begin_if});
  table.add({"Else", pass_else});
  table.add({"EndIf", [](Run&, std::string_view) { return Outcome::next; }});
  table.add({"ExitIf", pass_else});
  table.add({"While", begin_while});
  table.add({"EndWhile", again});
  table.add({"ContinueWhile", again});
  table.add({"ExitWhile", [](Run& run, std::string_view) { return leave(run, while_block); }});
}

}  // namespace missive::dialplan

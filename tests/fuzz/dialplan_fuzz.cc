// extensions.conf from anywhere, and look-ups in what comes out.
//
// What must hold: no crash and no endless work; a Dialplan exactly when nothing is an error; every
// priority is found under its number, those of an extension rise; every exact extension is
// found by its name, and by nothing that no line of the file says.
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "dialplan/application.h"
#include "dialplan/dialplan.h"
#include "dialplan/function.h"
#include "fuzz_check.h"

namespace {

using namespace missive::dialplan;
using missive::fuzz::check;

const missive::base::WallTime now{std::chrono::seconds{1767225600}};

const ApplicationTable& applications() {
  static const auto table = [] {
    ApplicationTable filled;
    for (const auto* const name : {"NoOp", "Set", "MessageSend"}) filled.add({name, {}});
    return filled;
  }();
  return table;
}

const FunctionTable& functions() {
  static const auto table = [] {
    FunctionTable filled;
    for (const auto* const name : {"LEN", "MESSAGE", "EVAL"}) filled.add({name, {}});
    return filled;
  }();
  return table;
}

void check_extension(const Dialplan& dialplan, const Context& context, const Extension& extension) {
  int last = 0;
  for (const auto& priority : extension.priorities) {
    check(priority.number > last && priority.where.line > 0);
    check(extension.find(priority.number) == &priority);
    last = priority.number;
    if (!priority.label.empty()) check(extension.find_label(priority.label).has_value());
    if (extension.is_pattern) continue;
    check(dialplan.find(context.name, extension.name, priority.number, now) == &priority);
  }
  check(extension.find(last + 1) == nullptr);
  check(!extension.name.empty());
  check(!extension.priorities.empty() || extension.hint.has_value());
  // A pattern is only some name here; it may match itself or not.
  dialplan.find(context.name, extension.name, 1, now);
}

void check_dialplan(const Dialplan& dialplan) {
  for (const auto& context : dialplan.contexts()) {
    check(dialplan.context(context.name) == &context);
    check(context.patterns.size() + context.exact.size() == context.extensions.size());
    for (const auto& extension : context.extensions) {
      check_extension(dialplan, context, extension);
    }
    for (const auto exten : {"", "1", "6421", "alice", "s", "-", "+4930-12"}) {
      const auto* first = dialplan.extension(context.name, exten, now);
      check((first != nullptr) == (dialplan.find(context.name, exten, 1, now) != nullptr));
      dialplan.find_label(context.name, exten, "a", now);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  missive::conf::Problems problems;
  const auto dialplan = Dialplan::parse(text, applications(), functions(), problems);
  check(dialplan.has_value() != missive::conf::has_errors(problems));
  if (dialplan) check_dialplan(**dialplan);
  return 0;
}

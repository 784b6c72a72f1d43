// dialplan show, dialplan add extension, dialplan remove extension.
//
// Changes count until the next reload of extensions.conf.
#include "dialplan/dialplan.h"

#include <fmt/format.h>

#include "base/text.h"
#include "console/commands/parts.h"
#include "dialplan/dialplan_change.h"
#include "dialplan/pattern.h"

namespace missive::console {
namespace {

using dialplan::Context;
using dialplan::Extension;

std::string line(std::string_view left, std::string_view what, std::string_view where) {
  return fmt::format("  {:<17} {:<45} [{}]\n", left, what, where);
}

std::string place(const conf::Location& where) {
  if (where.line == 0) return "pbx_config";
  return fmt::format("{}:{}", std::filesystem::path(where.file).filename().string(), where.line);
}

// What of a dialplan is asked for: "", "context", "exten@" or "exten@context".
struct Wanted {
  explicit Wanted(std::string_view text) {
    const auto at = text.find('@');
    context = at == std::string_view::npos ? text : text.substr(at + 1);
    if (at != std::string_view::npos) exten = text.substr(0, at);
  }
  bool fits(const Context& candidate) const { return context.empty() || candidate.name == context; }
  bool fits(const Extension& candidate) const {
    return exten.empty() || candidate.name == exten ||
           (candidate.is_pattern && dialplan::matches_pattern(candidate.name, exten));
  }
  std::string_view context, exten;
};

class DialplanText {
 public:
  explicit DialplanText(const Wanted& wanted) : wanted_(wanted) {}

  void add(const Context& context) {
    std::string body;
    for (const auto& extension : context.extensions) {
      if (wanted_.fits(extension)) add(body, extension);
    }
    if (wanted_.exten.empty()) {
      for (const auto& include : context.includes) {
        body += line("Include =>", fmt::format("'{}'", include.context), "pbx_config");
      }
    } else if (body.empty()) {
      return;
    }
    ++contexts_;
    out_ += fmt::format("\n[ Context '{}' created by 'pbx_config' ]\n{}", context.name, body);
  }

  std::size_t contexts() const { return contexts_; }
  std::string text() const {
    return fmt::format("{}\n-= {} ({} priorit{}) in {}. =-\n", out_,
                       base::counted(extensions_, "extension"), priorities_,
                       priorities_ == 1 ? "y" : "ies", base::counted(contexts_, "context"));
  }

 private:
  void add(std::string& body, const Extension& extension) {
    ++extensions_;
    auto left = fmt::format("'{}' =>", extension.name);
    if (extension.hint) {
      ++priorities_;
      body += line(std::exchange(left, {}), "hint: " + extension.hint->text,
                   place(extension.hint->where));
    }
    for (const auto& priority : extension.priorities) {
      ++priorities_;
      if (left.empty() && !priority.label.empty()) left = fmt::format("   [{}]", priority.label);
      body += line(std::exchange(left, {}),
                   fmt::format("{}. {}({})", priority.number, priority.application,
                               priority.arguments.text()),
                   place(priority.where));
    }
  }

  const Wanted& wanted_;
  std::string out_;
  std::size_t contexts_ = 0, extensions_ = 0, priorities_ = 0;
};

std::string not_there(const Wanted& wanted, bool has_context) {
  if (!has_context) {
    return fmt::format("There is no existence of '{}' context\n", base::printable(wanted.context));
  }
  if (wanted.context.empty()) {
    return fmt::format("There is no existence of '{}' extension in all contexts\n",
                       base::printable(wanted.exten));
  }
  return fmt::format("There is no existence of {}@{} extension\n", base::printable(wanted.exten),
                     base::printable(wanted.context));
}

Result show(const Environment& environment, const Call& call) {
  const auto dialplan = environment.host.dialplan();
  const Wanted wanted(argument(call, 0));
  DialplanText text(wanted);
  bool has_context = wanted.context.empty();
  for (const auto& context : dialplan->contexts()) {
    if (!wanted.fits(context)) continue;
    has_context = true;
    text.add(context);
  }
  const bool found = has_context && (wanted.exten.empty() || text.contexts() > 0);
  return found ? success(text.text()) : failure(not_there(wanted, has_context));
}

// --- dialplan add extension, dialplan remove extension

using dialplan::Changed;

constexpr std::string_view add_usage =
    "Usage: dialplan add extension EXTEN,PRIORITY,APP[(ARGUMENTS)] into CONTEXT [replace]\n";
constexpr std::string_view remove_usage =
    "Usage: dialplan remove extension EXTEN@CONTEXT [PRIORITY]\n";

// Why it could not be done.
std::string_view reason_of(const Changed& changed) {
  switch (changed.outcome) {
    case Changed::Outcome::exists:
      return "there is such a priority; 'replace' puts this one in its place";
    case Changed::Outcome::no_context:
      return "there is no such context";
    case Changed::Outcome::no_extension:
      return "there is no such extension in the context";
    case Changed::Outcome::no_priority:
      return "the extension has no such priority";
    case Changed::Outcome::refused:
    case Changed::Outcome::done:
      break;
  }
  return changed.problem;
}

// "EXTEN,PRIORITY,APP(ARGUMENTS)", or with a comma before the arguments.
std::optional<dialplan::NewPriority> read_addition(std::string_view text) {
  dialplan::NewPriority added;
  const auto exten_end = text.find(',');
  if (exten_end == std::string_view::npos) return std::nullopt;
  added.exten = text.substr(0, exten_end);
  const auto priority_end = text.find(',', exten_end + 1);
  if (priority_end == std::string_view::npos) return std::nullopt;
  const auto number =
      dialplan::priority_number(text.substr(exten_end + 1, priority_end - exten_end - 1));
  if (!number || added.exten.empty()) return std::nullopt;
  added.number = *number;
  const auto call = text.substr(priority_end + 1);
  if (added.number == dialplan::hint_priority) {
    added.application = call;
    return added;
  }
  const auto end = std::min(call.find_first_of("(,"), call.size());
  added.application = call.substr(0, end);
  auto arguments = call.substr(std::min(end + 1, call.size()));
  if (end < call.size() && call[end] == '(' && arguments.ends_with(')')) arguments.remove_suffix(1);
  added.arguments = arguments;
  return added;
}

Result add_extension(Environment& environment, const Call& call) {
  const auto& words = call.arguments;
  auto added = read_addition(words[0]);
  const bool replace = words.size() == 4 && words[3] == "replace";
  if (!added || words[1] != "into" || (words.size() == 4 && !replace)) {
    return failure(std::string(add_usage));
  }
  added->context = words[2];
  added->replace = replace;
  const auto changed = environment.in_force.change([&](const dialplan::Dialplan& now) {
    return add_priority(now, *added, environment.dialplan.applications,
                        environment.dialplan.functions);
  });
  const auto what = base::printable(words[0]);
  if (changed.outcome == Changed::Outcome::done) {
    return success(fmt::format("Extension '{}' added into '{}' context\n", what, words[2]));
  }
  return failure(fmt::format("Failed to add '{}' extension into '{}' context: {}\n", what,
                             base::printable(words[2]), reason_of(changed)));
}

Result remove_extension(Environment& environment, const Call& call) {
  const std::string_view place = call.arguments[0];
  const auto at = place.find('@');
  const auto number = call.arguments.size() > 1 ? dialplan::priority_number(call.arguments[1])
                                                : std::optional<int>();
  if (at == std::string_view::npos || (call.arguments.size() > 1 && !number)) {
    return failure(std::string(remove_usage));
  }
  const auto exten = place.substr(0, at), context = place.substr(at + 1);
  const auto changed = environment.in_force.change([&](const dialplan::Dialplan& now) {
    return dialplan::remove_extension(now, context, exten, number);
  });
  if (changed.outcome != Changed::Outcome::done) {
    return failure(fmt::format("Failed to remove extension {}: {}\n", base::printable(place),
                               reason_of(changed)));
  }
  return success(
      number ? fmt::format("Extension {} with priority {} removed\n", place, call.arguments[1])
             : fmt::format("Whole extension {} removed\n", place));
}

}  // namespace

void add_dialplan_commands(Registry& registry, Environment& environment) {
  registry.add({"dialplan show", "[[EXTEN@]CONTEXT]", 0, 1, "Show dialplan",
                at_once([&environment](const Call& call) { return show(environment, call); }),
                [&environment](const Arguments&) {
                  const auto dialplan = environment.host.dialplan();
                  Command::Choices names;
                  for (const auto& context : dialplan->contexts()) names.push_back(context.name);
                  return names;
                }});
  registry.add({"dialplan add extension", "EXTEN,PRIORITY,APP[(ARGUMENTS)] into CONTEXT [replace]",
                3, 4, "Add new extension into context", at_once([&environment](const Call& call) {
                  return add_extension(environment, call);
                })});
  registry.add({"dialplan remove extension", "EXTEN@CONTEXT [PRIORITY]", 1, 2,
                "Remove a specified extension", at_once([&environment](const Call& call) {
                  return remove_extension(environment, call);
                })});
}

}  // namespace missive::console

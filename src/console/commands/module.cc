// module show, module reload; the reloads of parts that have a command of their own.
#include <fmt/format.h>

#include "base/text.h"
#include "console/commands/parts.h"

namespace missive::console {
namespace {

constexpr std::string_view reloaded_text = "Module '{}' reloaded successfully.";

// What Asterisk says of one.
std::string outcome_text(const std::string& module, const Reloaded& reloaded,
                         std::string_view done) {
  switch (reloaded.status) {
    case Reloaded::Status::done:
      return done.empty() ? "" : fmt::format(fmt::runtime(done), module) + '\n';
    case Reloaded::Status::not_found:
      return fmt::format("No such module '{}'\n", base::printable(module));
    case Reloaded::Status::not_implemented:
      return fmt::format("The module '{}' does not support reloads\n", module);
    case Reloaded::Status::failed:
      break;
  }
  if (module.empty())
    return fmt::format("An error occurred while reloading: {}\n", reloaded.problem);
  return fmt::format("An error occurred while reloading module '{}': {}\n", module,
                     reloaded.problem);
}

// Several reloads, one after the other.
struct Reloads {
  Environment& environment;
  std::vector<std::string> modules;
  std::string done;
  Answer answer;
  std::size_t next = 0;
  Result result = {};

  static void go_on(std::shared_ptr<Reloads> self) {
    if (self->next == self->modules.size()) return self->answer(self->result);
    auto& environment = self->environment;
    environment.host.reload(self->modules[self->next], environment.shard,
                            [self](const Reloaded& reloaded) {
                              self->take(reloaded);
                              go_on(self);
                            });
  }
  void take(const Reloaded& reloaded) {
    result.ok = result.ok && reloaded.status == Reloaded::Status::done;
    result.text += outcome_text(modules[next++], reloaded, done);
  }
};

std::string line(std::string_view name, std::string_view description, std::string_view uses,
                 std::string_view status, std::string_view support) {
  return fmt::format("{:<30} {:<40.40} {:<10} {:<11} {:>13}\n", name, description, uses, status,
                     support);
}

Result show(const Environment& environment, const Call& call) {
  const bool like = !call.arguments.empty();
  if (like && (call.arguments.size() != 2 || call.arguments.front() != "like")) {
    return failure("Usage: module show [like KEYWORD]");
  }
  const auto wanted = like ? base::lower(call.arguments[1]) : std::string();
  auto out = line("Module", "Description", "Use Count", "Status", "Support Level");
  std::size_t count = 0;
  for (const auto& module : environment.host.modules()) {
    if (module.is_built_in || base::lower(module.name).find(wanted) == std::string::npos) continue;
    out += line(module.name, module.description, "0", module.is_running ? "Running" : "Not Running",
                "core");
    ++count;
  }
  return success(out + fmt::format("{} modules loaded\n", count));
}

Command::Choices reloadable(const Environment& environment) {
  Command::Choices names;
  for (const auto& module : environment.host.modules()) {
    if (module.reloads) names.emplace_back(module.name);
  }
  return names;
}

}  // namespace

void reload(Environment& environment, std::vector<std::string> modules, std::string_view done,
            Answer answer) {
  if (modules.empty()) modules.emplace_back();
  Reloads::go_on(std::make_shared<Reloads>(
      Reloads{environment, std::move(modules), std::string(done), std::move(answer)}));
}

void add_module_commands(Registry& registry, Environment& environment) {
  registry.add({"module show", "[like KEYWORD]", 0, 2, "List modules and info",
                at_once([&environment](const Call& call) { return show(environment, call); }),
                [](const Arguments& before) {
                  return before.empty() ? Command::Choices{"like"} : Command::Choices{};
                }});
  registry.add({"module reload", "[MODULE...]", 0, Command::any_number,
                "Reload configuration for a given module or modules",
                [&environment](Call call) {
                  const auto done = call.arguments.empty() ? std::string_view() : reloaded_text;
                  reload(environment, std::move(call.arguments), done, std::move(call.answer));
                },
                [&environment](const Arguments&) { return reloadable(environment); }});
  const auto part = [&](std::string name, std::string module, std::string_view done,
                        std::string summary) {
    registry.add(
        {std::move(name), "", 0, 0, std::move(summary), [&environment, module, done](Call call) {
           reload(environment, {module}, done, std::move(call.answer));
         }});
  };
  part("pjsip reload", "res_pjsip.so", reloaded_text, "Reload pjsip.conf");
  part("dialplan reload", "pbx_config.so", "Dialplan reloaded.",
       "Reload extensions and *only* extensions");
  part("manager reload", "manager", "", "Reload manager configurations");
}

}  // namespace missive::console

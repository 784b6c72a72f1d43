#include "ami/manager_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "ami/action.h"
#include "ami/event_names.h"
#include "ami/session.h"
#include "ami/wire.h"
#include "base/text.h"
#include "console/time_text.h"

namespace missive::ami {
namespace {

using console::at_once;
using console::Call;
using console::Command;
using console::failure;
using console::Result;
using console::success;

std::vector<const Action*> actions_of(const Shared& shared) {
  std::vector<const Action*> actions;
  for (const auto& action : all_actions()) {
    if (is_there(action, shared)) actions.push_back(&action);
  }
  std::sort(actions.begin(), actions.end(),
            [](const Action* a, const Action* b) { return base::ILess{}(a->name, b->name); });
  return actions;
}

Result show_commands(const Shared& shared) {
  const auto actions = actions_of(shared);
  std::size_t width = 6;
  for (const auto* action : actions) width = std::max(width, action->name.size());
  std::string out;
  const auto line = [&](std::string_view name, std::string_view synopsis) {
    out += fmt::format("  {:<{}}  {:<}\n", name, width, synopsis);
  };
  line("Action", "Synopsis");
  line("------", "--------");
  for (const auto* action : actions) line(action->name, action->synopsis);
  return success(std::move(out));
}

Result show_command(const Shared& shared, const Call& call) {
  Result result;
  for (const auto& name : call.arguments) {
    const auto* action = find_action(name);
    if (action == nullptr || !is_there(*action, shared)) {
      result.ok = false;
      result.text += fmt::format("No such action '{}'\n", base::printable(name));
      continue;
    }
    result.text += fmt::format(
        "[Syntax]\nAction: {}\n[ActionID:] <value>\n\n[Synopsis]\n{}\n\n"
        "[Privilege]\n{}\n\n",
        action->name, action->synopsis, privilege_text(action->privilege));
  }
  return result;
}

Result show_events() {
  std::string out = "Events:\n";
  const auto row = [&out](std::string_view a, std::string_view b, std::string_view c) {
    out += fmt::format("  {:<25}  {:<25}  {}\n", a, b, c);
  };
  const std::string dashes(20, '-');
  row(dashes, dashes, dashes);
  const auto rows = (event_names.size() + 2) / 3;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto at = [&](std::size_t index) {
      return index < event_names.size() ? event_names[index] : std::string_view();
    };
    row(at(i), at(i + rows), at(i + 2 * rows));
  }
  return success(std::move(out));
}

// There is no queue: an event is handed to the sessions that want it when it happens.
Result show_event_queue() { return success("Usecount: 0\nThe event queue is empty.\n"); }

// --- what only a shard knows

using Configured = std::shared_ptr<const Configuration>;

// Has `make` answer from the configuration in force.
template <class Make>
auto from_configuration(Server& server, net::Shard& asker, Make make) {
  return [&server, &asker, make](Call call) {
    auto found = std::make_shared<Configured>();
    auto look = [found](Environment& environment) { *found = environment.configuration; };
    server.ask_shards(
        std::move(look), asker,
        [found, make, arguments = std::move(call.arguments),
         answer = std::move(call.answer)]() mutable { answer(make(**found, arguments)); });
  };
}

Result show_users(const Configuration& configuration, const console::Arguments&) {
  std::string out = "\nusername\n--------\n";
  for (const auto& user : configuration.users) out += user.name + '\n';
  return success(out + fmt::format("-------------------\n{} manager users configured.\n",
                                   configuration.users.size()));
}

Result show_user(const Configuration& configuration, const console::Arguments& arguments) {
  const auto* user = configuration.find(arguments.front());
  if (user == nullptr) {
    return failure(fmt::format("There is no manager called {}\n", base::printable(arguments[0])));
  }
  std::string out = "\n";
  const auto line = [&out](std::string_view name, std::string_view value) {
    out += fmt::format("{:>20}: {}\n", name, value);
  };
  const auto truth = [](bool value) { return value ? "yes" : "no"; };
  line("username", user->name);
  line("secret", user->secret.empty() ? "<N/A>" : "<Set>");
  line("ACL", truth(!user->acl.empty() || !user->named_acls.empty()));
  line("read perm", privilege_text(user->read));
  line("write perm", privilege_text(user->write));
  line("displayconnects", truth(user->display_connects.value_or(configuration.display_connects)));
  line("allowmultiplelogin",
       truth(user->allow_multiple_login.value_or(configuration.allow_multiple_login)));
  out += fmt::format("{:>20}:\n", "Variables");
  for (const auto& variable : user->variables) out += fmt::format("{:>22}{}\n", "", variable);
  return success(std::move(out));
}

struct Connected {
  std::string user, address;
  base::WallTime started;
  Class read, write;
};

std::string connected_line(std::string_view user, std::string_view address, std::string_view start,
                           std::string_view elapsed, std::string_view descriptor,
                           std::string_view requests, std::string_view read,
                           std::string_view write) {
  return fmt::format(
      "  {:<15.15}  {:<55.55}  {:<10.10}  {:<10.10}  {:<8.8}  {:<8.8}  {:<10.10}  {:<10.10}\n",
      user, address, start, elapsed, descriptor, requests, read, write);
}

std::string connected_table(const std::vector<Connected>& sessions, base::WallTime now) {
  auto out = connected_line("Username", "IP Address", "Start", "Elapsed", "FileDes", "HttpCnt",
                            "ReadPerms", "WritePerms");
  for (const auto& session : sessions) {
    const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(now - session.started);
    const auto classes = [](Class set) {
      return fmt::format("{:05}", bits(set & Class{(1u << class_count) - 1}));
    };
    out += connected_line(session.user, session.address,
                          fmt::to_string(std::chrono::system_clock::to_time_t(session.started)),
                          fmt::to_string(elapsed.count()), "0", "0", classes(session.read),
                          classes(session.write));
  }
  return out + fmt::format("{} users connected.\n", sessions.size());
}

void show_connected(Server& server, net::Shard& asker, Call call) {
  auto found = std::make_shared<std::vector<Connected>>();
  auto look = [found](Environment& environment) {
    environment.sessions.each([&found](const Session& session) {
      const auto* user = session.user();
      if (user == nullptr) return;
      found->push_back(
          {user->name, session.remote().str(), session.started(), user->read, user->write});
    });
  };
  server.ask_shards(std::move(look), asker,
                    [&server, found, answer = std::move(call.answer)]() mutable {
                      answer(success(connected_table(*found, server.shared().clock.wall())));
                    });
}

}  // namespace

void add_manager_commands(console::Service& service, Server& server) {
  auto& registry = service.registry();
  auto& asker = service.shard();
  const auto& shared = server.shared();
  registry.add({"manager show commands", "", 0, 0, "List manager interface commands",
                at_once([&shared](const Call&) { return show_commands(shared); })});
  registry.add({"manager show command", "ACTION...", 1, Command::any_number,
                "Show a manager interface command",
                at_once([&shared](const Call& call) { return show_command(shared, call); }),
                [&shared](const console::Arguments&) {
                  Command::Choices names;
                  for (const auto* action : actions_of(shared)) names.emplace_back(action->name);
                  return names;
                }});
  registry.add({"manager show events", "", 0, 0, "List manager interface events",
                at_once([](const Call&) { return show_events(); })});
  registry.add({"manager show eventq", "", 0, 0, "List manager interface queued events",
                at_once([](const Call&) { return show_event_queue(); })});
  registry.add({"manager show users", "", 0, 0, "List configured manager users",
                from_configuration(server, asker, show_users)});
  registry.add({"manager show user", "USERNAME", 1, 1,
                "Display information on a specific manager user",
                from_configuration(server, asker, show_user)});
  registry.add({"manager show connected", "", 0, 0, "List connected manager interface users",
                [&server, &asker](Call call) { show_connected(server, asker, std::move(call)); }});
}

}  // namespace missive::ami

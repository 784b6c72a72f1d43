// Reload, LoggerRotate, ModuleCheck, ModuleLoad.
//
// Parts of the server go by the names of Asterisk's modules that do the same. They are there or
// not from the start, so loading one that is there succeeds and unloading any is refused. Source:
// Asterisk documentation, actions of these names.
#include <fmt/format.h>

#include <algorithm>

#include "ami/actions/handlers.h"
#include "ami/later_work.h"
#include "ami/wire.h"
#include "base/log.h"
#include "base/text.h"
#include "console/host.h"
#include "console/module_name.h"

namespace missive::ami {
namespace {

using console::Reloaded;
using Status = Reloaded::Status;

// Whether Asterisk would call it loaded.
bool is_loaded(Session& session, std::string_view name) {
  const auto modules = session.environment().shared.host->modules();
  return std::any_of(modules.begin(), modules.end(), [name](const console::Module& module) {
    return !module.is_built_in && module.is_running && console::is_same_module(module.name, name);
  });
}

std::string_view problem_of(Status status) {
  switch (status) {
    case Status::not_found:
      return "No such module";
    case Status::not_implemented:
      return "Module does not support reload";
    default:
      return "An unknown error occurred";
  }
}

// `dot`: what ModuleLoad's texts end in, and Reload's do not.
void reload(Session& session, const ActionView& action, std::string_view success,
            std::string_view dot) {
  const LaterReply reply(session, session.reserve(action));
  session.environment().shared.host->reload(
      std::string(action.header("Module")), session.environment().shard,
      [reply, success, dot](const Reloaded& reloaded) {
        reply.complete([&](std::string& out, const ReplyQueue::Pending& pending) {
          const auto& id = pending.action_id;
          if (reloaded.status == Status::done) return append_reply(out, "Success", id, success);
          const auto message = fmt::format("{}{}", problem_of(reloaded.status), dot);
          append_failure(out, id, message, reloaded.problem);
        });
      });
}

}  // namespace

void actions::reload(Session& session, const ActionView& action) {
  ami::reload(session, action, "Module Reloaded", "");
}

void actions::logger_rotate(Session& session, const ActionView& action) {
  reply_from_worker(session, action, [](std::string& out, std::string_view id) {
    const auto rotated = base::rotate_logs();
    if (rotated) {
      return append_reply(out, "Success", id, "Reloaded the logger and rotated log files");
    }
    append_failure(out, id, "Failed to reload the logger and rotate log files",
                   rotated.error().text);
  });
}

void actions::module_check(Session& session, const ActionView& action) {
  if (!is_loaded(session, action.header("Module"))) {
    return session.refuse(action, "Module not loaded");
  }
  auto& out = session.output();
  begin_reply(out, "Success", action.id());
  append_header(out, "Version", "");
  end_packet(out);
}

void actions::module_load(Session& session, const ActionView& action) {
  const auto type = action.header("LoadType");
  const auto module = action.header("Module");
  if (base::iequals(type, "reload")) {
    return ami::reload(session, action,
                       module.empty() ? "All modules reloaded" : "Module reloaded.", ".");
  }
  const bool load = base::iequals(type, "load");
  if (!load && !base::iequals(type, "unload") && !base::iequals(type, "refresh")) {
    return session.refuse(action, "Incomplete ModuleLoad action.");
  }
  if (module.empty()) return session.refuse(action, "Need module name");
  if (load && is_loaded(session, module)) return session.acknowledge(action, "Module loaded.");
  session.refuse(action, fmt::format("Could not {} module.", base::lower(type)));
}

}  // namespace missive::ami

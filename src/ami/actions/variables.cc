// Getvar, Setvar.
//
// There are no channels, so variables are global ones, and functions are called with no message.
// One that blocks (CURL, SHELL, EVAL) is called on a worker thread. Source: Asterisk documentation,
// actions of these names.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ami/actions/handlers.h"
#include "ami/empty_message.h"
#include "ami/privileges.h"
#include "ami/wire.h"
#include "base/log.h"
#include "base/text.h"
#include "dialplan/functions/arguments.h"

namespace missive::ami {
namespace {

using dialplan::Run;
using Value = base::Result<std::string>;

// What a channel would have.
constexpr std::array<std::string_view, 7> of_channels{
    "CHANNEL", "CONTEXT", "EXTEN", "PRIORITY", "UNIQUEID", "LINKEDID", "HANGUPCAUSE"};

struct Call {
  const dialplan::Function* function = nullptr;  // nullptr: there is none of that name
  std::string_view name, arguments;
};

// "NAME(arguments)"
std::optional<Call> read_call(std::string_view text, const dialplan::FunctionTable& functions) {
  const auto open = text.find('(');
  if (!text.ends_with(')') || open == std::string_view::npos) return std::nullopt;
  const auto name = base::trim(text.substr(0, open));
  return Call{functions.find(name), name, text.substr(open + 1, text.size() - open - 2)};
}

Value call(Run& run, const Call& call) {
  if (call.function == nullptr) return base::fail("Function {} not registered", call.name);
  if (!call.function->read) return base::fail("Function {} cannot be read", call.name);
  return call.function->read(run, call.arguments);
}

// Only with live_dangerously. DB_DELETE is read, and changes what it reads.
bool is_dangerous(const Call& call) {
  return call.function != nullptr &&
         (call.function->dangerous || base::iequals(call.name, "DB_DELETE"));
}

void write_value(std::string& out, std::string_view action_id, std::string_view name,
                 const Value& value) {
  if (!value) log::warning("Getvar {}: {}", base::printable(name, 80), value.error().text);
  begin_reply(out, "Success", action_id);
  append_header(out, "Variable", name);
  append_header(out, "Value", value.value_or(""));
  end_packet(out);
}

std::shared_ptr<Run> run_for(const Session& session) {
  auto run = Run::create(*session.environment().dialplan, empty_message({}));
  if (!may_run_commands(session)) run->distrust();
  return run;
}

void read_blocking(Session& session, const ActionView& action) {
  const LaterReply reply(session, session.reserve(action));
  const auto value = std::make_shared<Value>(base::fail("it has taken too long"));
  const std::string name(action.header("Variable"));
  Run::start_work(
      *session.environment().dialplan, empty_message({}),
      [name, value, trusted = may_run_commands(session)](Run& run) {
        if (!trusted) run.distrust();
        *value = call(run, *read_call(name, run.shared().functions));
        return dialplan::Outcome::hang_up;
      },
      [name, value, reply] {
        reply.complete([&](std::string& out, const ReplyQueue::Pending& pending) {
          write_value(out, pending.action_id, name, *value);
        });
      });
}

}  // namespace

void actions::get_variable(Session& session, const ActionView& action) {
  const auto name = action.header("Variable");
  if (name.empty()) return session.refuse(action, "No variable specified");
  if (!may_name(session, name)) {
    return session.refuse(action, "GetVar Access Forbidden: Variable");
  }
  if (!action.header("Channel").empty()) return session.refuse(action, "No such channel");
  auto& environment = *session.environment().dialplan;
  const auto function = read_call(name, environment.shared.functions);
  const auto write = [&](const Value& value) {
    write_value(session.output(), action.id(), name, value);
  };
  if (function) {
    if (is_dangerous(*function) && !environment.shared.options.live_dangerously) {
      return write(base::fail("{}() is not called without live_dangerously in missive.conf",
                              function->name));
    }
    if (function->function != nullptr && function->function->blocks) {
      return read_blocking(session, action);
    }
    return write(call(*run_for(session), *function));
  }
  if (std::find(of_channels.begin(), of_channels.end(), name) != of_channels.end()) {
    return write(std::string());
  }
  write(dialplan::value_of(*run_for(session), name));
}

void actions::set_variable(Session& session, const ActionView& action) {
  const auto name = action.header("Variable");
  const auto value = action.header("Value");
  if (name.empty()) return session.refuse(action, "No variable specified");
  if (!may_name(session, name)) {
    return session.refuse(action, "SetVar Access Forbidden: Variable");
  }
  if (!action.header("Channel").empty()) return session.refuse(action, "No such channel");
  auto& environment = *session.environment().dialplan;
  if (!read_call(name, environment.shared.functions)) {
    environment.shared.set_global(dialplan::variable_name(name), std::string(value));
    return session.acknowledge(action, "Variable Set");
  }
  const auto run = run_for(session);
  const auto done = dialplan::set_by_name(*run, name, std::string(value));
  if (done) return session.acknowledge(action, "Variable Set");
  append_failure(session.output(), action.id(), "Variable not set", done.error().text);
}

}  // namespace missive::ami

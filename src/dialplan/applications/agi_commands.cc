#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/log.h"
#include "base/text.h"
#include "dialplan/applications/agi_session.h"
#include "dialplan/applications/parts.h"
#include "dialplan/template.h"

namespace missive::dialplan {
namespace {

using Words = AgiSession::Words;
constexpr std::size_t any = 1000;

bool nothing(AgiSession& session, const Words&) { return session.reply_result(0); }

bool channel_status(AgiSession& session, const Words& arguments) {
  constexpr int up = 6;
  const bool own = arguments.empty() || arguments[0] == session.run().channel();
  return session.reply_result(own ? up : -1);
}

bool hang_up(AgiSession& session, const Words& arguments) {
  if (!arguments.empty() && arguments[0] != session.run().channel()) {
    return session.reply_result(-1);
  }
  session.hang_up();
  return session.reply_result(1);
}

// --- DATABASE

bool database_get(AgiSession& session, const Words& arguments) {
  return session.reply_value(session.run().shared().database.get(arguments[0], arguments[1]));
}

bool database_put(AgiSession& session, const Words& arguments) {
  session.run().shared().database.put(arguments[0], arguments[1], arguments[2]);
  return session.reply_result(1);
}

bool database_del(AgiSession& session, const Words& arguments) {
  const bool was_there = session.run().shared().database.remove(arguments[0], arguments[1]);
  return session.reply_result(was_there ? 1 : 0);
}

bool database_deltree(AgiSession& session, const Words& arguments) {
  const auto tree = arguments.size() > 1 ? std::string_view(arguments[1]) : std::string_view{};
  const auto removed = session.run().shared().database.remove_tree(arguments[0], tree);
  return session.reply_result(removed > 0 ? 1 : 0);
}

// --- variables

bool get_variable(AgiSession& session, const Words& arguments) {
  const auto& name = arguments[0];
  if (!name.ends_with(')')) return session.reply_value(session.run().variable(name));
  return session.reply_value(expand(session.run(), "${" + name + "}"));
}

bool get_full_variable(AgiSession& session, const Words& arguments) {
  if (arguments.size() > 1 && arguments[1] != session.run().channel()) {
    return session.reply_result(0);
  }
  return session.reply_value(expand(session.run(), arguments[0]));
}

bool set_variable(AgiSession& session, const Words& arguments) {
  assign(session.run(), arguments[0], arguments[1]);
  return session.reply_result(1);
}

// --- where the run goes

bool set_context(AgiSession& session, const Words& arguments) {
  session.move([&](Position& place) { place.context = arguments[0]; });
  return session.reply_result(0);
}

bool set_extension(AgiSession& session, const Words& arguments) {
  session.move([&](Position& place) { place.exten = arguments[0]; });
  return session.reply_result(0);
}

bool set_priority(AgiSession& session, const Words& arguments) {
  // A label is looked for where SET CONTEXT and SET EXTENSION have led to.
  const auto place = session.run().resolve_label(arguments[0]);
  if (!place) return session.reply_result(-1);
  session.move([&](Position& to) { to = *place; });
  return session.reply_result(0);
}

// --- applications

bool exec(AgiSession& session, const Words& arguments) {
  constexpr int no_such_application = -2;
  auto& run = session.run();
  if (run.shared().applications.find(arguments[0]) == nullptr) {
    run.warn(fmt::format("AGI: there is no application '{}'", arguments[0]));
    return session.reply_result(no_such_application);
  }
  const auto outcome = run.execute(arguments[0], arguments.size() > 1 ? arguments[1] : "");
  session.take(outcome);
  return session.reply_result(outcome == Outcome::hang_up ? -1 : 0);
}

bool gosub(AgiSession& session, const Words& arguments) {
  auto& run = session.run();
  const auto label = fmt::format("{},{},{}", arguments[0], arguments[1], arguments[2]);
  const auto place = run.resolve_label(label);
  if (!place || !run.exists(*place)) {
    run.warn(fmt::format("AGI: there is nothing to GOSUB to at '{}'", label));
    return session.reply("200 result=-1 Gosub label not found");
  }
  if (!session.reply("100 result=0 Trying...")) return false;
  const auto values = arguments.size() > 3 ? arguments[3] : std::string();
  const auto outcome = run.on_shard(
      [label, values](Run& on_shard) {
        return go_sub(on_shard, label, values, on_shard.position());
      },
      true);
  if (outcome != Outcome::hang_up) return session.reply("200 result=0 Gosub complete");
  session.take(outcome);
  return session.reply("200 result=-1 Gosub failed");
}

bool verbose(AgiSession& session, const Words& arguments) {
  session.run().notice(arguments[0]);
  return session.reply_result(1);
}

const std::array commands{
    AgiCommand{{"ANSWER"}, 0, 0, false, "ANSWER", nothing},
    AgiCommand{{"CHANNEL", "STATUS"}, 0, 1, false, "CHANNEL STATUS [channel]", channel_status},
    AgiCommand{{"DATABASE", "DEL"}, 2, 2, true, "DATABASE DEL family key", database_del},
    AgiCommand{
        {"DATABASE", "DELTREE"}, 1, 2, true, "DATABASE DELTREE family [keytree]", database_deltree},
    AgiCommand{{"DATABASE", "GET"}, 2, 2, true, "DATABASE GET family key", database_get},
    AgiCommand{{"DATABASE", "PUT"}, 3, 3, true, "DATABASE PUT family key value", database_put},
    AgiCommand{{"EXEC"}, 1, any, true, "EXEC application [options]", exec},
    AgiCommand{{"GET", "FULL", "VARIABLE"},
               1,
               2,
               true,
               "GET FULL VARIABLE expression [channel]",
               get_full_variable},
    AgiCommand{{"GET", "VARIABLE"}, 1, 1, true, "GET VARIABLE name", get_variable},
    AgiCommand{{"GOSUB"}, 3, 4, false, "GOSUB context extension priority [arguments]", gosub},
    AgiCommand{{"HANGUP"}, 0, 1, false, "HANGUP [channel]", hang_up},
    AgiCommand{{"NOOP"}, 0, any, true, "NOOP", nothing},
    AgiCommand{{"SET", "CONTEXT"}, 1, 1, false, "SET CONTEXT context", set_context},
    AgiCommand{{"SET", "EXTENSION"}, 1, 1, false, "SET EXTENSION extension", set_extension},
    AgiCommand{{"SET", "PRIORITY"}, 1, 1, false, "SET PRIORITY priority", set_priority},
    AgiCommand{{"SET", "VARIABLE"}, 2, 2, true, "SET VARIABLE name value", set_variable},
    AgiCommand{{"VERBOSE"}, 1, 2, true, "VERBOSE message [level]", verbose},
};

}  // namespace

const AgiCommand* find_agi_command(const Words& words) {
  const auto found = std::find_if(commands.begin(), commands.end(), [&](const AgiCommand& one) {
    return words.size() >= one.words.size() &&
           std::equal(one.words.begin(), one.words.end(), words.begin(), base::iequals);
  });
  return found == commands.end() ? nullptr : &*found;
}

}  // namespace missive::dialplan

#include "dialplan/applications/agi_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace missive::dialplan {
namespace {

std::string one_line(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return out;
}

}  // namespace

std::string AgiSession::environment(const Request& request) const {
  std::string out;
  const auto add = [&out](std::string_view name, std::string_view value) {
    out += fmt::format("agi_{}: {}\n", name, one_line(value));
  };
  if (request.network) {
    add("network", "yes");
    if (!request.script.empty()) add("network_script", request.script);
  }
  const auto& place = run_.position();
  add("request", request.request);
  add("channel", run_.channel());
  add("language", "en");
  add("type", "Message");
  add("uniqueid", run_.unique_id());
  add("version", MISSIVE_VERSION);
  add("callerid", "unknown");
  add("calleridname", "unknown");
  for (const auto* const name : {"callingpres", "callingani2", "callington", "callingtns"}) {
    add(name, "0");
  }
  add("dnid", "unknown");
  add("rdnis", "unknown");
  add("context", place.context);
  add("extension", place.exten);
  add("priority", std::to_string(place.priority));
  add("enhanced", "0.0");
  add("accountcode", "");
  add("threadid", std::to_string(run_.number()));
  for (std::size_t i = 0; i < request.arguments.size(); ++i) {
    add(fmt::format("arg_{}", i + 1), request.arguments[i]);
  }
  out += '\n';
  return out;
}

bool AgiSession::serve(const Request& request) {
  if (!channel_.write(environment(request))) return false;
  while (const auto line = channel_.read_line()) {
    if (!handle(*line)) break;
    // A server reads this, or the reset that follows it, as the end of its caller.
    if (hung_up_ && !told_) {
      told_ = true;
      if (request.network && !channel_.write("HANGUP\n")) break;
    }
  }
  if (channel_.error().empty()) return true;
  run_.warn(channel_.error());
  return false;
}

bool AgiSession::handle(std::string_view line) {
  const auto words = base::split_words(line);
  if (words.empty()) return true;
  const auto* const command = find_agi_command(words);
  if (command == nullptr) return reply("510 Invalid or unknown command");
  if (hung_up_ && !command->after_hang_up) {
    return reply("511 Command Not Permitted on a dead channel or intercept routine");
  }
  const Words arguments(words.begin() + static_cast<std::ptrdiff_t>(command->words.size()),
                        words.end());
  if (arguments.size() < command->least || arguments.size() > command->most) {
    return reply(
        fmt::format("520-Invalid command syntax.  Proper usage follows:\n Usage: {}\n"
                    "520 End of proper usage.",
                    command->usage));
  }
  return command->execute(*this, arguments);
}

bool AgiSession::reply(std::string_view line) { return channel_.write(std::string(line) + "\n"); }

bool AgiSession::reply_result(int result) { return reply(fmt::format("200 result={}", result)); }

bool AgiSession::reply_value(const std::optional<std::string>& value) {
  if (!value) return reply_result(0);
  return reply(fmt::format("200 result=1 ({})", one_line(*value)));
}

void AgiSession::take(Outcome outcome) {
  if (outcome == Outcome::hang_up) hung_up_ = true;
  if (outcome == Outcome::jumped) jumped_ = true;
}

void AgiSession::move(const std::function<void(Position&)>& change) {
  auto place = run_.position();
  if (!std::exchange(jumped_, true)) ++place.priority;
  change(place);
  run_.go_to(std::move(place));
}

}  // namespace missive::dialplan

#include "app/ami_access.h"

#include "ami/configuration.h"
#include "base/text.h"
#include "conf/conf.h"

namespace missive::app {

base::Result<AmiAccess> complete(AmiOptions options, ami::Class needed) {
  AmiAccess access{std::move(options), true};
  auto& given = access.options;
  const bool complete_already = !given.username.empty() && !given.secret.empty();
  conf::Problems problems;
  const auto known = ami::Configuration::load(given.config, problems);
  if (!known && !complete_already) {
    return base::fail("{}; --username and --secret would do without it", known.error().text);
  }
  if (known) {
    const auto& configuration = **known;
    const auto bind = configuration.bind;
    if (given.host.empty() && !bind.is_unspecified_ip()) given.host = bind.ip();
    if (given.port == 0) given.port = bind.port();
    for (const auto& user : configuration.users) {
      const bool meant =
          given.username.empty() ? ami::holds(user.write, needed) : given.username == user.name;
      if (!meant) continue;
      given.username = user.name;
      if (given.secret.empty()) given.secret = user.secret;
      access.hears_messages = ami::holds(user.read, ami::Class::message);
      break;
    }
  }
  if (given.host.empty()) given.host = "127.0.0.1";
  if (given.port == 0) given.port = 5038;
  if (given.username.empty()) {
    const auto name = ami::privilege_text(needed);
    return base::fail("manager.conf has no user with write = {}; --username would name one",
                      name.substr(0, name.find(',')));
  }
  return access;
}

base::Result<void> open(AmiClient& client, const AmiOptions& options, const std::string& events) {
  if (auto up = client.connect(options.host, options.port); !up) return up;
  return client.log_in(options.username, options.secret, events);
}

ActionLines::ActionLines(std::string_view action)
    : text_(fmt::format("Action: {}\r\nActionID: missive\r\n", action)) {}

ActionLines& ActionLines::add(std::string_view name, std::string_view value) {
  if (value.find_first_of("\r\n") != std::string_view::npos && problem_.empty()) {
    problem_ = fmt::format("{} '{}' holds a line end", name, base::printable(value));
  }
  if (!value.empty()) text_ += fmt::format("{}: {}\r\n", name, value);
  return *this;
}

base::Result<std::string> ActionLines::lines() const {
  if (!problem_.empty()) return base::fail("{}", problem_);
  return text_;
}

}  // namespace missive::app

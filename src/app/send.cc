#include <fmt/format.h>

#include <iostream>
#include <iterator>

#include "app/ami_client.h"
#include "app/commands.h"
#include "app/settings.h"
#include "base/base64.h"
#include "base/text.h"

namespace missive::app {
namespace {

// What the options leave out comes from manager.conf, if that can be read.
base::Result<SendOptions> complete(SendOptions options) {
  const bool complete_already = !options.username.empty() && !options.secret.empty();
  conf::Problems problems;
  const auto known = ami::Configuration::load(options.config, problems);
  if (!known && !complete_already) {
    return base::fail("{}; --username and --secret would do without it", known.error().text);
  }
  if (known) {
    const auto& configuration = **known;
    const auto bind = configuration.bind;
    if (options.host.empty() && !bind.is_unspecified_ip()) options.host = bind.ip();
    if (options.port == 0) options.port = bind.port();
    for (const auto& user : configuration.users) {
      const bool meant = options.username.empty() ? ami::holds(user.write, ami::Class::message)
                                                  : options.username == user.name;
      if (!meant) continue;
      options.username = user.name;
      if (options.secret.empty()) options.secret = user.secret;
      options.hears_outcome = ami::holds(user.read, ami::Class::message);
      break;
    }
  }
  if (options.host.empty()) options.host = "127.0.0.1";
  if (options.port == 0) options.port = 5038;
  if (options.username.empty()) {
    return base::fail("manager.conf has no user with write = message; --username would name one");
  }
  return options;
}

base::Result<std::string> action_lines(const SendOptions& options, const std::string& body) {
  std::string lines = "Action: MessageSend\r\nActionID: send\r\n";
  const auto add = [&lines](std::string_view name, std::string_view value) {
    if (!value.empty()) lines += fmt::format("{}: {}\r\n", name, value);
  };
  for (const auto* text : {&options.destination, &options.from, &options.to}) {
    if (text->find_first_of("\r\n") != std::string::npos) {
      return base::fail("'{}' holds a line end", base::printable(*text));
    }
  }
  add("Destination", options.destination);
  add("From", options.from);
  add("To", options.to);
  for (const auto& variable : options.variables) {
    if (variable.find_first_of("\r\n") != std::string::npos) {
      return base::fail("--variable '{}' holds a line end", base::printable(variable));
    }
    // One variable a line: a comma is part of its value.
    std::string escaped;
    for (const char c : variable) {
      if (c == ',' || c == '\\' || c == '"') escaped += '\\';
      escaped += c;
    }
    add("Variable", escaped);
  }
  add("Base64Body", base::base64_encode(body));
  return lines;
}

int wait_for_outcome(AmiClient& client, const std::string& id, unsigned timeout) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{timeout};
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::seconds>(deadline - std::chrono::steady_clock::now());
    const auto event = left.count() > 0 ? client.next_event(left)
                                        : base::Result<AmiClient::Packet>(base::fail("no news"));
    if (!event) {
      return complain(
          fmt::format("sent as {}, but its outcome is not known after {} s", id, timeout));
    }
    if (event->get("Event") != "MessageStatus" || event->get("MessageID") != id) continue;
    fmt::print("{} {} {} at {} ({})\n", event->get("Status"), event->get("ResponseCode"),
               event->get("ResponseText"), event->get("Contact"), id);
    return event->get("Status") == "delivered" ? 0 : 1;
  }
}

}  // namespace

int send(const SendOptions& given) {
  const auto options = complete(given);
  if (!options) return complain(options.error().text);
  auto body = options->body;
  if (body == "-") body.assign(std::istreambuf_iterator<char>(std::cin), {});
  const auto lines = action_lines(*options, body);
  if (!lines) return complain(lines.error().text);

  AmiClient client;
  if (auto up = client.connect(options->host, options->port); !up) return complain(up.error().text);
  if (auto in = client.log_in(options->username, options->secret, "message"); !in) {
    return complain(in.error().text);
  }
  const auto answer = client.ask(*lines, std::chrono::seconds{options->timeout});
  if (!answer) return complain(answer.error().text);
  if (answer->get("Response") != "Success") {
    return complain(fmt::format("{} {}", answer->get("Message"), answer->get("Reason")));
  }
  if (!options->hears_outcome) {
    fmt::print("sent ({}); what becomes of it only a user with read = message is told\n",
               answer->get("MessageID"));
    return 0;
  }
  return wait_for_outcome(client, std::string(answer->get("MessageID")), options->timeout);
}

}  // namespace missive::app

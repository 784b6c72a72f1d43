#include <fmt/format.h>

#include <iostream>
#include <iterator>

#include "app/ami_access.h"
#include "base/base64.h"

namespace missive::app {
namespace {

using Packet = AmiClient::Packet;

// One variable a line: a comma is part of its value.
std::string escaped(std::string_view variable) {
  std::string text;
  for (const char c : variable) {
    if (c == ',' || c == '\\' || c == '"') text += '\\';
    text += c;
  }
  return text;
}

base::Result<std::string> action_lines(const SendOptions& options, const std::string& body) {
  ActionLines action("MessageSend");
  action.add("Destination", options.destination).add("From", options.from).add("To", options.to);
  action.add("MessageID", options.id);
  if (options.expiry > 0) action.add("Expiry", fmt::to_string(options.expiry));
  if (options.receipt) action.add("Receipt", "yes");
  for (const auto& variable : options.variables) action.add("Variable", escaped(variable));
  action.add("Base64Body", base::base64_encode(body));
  return action.lines();
}

int say_queued(const std::string& reason, std::string_view id) {
  fmt::print("queued: {}; it is kept and tried again ({})\n", reason, id);
  return 0;
}

// An event or a record of the message.
int say_outcome(const Packet& packet) {
  const auto status = packet.get("Status"), code = packet.get("ResponseCode");
  const auto text = packet.get("ResponseText"), id = packet.get("MessageID");
  if (status == "queued") {
    return say_queued(code == "0" ? std::string(text) : fmt::format("{} {}", code, text), id);
  }
  const auto answer = code == "0" ? std::string(text) : fmt::format("{} {}", code, text);
  fmt::print("{}{}{} at {} ({})\n", status, answer.empty() ? "" : " ", answer,
             packet.get("Contact"), id);
  return status == "failed" || status == "expired" || status == "cancelled" ? 1 : 0;
}

// What the server knows of a message of which no news will come.
int say_what_is_known(AmiClient& client, const Packet& answer, std::chrono::seconds within) {
  const auto id = answer.get("MessageID");
  const auto lines = ActionLines("MessageStatus").add("MessageID", id).lines();
  const auto record = lines ? client.ask(*lines, within) : tl::unexpected(lines.error());
  if (record && record->get("Response") == "Success") return say_outcome(*record);
  if (answer.get("Status") == "queued") return say_queued("its recipient cannot be reached", id);
  fmt::print("sent before ({})\n", id);
  return 0;
}

int wait_for_outcome(AmiClient& client, const std::string& id, unsigned timeout) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{timeout};
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::seconds>(deadline - std::chrono::steady_clock::now());
    const auto event =
        left.count() > 0 ? client.next_event(left) : base::Result<Packet>(base::fail("no news"));
    if (!event) {
      return complain(
          fmt::format("sent as {}, but its outcome is not known after {} s", id, timeout));
    }
    if (event->get("Event") != "MessageStatus" || event->get("MessageID") != id) continue;
    if (event->get("Status") != "sending") return say_outcome(*event);
  }
}

}  // namespace

int send(const SendOptions& options) {
  const auto access = complete(options.ami, ami::Class::message);
  if (!access) return complain(access.error().text);
  auto body = options.body;
  if (body == "-") body.assign(std::istreambuf_iterator<char>(std::cin), {});
  const auto lines = action_lines(options, body);
  if (!lines) return complain(lines.error().text);

  AmiClient client;
  if (auto in = open(client, access->options, "message"); !in) return complain(in.error().text);
  const std::chrono::seconds timeout{options.timeout};
  const auto answer = client.ask(*lines, timeout);
  if (!answer) return complain(answer.error().text);
  if (answer->get("Response") != "Success") {
    return complain(fmt::format("{} {}", answer->get("Message"), answer->get("Reason")));
  }
  if (answer->get("Status") == "queued" || answer->get("Duplicate") == "yes") {
    return say_what_is_known(client, *answer, timeout);
  }
  if (!access->hears_messages) {
    fmt::print("sent ({}); what becomes of it only a user with read = message is told\n",
               answer->get("MessageID"));
    return 0;
  }
  return wait_for_outcome(client, std::string(answer->get("MessageID")), options.timeout);
}

}  // namespace missive::app

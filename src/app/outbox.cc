// missive outbox: what waits in a running server, and what became of what does not.
#include <fmt/format.h>

#include <functional>

#include "app/ami_access.h"
#include "base/text.h"
#include "console/outbox_text.h"
#include "console/text_table.h"

namespace missive::app {
namespace {

using Packet = AmiClient::Packet;

constexpr std::chrono::seconds patience{30};

base::Result<std::vector<Packet>> ask(const AmiOptions& options, const ActionLines& action) {
  const auto lines = action.lines();
  if (!lines) return tl::unexpected(lines.error());
  const auto access = complete(options, ami::Class::message);
  if (!access) return tl::unexpected(access.error());
  AmiClient client;
  if (auto in = open(client, access->options, "off"); !in) return tl::unexpected(in.error());
  auto packets = client.ask_list(*lines, patience);
  if (!packets) return packets;
  const auto& first = packets->front();
  if (first.get("Response") == "Error") {
    const auto reason = first.get("Reason");
    return base::fail("{}{}{}", first.get("Message"), reason.empty() ? "" : ": ", reason);
  }
  return packets;
}

std::size_t number(const Packet& packet, std::string_view name) {
  return base::parse_number<std::size_t>(packet.get(name)).value_or(0);
}

console::OutboxLine line_of(const Packet& entry) {
  const auto get = [&entry](std::string_view name) { return std::string(entry.get(name)); };
  return {get("MessageID"), get("Status"),       get("Recipient"),   get("Attempt"),
          get("Accepted"),  get("ResponseCode"), get("ResponseText")};
}

std::string figures_of(const Packet& complete) {
  message::Outbox::Figures figures;
  figures.messages = number(complete, "Messages");
  figures.octets = number(complete, "Octets");
  figures.waiting = number(complete, "Waiting");
  figures.recipients = number(complete, "Recipients");
  return console::figures_text(figures, std::chrono::seconds{number(complete, "OldestAge")});
}

int retry(const OutboxOptions& options, const ActionLines& action) {
  const auto answer = ask(options.ami, action);
  if (!answer) return complain(answer.error().text);
  const auto count = number(answer->front(), "Messages");
  fmt::print("{} tried again now\n",
             base::counted(count, "message") + (count == 1 ? " is" : " are"));
  return 0;
}

}  // namespace

int outbox_list(const OutboxOptions& options) {
  ActionLines action("MessageList");
  action.add("State", options.state == "all" ? "" : options.state)
      .add("Recipient", options.recipient)
      .add("Limit", fmt::to_string(options.limit));
  const auto packets = ask(options.ami, action);
  if (!packets) return complain(packets.error().text);
  std::vector<console::OutboxLine> lines;
  for (const auto& packet : *packets) {
    if (packet.get("Event") == "MessageListEntry") lines.push_back(line_of(packet));
  }
  fmt::print("{}{}\n", console::lines_text(lines), figures_of(packets->back()));
  return 0;
}

int outbox_show(const OutboxOptions& options) {
  const auto answer = ask(options.ami, ActionLines("MessageStatus").add("MessageID", options.id));
  if (!answer) return complain(fmt::format("{}: {}", options.id, answer.error().text));
  console::TextTable table({});
  for (const auto& [name, value] : answer->front().headers) {
    const bool of_the_reply = name == "Response" || name == "ActionID";
    if (of_the_reply || value.empty()) continue;
    table.add({name == "OriginalActionID" ? "ActionID" : name, value});
  }
  fmt::print("{}", table.str());
  return 0;
}

int outbox_cancel(const OutboxOptions& options) {
  const auto answer = ask(options.ami, ActionLines("MessageCancel").add("MessageID", options.id));
  if (!answer) return complain(fmt::format("{}: {}", options.id, answer.error().text));
  fmt::print("{} is cancelled\n", options.id);
  return 0;
}

int outbox_retry(const OutboxOptions& options) {
  return retry(options, ActionLines("MessageRetry").add("MessageID", options.id));
}

int outbox_flush(const OutboxOptions& options) {
  ActionLines action("MessageRetry");
  action.add("Recipient", options.recipient);
  if (options.recipient.empty()) action.add("All", "yes");
  return retry(options, action);
}

}  // namespace missive::app

// MessageSend(destination[,from[,to]]).
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "dialplan/applications/parts.h"

namespace missive::dialplan {
namespace {

using message::Refusal;

constexpr std::string_view status_variable = "MESSAGE_SEND_STATUS";

std::string_view status_of(const std::optional<Refusal>& refusal) {
  if (!refusal) return "SUCCESS";
  switch (refusal->kind) {
    case Refusal::Kind::no_technology:
      return "INVALID_PROTOCOL";
    case Refusal::Kind::invalid_uri:
      return "INVALID_URI";
    default:
      return "FAILURE";
  }
}

// One argument, its quotes kept: they are a display name's, unless they are around all of it.
std::string_view unquoted(std::string_view text) {
  text = base::trim(text);
  if (text.size() >= 2 && text.front() == '"' && text.find('"', 1) == text.size() - 1) {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

struct Arguments {
  std::string_view destination, from, to;
};

Arguments split(std::string_view text) {
  std::array<std::string_view, 3> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto comma = std::min(find_outside(text, ','), text.size());
    parts[i] = unquoted(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return {parts[0], parts[1], parts[2]};
}

// "pjsip:alice@example.com" is how an incoming address is shown; a SIP URI has no such scheme.
std::string_view without_technology(std::string_view address) {
  if (base::istarts_with(address, "pjsip:")) return address.substr(6);
  if (base::istarts_with(address, "pjsips:")) return address.substr(2);
  return address;
}

// The first that says something: the argument, or what MESSAGE() has (its own, or the incoming).
std::string_view choose(std::string_view argument, std::string_view message) {
  return without_technology(argument.empty() ? message : argument);
}

// What goes out as headers. `hops` is where the number of those left is written.
void gather(const Run& run, std::string& hops, std::vector<message::Variable>& out) {
  const auto& message = run.message();
  const auto& incoming = message.incoming();
  out.clear();
  message.outbound(out);
  bool typed = false;
  int left = run.max_forwards();
  for (const auto& variable : out) {
    typed = typed || base::iequals(variable.name, "Content-Type");
    if (!base::iequals(variable.name, "Max-Forwards")) continue;
    // Fewer may be asked for, not more: that is what ends a loop.
    if (const auto asked = base::parse_number<int>(base::trim(variable.value))) {
      left = std::min(left, *asked);
    }
  }
  // The type is that of the body that came: it goes with that body only.
  const bool same_body = message.body().data() == incoming.body().data();
  if (!typed && same_body && !incoming.content_type().empty() &&
      !base::iequals(incoming.content_type(), "text/plain")) {
    out.push_back({"Content-Type", incoming.content_type()});
  }
  hops = std::to_string(left);
  out.push_back({"Max-Forwards", hops});
}

std::shared_ptr<const message::Message> build(Run& run, const Arguments& given) {
  auto& environment = run.environment();
  std::string hops;
  gather(run, hops, environment.outbound);
  const auto id = environment.shard.random().uuid(environment.shard.clock().wall());
  const auto& message = run.message();
  return message::Message::create({id, given.destination, choose(given.to, message.to()),
                                   choose(given.from, message.from()), message.body(),
                                   environment.outbound});
}

void report(Run& run, std::string_view destination, const std::optional<Refusal>& refusal) {
  if (!refusal) return;
  run.warn(fmt::format("MessageSend to '{}': {}", destination, refusal->reason));
}

Outcome refuse(Run& run, std::string_view status, std::string_view why) {
  run.warn(why);
  run.set_variable(status_variable, std::string(status));
  return Outcome::next;
}

Outcome message_send(Run& run, std::string_view arguments) {
  const auto given = split(arguments);
  if (given.destination.empty()) {
    return refuse(run, "INVALID_URI", "A 'destination' is required for MessageSend()");
  }
  if (run.max_forwards() <= 0) {
    return refuse(run, "FAILURE",
                  fmt::format("MessageSend to '{}': no hops are left (Max-Forwards); the message "
                              "goes round in a loop",
                              given.destination));
  }
  auto message = build(run, given);
  auto& sender = run.environment().sender;
  if (run.is_last()) {
    // Nobody is left to read the status: the next message of this pair need not wait for it.
    sender.send(message,
                [self = run.shared_from_this(), message](const std::optional<Refusal>& refusal) {
                  report(*self, message->destination(), refusal);
                });
    return Outcome::next;
  }
  const auto ticket = run.wait();
  sender.send(message, [self = run.shared_from_this(), message,
                        ticket](const std::optional<Refusal>& refusal) {
    // One that was out of time has ended, or may be on a worker thread by now.
    if (!self->is_waiting(ticket)) return;
    self->set_variable(status_variable, std::string(status_of(refusal)));
    report(*self, message->destination(), refusal);
    self->resume(ticket, Outcome::next);
  });
  return Outcome::suspended;
}

}  // namespace

void add_message_applications(ApplicationTable& table) { table.add({"MessageSend", message_send}); }

}  // namespace missive::dialplan

// MessageSend(destination[,from[,to[,options]]]).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/text.h"
#include "dialplan/applications/hand_over.h"
#include "dialplan/applications/parts.h"

namespace missive::dialplan {
namespace {

using message::Refusal;

// One argument, its quotes kept: they are a display name's, unless they are around all of it.
std::string_view unquoted(std::string_view text) {
  text = base::trim(text);
  if (text.size() >= 2 && text.front() == '"' && text.find('"', 1) == text.size() - 1) {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

struct Arguments {
  std::string_view destination, from, to, options;
};

Arguments split(std::string_view text) {
  std::array<std::string_view, 4> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto comma = std::min(find_outside(text, ','), text.size());
    parts[i] = unquoted(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return {parts[0], parts[1], parts[2], parts[3]};
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
  const auto& incoming = message.incoming();
  const auto origin = incoming.origin();
  return message::Message::create({.id = id,
                                   .destination = given.destination,
                                   .to = choose(given.to, message.to()),
                                   .from = choose(given.from, message.from()),
                                   .body = message.body(),
                                   .variables = environment.outbound,
                                   .origin = origin,
                                   .wants_receipt = incoming.wants_receipt()});
}

// How long to wait for the outcome; nothing: not at all.
std::optional<std::chrono::seconds> read_options(const Run& run, std::string_view options) {
  constexpr unsigned usual = 60, most = 86'400;
  std::optional<std::chrono::seconds> wait;
  for (const auto& [letter, argument] : split_options(options)) {
    if (letter != 'w') {
      run.warn(fmt::format("MessageSend has no option '{}'; there is w(SECONDS)",
                           base::printable(std::string_view(&letter, 1))));
      continue;
    }
    auto seconds = argument.empty() ? usual : base::parse_number<unsigned>(argument);
    if (!seconds || *seconds == 0 || *seconds > most) {
      run.warn(fmt::format("MessageSend: w({}) is no number of seconds from 1 to {}; {} are taken",
                           base::printable(argument, 40), most, usual));
      seconds = usual;
    }
    wait = std::chrono::seconds{*seconds};
  }
  return wait;
}

Outcome refuse(Run& run, std::string_view status, std::string_view why) {
  run.warn(why);
  run.set_variable(status_variable, std::string(status));
  run.set_variable(id_variable, "");
  forget_code(run);
  return Outcome::next;
}

// A run that waits for what becomes of its message. Those who will tell own it together; it lets
// the run go as soon as there is something to say.
class OutcomeWait final : public net::Timer {
 public:
  OutcomeWait(Run& run, std::string_view destination)
      : run_(run.shared_from_this()), ticket_(run.wait()), destination_(destination) {}

  void on_handed_over(const message::Acceptance& acceptance) {
    answered_ = true;
    waits_ = waits_ || acceptance.waits;
    refusal_ = acceptance.refusal;
    settle();
  }
  void on_status(const message::Status& status) {
    if (status.response_code > 0) code_ = status.response_code;
    if (message::is_final(status.state)) delivered_ = message::is_success(status.state);
    waits_ = waits_ || status.state == message::Status::State::queued;
    settle();
  }

 private:
  void on_timer() override {
    time_is_over_ = true;
    settle();
  }

  // Not before the message is refused or in safe hands, whatever the time says.
  void settle() {
    if (run_ == nullptr || !answered_) return;
    if (!refusal_ && !delivered_ && !waits_ && !time_is_over_) return;
    cancel();
    const auto run = std::exchange(run_, nullptr);
    if (!run->is_waiting(ticket_)) return;
    const auto status = refusal_                    ? status_of(refusal_)
                        : delivered_.value_or(true) ? status_of(std::nullopt)
                                                    : "FAILURE";
    run->set_variable(status_variable, std::string(status));
    run->set_variable(code_variable, code_ > 0 ? std::to_string(code_) : "");
    report(*run, destination_, refusal_);
    run->resume(ticket_, Outcome::next);
  }

  std::shared_ptr<Run> run_;
  const Run::Ticket ticket_;
  const std::string destination_;
  std::optional<Refusal> refusal_;
  std::optional<bool> delivered_;  // once it is final
  int code_ = 0;                   // the last one known
  bool answered_ = false;
  bool waits_ = false;
  bool time_is_over_ = false;
};

Outcome send_and_wait(Run& run, std::shared_ptr<const message::Message> message,
                      std::chrono::seconds time) {
  auto& environment = run.environment();
  const auto wait = std::make_shared<OutcomeWait>(run, message->destination());
  environment.shard.arm(*wait, time);
  environment.sender.send(
      std::move(message),
      [wait](const message::Acceptance& acceptance) { wait->on_handed_over(acceptance); },
      [wait](const message::Message&, const message::Status& status) { wait->on_status(status); });
  return Outcome::suspended;
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
  const auto wait = read_options(run, given.options);
  if (!wait) return hand_over(run, std::move(message));
  run.set_variable(id_variable, std::string(message->id()));
  return send_and_wait(run, std::move(message), *wait);
}

}  // namespace

void add_message_applications(ApplicationTable& table) { table.add({"MessageSend", message_send}); }

}  // namespace missive::dialplan

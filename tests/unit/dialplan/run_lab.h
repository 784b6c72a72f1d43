// A shard turned by hand with a dialplan of text, a technology that writes down what it is to
// send, and messages that come in.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "dialplan/environment.h"
#include "dialplan/message_handler.h"
#include "dialplan/run.h"
#include "dialplan/workers.h"
#include "message/message_events.h"
#include "net/shard.h"
#include "store/ast_db.h"

namespace missive::dialplan::test {

// Sends nothing. Tells `refusal` at once, or when the test says so where it is `patient`.
class RecordingTechnology final : public message::Technology {
 public:
  explicit RecordingTechnology(std::string_view name = "pjsip") : name_(name) {}
  std::string_view name() const override { return name_; }
  std::optional<message::Refusal> check(const message::Message&, message::Terms&) override {
    return std::nullopt;
  }
  void send(std::shared_ptr<const message::Message> message, const message::Dispatch&,
            message::HandedOver handed_over, message::Finished finished) override {
    thread = std::this_thread::get_id();
    sent.push_back(std::move(message));
    outcomes.push_back(std::move(finished));
    if (patient) {
      waiting.push_back(std::move(handed_over));
    } else {
      handed_over(refusal);
    }
  }
  // The value of a header that a message was sent with.
  static std::optional<std::string> header(const message::Message& message, std::string_view name) {
    std::optional<std::string> found;
    for (const auto& variable : message.variables()) {
      if (variable.name == name) found = variable.value;
    }
    return found;
  }

  std::vector<std::shared_ptr<const message::Message>> sent;
  std::vector<message::HandedOver> waiting;
  std::vector<message::Finished> outcomes;  // of `sent`, for the test to tell
  std::optional<message::Refusal> refusal;
  bool patient = false;
  std::thread::id thread;  // that the last one was sent on

 private:
  const std::string_view name_;
};

class RecordingEvents final : public EventSink {
 public:
  void on_user_event(const Run&, std::string_view name,
                     const std::vector<std::pair<std::string, std::string>>& headers) override {
    std::string line(name);
    for (const auto& [key, value] : headers) line += "|" + key + "=" + value;
    log.push_back(line);
  }
  std::vector<std::string> log;
};

struct Lab {
  explicit Lab(conf::MissiveConf::Dialplan options = {}) : shared(clock, options, database) {
    shared.events = &events;
    sender.add(technology);
    // Remember(text): what the tests look at.
    shared.applications.add({"Remember", [this](Run&, std::string_view text) {
                               remembered.emplace_back(text);
                               return Outcome::next;
                             }});
    // Block(text): the same on a worker; UPPER() the same of a function.
    shared.applications.add({.name = "Block",
                             .execute =
                                 [this](Run& run, std::string_view text) {
                                   worker = std::this_thread::get_id();
                                   run.set_variable("BLOCKED", std::string(text));
                                   return Outcome::next;
                                 },
                             .blocks = true});
    shared.functions.add({.name = "SLOW",
                          .read = [this](Run&, std::string_view text) -> base::Result<std::string> {
                            worker = std::this_thread::get_id();
                            return "slow " + std::string(text);
                          },
                          .blocks = true});
  }
  ~Lab() { shared.workers->stop(); }

  void load(std::string_view text) {
    conf::Problems problems;
    auto parsed = Dialplan::parse(text, shared.applications, shared.functions, problems);
    ASSERT_TRUE(parsed) << parsed.error().text;
    dialplan = *parsed;
    handler = std::make_unique<MessageHandler>(shared, shard, sender, dialplan);
  }

  // A message for `exten` of context "in".
  static std::shared_ptr<const message::Incoming> message(
      std::string_view exten, std::string_view body = "hello", int max_forwards = 70,
      std::string_view content_type = "text/plain", std::vector<message::Variable> data = {}) {
    return message::Incoming::create({.id = "id-1",
                                      .technology = "pjsip",
                                      .endpoint = "alice",
                                      .context = "in",
                                      .exten = exten,
                                      .from = "pjsip:alice@example.com",
                                      .to = "pjsip:bob@example.com",
                                      .content_type = content_type,
                                      .body = body,
                                      .max_forwards = max_forwards,
                                      .data = data});
  }

  void begin(std::shared_ptr<const message::Incoming> incoming) {
    handler->handle(std::move(incoming), [this] { ++done; });
  }
  void settle() {
    for (int i = 0; i < 1000 && shard.run_once(); ++i) {
    }
  }
  // Turns the shard until `condition`; the limit is for a failing test only.
  [[nodiscard]] bool until(const std::function<bool()>& condition) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!condition()) {
      if (std::chrono::steady_clock::now() > limit) return false;
      if (!shard.run_once()) std::this_thread::yield();
    }
    return true;
  }
  // Runs it to its end.
  void run(std::shared_ptr<const message::Incoming> incoming) {
    const int before = done;
    begin(std::move(incoming));
    ASSERT_TRUE(until([&] { return done > before; }));
    settle();
    EXPECT_EQ(done, before + 1);
  }
  // The priorities `text` in extension 1 of context "in", each an application; what they remember.
  std::vector<std::string> play(const std::vector<std::string>& applications,
                                std::string_view more = {}) {
    std::string text = "[in]\n";
    int number = 0;
    for (const auto& application : applications) {
      text += "exten => 1," + std::to_string(++number) + "," + std::string(application) + "\n";
    }
    remembered.clear();
    load(text + std::string(more));
    run(message("1"));
    return remembered;
  }
  void pass(base::Duration time) {
    settle();
    for (; time > base::Duration::zero(); time -= net::TimerWheel::tick) {
      clock.advance(net::TimerWheel::tick);
      settle();
    }
  }

  base::ManualClock clock;
  store::AstDb database;
  RecordingEvents events;
  RecordingTechnology technology;
  message::MessageEvents message_events;
  message::Sender sender{message_events};
  std::shared_ptr<const Dialplan> dialplan;
  net::Shard shard{0, clock};
  Shared shared;
  std::unique_ptr<MessageHandler> handler;
  std::vector<std::string> remembered;
  std::thread::id worker;
  int done = 0;
};

using Remembered = std::vector<std::string>;

}  // namespace missive::dialplan::test

// What the tests of AMI sessions share: a shard's environment without shards, a technology
// that can be told what to answer and when, and a client's view of one session.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ami/session.h"
#include "base/clock.h"
#include "conf/conf.h"
#include "message/message_events.h"

namespace missive::ami {

// "pjsip:": refuses "absent", has nobody there for "away", accepts the rest; at once, or when told
// to. Outcomes come by finish().
class FakeTechnology final : public message::Technology {
 public:
  std::string_view name() const override { return "pjsip"; }
  std::optional<message::Refusal> check(const message::Message& message,
                                        message::Terms& terms) override {
    terms.recipient = message.destination();
    if (message.address() != "away") return std::nullopt;
    return message::Refusal{message::Refusal::Kind::unreachable, "AOR 'away' has no contact"};
  }
  void send(std::shared_ptr<const message::Message> message, const message::Dispatch&,
            message::HandedOver handed_over, message::Finished finished) override {
    sent.push_back(message);
    outcomes.push_back(std::move(finished));
    if (delayed) return waiting.push_back(std::move(handed_over));
    if (message->address() == "absent") {
      handed_over(
          message::Refusal{message::Refusal::Kind::failure, "endpoint 'absent' has no\r\nX"});
    } else {
      handed_over(std::nullopt);
    }
  }
  void hand_over(std::size_t index, const message::Acceptance& acceptance = {}) {
    waiting.at(index)(acceptance);
  }
  void finish(std::size_t index, const message::Status& status) {
    outcomes.at(index)(message::Attempted{status});
  }

  bool delayed = false;
  std::vector<std::shared_ptr<const message::Message>> sent;
  std::deque<message::HandedOver> waiting;
  std::deque<message::Finished> outcomes;
};

inline std::shared_ptr<const Configuration> configuration_from(std::string_view text) {
  conf::Problems problems;
  auto configuration =
      Configuration::from(conf::parse(text, "manager.conf", problems), {}, problems);
  for (const auto& problem : problems) ADD_FAILURE() << problem.str();
  return configuration;
}

constexpr std::string_view manager_conf = R"(
[general]
enabled = yes
displayconnects = no
[admin]
secret = s3cret-AMI
read = all
write = all
[reader]
secret = readonly
read = all
write = system
[denied]
secret = denied
deny = 0.0.0.0/0
read = all
write = all
[once]
secret = once
read = system
write = all
allowmultiplelogin = no
[filtered]
secret = filtered
read = user
write = all
eventfilter = !Key: secret
)";

// All sessions of a test live in one environment.
class World {
 public:
  explicit World(conf::MissiveConf::Ami limits = {}, std::string_view manager = manager_conf,
                 bool observed = true)
      : shared(clock, observed ? with_observed_version(std::move(limits)) : std::move(limits)),
        environment(shared, shared.events.add_outlet([this](EventPointer event) {
          events.push_back(std::move(event));
        }),
                    shard, sender, nullptr, configuration_from(manager)) {
    sender.add(technology);
    shared.events.set_timestamps(environment.configuration->timestamp_events);
  }

  // Carries published events to the sessions, as the shard's mailbox would.
  void pump() {
    while (!events.empty()) {
      const auto event = std::move(events.front());
      events.pop_front();
      environment.sessions.deliver(event);
    }
  }

  base::ManualClock clock;
  net::Shard shard{0, clock};  // stands still
  FakeTechnology technology;
  message::MessageEvents message_events;
  message::Sender sender{message_events};
  std::deque<EventPointer> events;
  Shared shared;
  Environment environment;

 private:
  static conf::MissiveConf::Ami with_observed_version(conf::MissiveConf::Ami limits) {
    limits.asterisk_version = "certified-20.7-cert10";
    return limits;
  }
};

inline Admission admission(World& world, const net::Address& peer) {
  return std::move(*world.shared.gatekeeper.admit(peer, {1000, 1000, 1000, 1000}));
}

class Client final : public SessionOwner {
 public:
  explicit Client(World& world, std::string_view address = "127.0.0.1", Road road = Road::tcp)
      : world_(world),
        session_(std::make_unique<Session>(
            world.environment, *this, out_, *net::Address::from_ip("127.0.0.1", 5038),
            *net::Address::from_ip(address, 38262),
            admission(world, *net::Address::from_ip(address, 38262)), road)) {}

  // Sends octets, and again what the session left over.
  void send(std::string_view octets) {
    in_ += octets;
    in_.erase(0, session_->on_data(in_));
    world_.pump();
  }
  // What has come since the last time.
  std::string read() { return std::exchange(out_, {}); }
  std::string ask(std::string_view octets) {
    read();
    send(octets);
    return read();
  }
  std::string login(std::string_view user, std::string_view secret,
                    std::string_view events = "off") {
    return ask(fmt::format("Action: Login\r\nUsername: {}\r\nSecret: {}\r\nEvents: {}\r\n\r\n",
                           user, secret, events));
  }
  // To the session's next deadline, if it has one.
  void wait() {
    if (session_->deadline() == base::TimePoint::max()) return;
    advance(session_->deadline() - world_.clock.now());
  }
  void advance(base::Duration by) {
    world_.clock.advance(by);
    session_->on_time(world_.clock.now());
    world_.pump();
  }
  void leave() { session_.reset(); }
  Session& session() { return *session_; }
  std::size_t unread_input() const { return in_.size(); }
  int notified = 0;

 private:
  void on_session_output() override { ++notified; }

  World& world_;
  std::string in_;
  std::string out_;
  std::unique_ptr<Session> session_;
};

inline std::string admin_login() {
  return "Action: Login\r\nUsername: admin\r\nSecret: s3cret-AMI\r\nEvents: off\r\n\r\n";
}

}  // namespace missive::ami

// A whole server in one thread, without a socket: an AMI session in front, the pjsip
// technology behind it, a network in memory, and time that only moves when told to; with an outbox
// and its database in memory, if asked for.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ami/session.h"
#include "ami/wire.h"
#include "base/clock.h"
#include "conf/conf.h"
#include "message/outbox.h"
#include "message/outbox_shard.h"
#include "net/shard.h"
#include "pjsip/message_uac.h"
#include "pjsip/outbox_waker.h"
#include "pjsip/request_refusals.h"
#include "sip/loop_transport.h"
#include "sip/packet.h"
#include "sip/transaction_layer.h"
#include "store/database.h"
#include "store/outbox_store.h"

namespace missive::flow {

constexpr std::string_view manager_conf = R"(
[general]
enabled = yes
displayconnects = no
[crm]
secret = secret
read = all
write = all
)";

constexpr std::string_view pjsip_conf = R"(
[udp]
type = transport
protocol = udp
bind = 127.0.0.1:5060
[alice]
type = endpoint
aors = alice
outbound_auth = alice
[alice]
type = aor
contact = sip:alice@127.0.0.2:5060
[alice]
type = auth
username = alice
password = wonderland
[bob]
type = endpoint
aors = bob
[bob]
type = aor
contact = sip:bob@127.0.0.3:5060
)";

// A phone's answer to a request it was sent: `status_line` ("200 OK") and more headers.
inline std::string answer_to(const std::string& request_text, std::string_view status_line,
                             std::string_view headers = {}) {
  auto text = request_text;
  sip::Packet request;
  if (!request.parse(text)) return {};
  return fmt::format(
      "SIP/2.0 {}\r\nVia: {}\r\nFrom: {}\r\nTo: {};tag=p\r\nCall-ID: {}\r\nCSeq: {}\r\n"
      "{}Content-Length: 0\r\n\r\n",
      status_line, request.value(sip::HeaderId::Via), request.value(sip::HeaderId::From),
      request.value(sip::HeaderId::To), request.call_id(), request.value(sip::HeaderId::CSeq),
      headers);
}

inline std::string header_of(const std::string& text, std::string_view name) {
  auto copy = text;
  sip::Packet packet;
  if (!packet.parse(copy)) return {};
  const auto* header = packet.find(sip::header_id(name));
  return header != nullptr ? std::string(header->value) : std::string();
}

class FlowServer : public ami::SessionOwner, public message::MessageListener {
 public:
  // The outbox of the server; the database may be an earlier server's.
  struct Kept {
    conf::MissiveConf::Outbox options;
    std::shared_ptr<store::Database> database;
  };
  static std::shared_ptr<store::Database> new_database() {
    auto opened = store::Database::open(":memory:");
    if (!opened) ADD_FAILURE() << opened.error().text;
    return opened ? std::move(*opened) : nullptr;
  }
  static Kept kept(conf::MissiveConf::Outbox options = {}) { return {options, new_database()}; }

  explicit FlowServer(std::string_view pjsip = pjsip_conf, std::optional<Kept> keep = {})
      : shard(0, clock),
        shared(clock, {}),
        transactions(shard, sip::Timers{}, {}),
        configuration(load_pjsip(pjsip)),
        uac({transactions, transports, locator}, locations, {}, configuration),
        sender(message_events),
        database_(keep ? keep->database : nullptr),
        outbox_store_(keep ? std::make_unique<store::OutboxStore>(*database_) : nullptr),
        outbox(keep ? std::make_unique<message::Outbox>(*outbox_store_, clock, message_events,
                                                        keep->options)
                    : nullptr),
        outbox_shard(keep ? std::make_unique<message::OutboxShard>(shard, *outbox, sender)
                          : nullptr),
        environment(shared, shared.events.add_outlet([this](ami::EventPointer event) {
          events_.push_back(std::move(event));
        }),
                    shard, sender, outbox.get(), load_manager()),
        session(std::make_unique<ami::Session>(
            environment, *this, out_, *net::Address::from_ip("127.0.0.1", 5038), client_address(),
            std::move(*shared.gatekeeper.admit(client_address(), {10, 10, 10, 10})))) {
    auto transport = std::make_unique<sip::LoopTransport>(
        shard, *net::Address::from_ip("127.0.0.1", 5060), false, transactions,
        sip::TransportOptions{.id = "udp", .tos = 0, .external = {}});
    loop = transport.get();
    transports.add(std::move(transport));
    locations.configure(*configuration);
    transactions.add(refusals);
    sender.add(uac);
    message_events.add(*this);
    if (outbox) {
      sender.use(*outbox_shard);
      outbox->know({outbox_shard.get()});
      waker_ = std::make_unique<pjsip::OutboxWaker>(*outbox, *configuration);
      locations.add(*waker_);
      if (const auto opened = outbox->open(); !opened) ADD_FAILURE() << opened.error().text;
    }
    ask("Action: Login\r\nUsername: crm\r\nSecret: secret\r\nEvents: off\r\n");
  }

  ~FlowServer() override {
    session.reset();
    if (database_) database_->flush();
  }

  static std::shared_ptr<const pjsip::Configuration> load_pjsip(std::string_view text) {
    conf::Problems problems;
    auto configuration = pjsip::Configuration::parse(text, problems);
    for (const auto& problem : problems) ADD_FAILURE() << problem.str();
    return configuration ? *configuration : nullptr;
  }

  // Sends header lines as one action and says what came back at once.
  std::string ask(std::string_view lines) {
    in_ += lines;
    in_ += "\r\n";
    in_.erase(0, session->on_data(in_));
    turn();
    return read();
  }
  std::string send_message(std::string_view destination, std::string_view more = {}) {
    return ask(
        fmt::format("Action: MessageSend\r\nActionID: m\r\nDestination: {}\r\nBody: hi\r\n{}",
                    destination, more));
  }
  std::string read() { return std::exchange(out_, {}); }

  void turn() {
    for (int i = 0; i < 8; ++i) {
      shard.run_once();
      if (database_) database_->flush();
      while (!events_.empty()) {
        const auto event = std::move(events_.front());
        events_.pop_front();
        environment.sessions.deliver(event);
      }
    }
  }
  // Time passes in steps of a tick, with a turn after each.
  void pass(base::Duration time) {
    for (base::Duration gone{}; gone < time; gone += net::TimerWheel::tick) {
      clock.advance(net::TimerWheel::tick);
      shard.run_once();
    }
    turn();
  }
  // The same in one leap; for hours.
  void leap(base::Duration time) {
    clock.advance(time);
    turn();
  }
  // The phone at `packet.to` answers a request.
  void answer(const sip::LoopTransport::Sent& packet, std::string_view status_line,
              std::string_view headers = {}) {
    loop->deliver(answer_to(packet.text, status_line, headers), packet.to);
    turn();
  }
  const sip::LoopTransport::Sent& last_sent() const { return loop->sent.back(); }

  bool wants_message_status() const override { return true; }
  void on_message_status(const message::Message& message, const message::Status& status) override {
    outcomes.push_back(fmt::format("{} {} {} {}", message.address(), name_of(status.state),
                                   status.response_code, status.response_text));
  }
  void on_session_output() override {}

  base::ManualClock clock;
  net::Shard shard;
  ami::Shared shared;
  message::MessageEvents message_events;
  sip::TransactionLayer transactions;
  sip::TransportSet transports;
  base::RandomSource random;
  net::Resolver resolver{shard};
  sip::ServerLocator locator{resolver, random};
  pjsip::RequestRefusals refusals;
  pjsip::LocationService locations;
  std::shared_ptr<const pjsip::Configuration> configuration;
  pjsip::MessageUac uac;
  message::Sender sender;

 private:
  std::shared_ptr<store::Database> database_;
  std::unique_ptr<store::OutboxStore> outbox_store_;

 public:
  std::unique_ptr<message::Outbox> outbox;
  std::unique_ptr<message::OutboxShard> outbox_shard;
  sip::LoopTransport* loop = nullptr;
  std::vector<std::string> outcomes;

 private:
  static net::Address client_address() { return *net::Address::from_ip("127.0.0.1", 40000); }
  static std::shared_ptr<const ami::Configuration> load_manager() {
    conf::Problems problems;
    auto configuration =
        ami::Configuration::from(conf::parse(manager_conf, "manager.conf", problems), {}, problems);
    for (const auto& problem : problems) ADD_FAILURE() << problem.str();
    return configuration;
  }

  std::unique_ptr<pjsip::OutboxWaker> waker_;
  std::string in_;
  std::string out_;
  std::deque<ami::EventPointer> events_;
  ami::Environment environment;

 public:
  std::unique_ptr<ami::Session> session;
};

}  // namespace missive::flow

// A transaction layer on a network in memory, turned by hand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "net/shard.h"
#include "sip/loop_transport.h"
#include "sip/packet.h"
#include "sip/response_writer.h"
#include "sip/transaction_layer.h"

namespace missive::sip::test {

inline net::Address address(std::string_view text) { return *net::Address::parse(text, 5060); }

// What a phone answers to `request`, as it came over the wire; `headers` are whole lines.
inline std::string answer_to(std::string request, int status, std::string headers = {},
                             std::string_view to_tag = "phone") {
  Packet packet;
  if (const auto parsed = packet.parse(request); !parsed) return "unreadable request";
  std::string out;
  write_response(out, packet, address("127.0.0.1:5060"), to_tag, {status, "", std::move(headers)});
  return out;
}

// Turns until nothing happens any more.
inline void settle(net::Shard& shard) {
  for (int i = 0; i < 1000 && shard.run_once(); ++i) {
  }
}

// Lets time pass in steps of the timer wheel, so that every timer fires when it is due.
inline void pass(net::Shard& shard, base::ManualClock& clock, base::Duration time) {
  settle(shard);
  for (; time > base::Duration::zero(); time -= net::TimerWheel::tick) {
    clock.advance(net::TimerWheel::tick);
    settle(shard);
  }
}

// Writes down what it is told of a client transaction.
class RecordingClient : public ClientUser {
 public:
  void on_request_sent() override { log.push_back("sent"); }
  void on_final_response(const Packet& response) override {
    log.push_back(std::to_string(response.status()) + " " + std::string(response.reason()));
  }
  void on_timeout() override { log.push_back("timeout"); }
  void on_send_error(const base::Error& error) override { log.push_back("error: " + error.text); }

  std::vector<std::string> log;
};

// A small request to be sent in a transaction.
inline void write_request(OutgoingRequest& request, Method method = Method::MESSAGE,
                          std::string_view body = "hello") {
  RequestWriter writer(request, method, "sip:bob@192.0.2.2");
  writer.via("UDP", "127.0.0.1:5060");
  writer.header("From", "<sip:alice@example.com>;tag=a1");
  writer.header("To", "<sip:bob@example.com>");
  writer.header("Call-ID", "call-1");
  writer.cseq(12345);
  writer.number("Max-Forwards", 70);
  writer.body("text/plain", body);
}

struct Lab {
  explicit Lab(const TransactionLimits& limits = {}, unsigned index = 0)
      : shard(index, clock), layer(shard, Timers{}, limits) {}

  base::ManualClock clock;
  net::Shard shard;
  TransactionLayer layer;
  LoopTransport udp{shard, address("127.0.0.1:5060"), false, layer};
  LoopTransport tcp{shard, address("127.0.0.1:5060"), true, layer};
};

}  // namespace missive::sip::test

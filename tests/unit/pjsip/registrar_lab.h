// A Registrar that is handed requests as text, with time turned by hand.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pjsip/registrar.h"
#include "unit/pjsip/configured.h"
#include "unit/pjsip/location_lab.h"
#include "unit/sip/loop_lab.h"
#include "unit/sip/sip_text.h"

namespace missive::pjsip::test {

// One REGISTER; what is left empty is as usual.
struct Register {
  std::vector<std::string> contacts;
  std::vector<std::string> headers;  // "Expires: 60"
  std::string to = "<sip:alice@example.com>";
  std::string call_id = "call-1";
  unsigned cseq = 0;  // 0: one higher than the one before
  std::string from_address = "192.0.2.1:5060";
  std::vector<std::string> vias = {"SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1"};
  bool tcp = false;
  std::string authenticated_as = {};

  std::string text() const {
    std::string out = "REGISTER sip:example.com SIP/2.0\n";
    for (const auto& via : vias) out += "Via: " + via + "\n";
    out += fmt::format(
        "Max-Forwards: 70\nFrom: <sip:alice@example.com>;tag=a1\nTo: {}\nCall-ID: {}\n"
        "CSeq: {} REGISTER\n",
        to, call_id, cseq);
    for (const auto& contact : contacts) out += "Contact: " + contact + "\n";
    for (const auto& header : headers) out += header + "\n";
    return sip::test::crlf(out + "Content-Length: 0\n\n");
  }
};

class RegistrarLab {
 public:
  explicit RegistrarLab(std::string_view configuration)
      : configuration_(configured(configuration)) {
    locations.add(log);
    locations.configure(*configuration_);
    log.take();
  }

  sip::Response send(Register request, std::string_view endpoint = "alice") {
    if (request.cseq == 0) request.cseq = last_cseq_ + 1;
    last_cseq_ = request.cseq;
    auto text = request.text();
    sip::Packet packet;
    const auto parsed = packet.parse(text);
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().text);
    auto& transport = request.tcp ? tcp : udp;
    const auto from = sip::test::address(request.from_address);
    sip::Response response;
    registrar.on_request({{packet, transport, from},
                          configuration_,
                          *configuration_->endpoint(endpoint),
                          request.authenticated_as},
                         response);
    return response;
  }
  // The usual one, with these contacts.
  sip::Response add(std::vector<std::string> contacts) { return send({.contacts = contacts}); }

  void pass(base::Duration time) {
    clock.advance(time);
    sip::test::settle(shard);
  }
  std::vector<std::string> uris(std::string_view aor = "alice") const {
    return test::uris(locations, aor);
  }
  std::shared_ptr<const Contact> only(std::string_view aor = "alice") const {
    const auto contacts = locations.contacts(aor);
    EXPECT_EQ(contacts.size(), 1u);
    return contacts.empty() ? std::make_shared<Contact>() : contacts.front().contact;
  }

  // The values of the lines of that name.
  static std::vector<std::string> values(const sip::Response& response, std::string_view name) {
    std::vector<std::string> out;
    std::string_view rest = response.headers;
    while (!rest.empty()) {
      const auto line = rest.substr(0, rest.find("\r\n"));
      rest.remove_prefix(line.size() + 2);
      if (line.starts_with(name) && line.substr(name.size()).starts_with(": ")) {
        out.emplace_back(line.substr(name.size() + 2));
      }
    }
    return out;
  }
  static std::vector<std::string> contacts(const sip::Response& response) {
    return values(response, "Contact");
  }

  base::ManualClock clock;
  net::Shard shard{3, clock};
  sip::TransactionLayer layer{shard, sip::Timers{}, {}};
  sip::LoopTransport udp{shard, sip::test::address("127.0.0.1:5060"), false, layer, {.id = "udp1"}};
  sip::LoopTransport tcp{shard, sip::test::address("127.0.0.1:5060"), true, layer, {.id = "tcp1"}};
  ContactLog log;
  LocationService locations;
  Registrar registrar{shard, locations};

 private:
  std::shared_ptr<const Configuration> configuration_;
  unsigned last_cseq_ = 0;
};

}  // namespace missive::pjsip::test

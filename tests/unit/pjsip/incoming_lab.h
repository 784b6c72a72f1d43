// Requests as phones send them, for the tests of what comes in.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "sip/digest.h"
#include "sip/packet.h"
#include "unit/pjsip/configured.h"
#include "unit/sip/loop_lab.h"

namespace missive::pjsip::test {

struct RequestText {
  std::string method = "MESSAGE";
  std::string uri = "sip:bob@example.com";
  std::string from = "\"Alice\" <sip:alice@example.com>";
  std::string to = "<sip:bob@example.com>";
  std::string headers = "Content-Type: text/plain\r\n";  // whole lines
  std::string body = "hello";
  std::string branch = "z9hG4bK1";

  std::string str() const {
    return method + " " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=" + branch +
           "\r\nMax-Forwards: 70\r\nFrom: " + from + ";tag=a1\r\nTo: " + to +
           "\r\nCall-ID: call-1\r\nCSeq: 7 " + method + "\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
};

// A packet with the text it looks into.
class Parsed {
 public:
  explicit Parsed(const RequestText& request) : text_(request.str()) {
    const auto parsed = packet_.parse(text_);
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().text) << "\n" << request.str();
  }
  Parsed(const Parsed&) = delete;
  Parsed& operator=(const Parsed&) = delete;
  const sip::Packet& operator*() const { return packet_; }

 private:
  std::string text_;
  sip::Packet packet_;
};

// The values of the WWW-Authenticate lines among `headers`.
inline std::vector<std::string> challenges_of(std::string_view headers) {
  static constexpr std::string_view name = "WWW-Authenticate: ";
  std::vector<std::string> out;
  for (auto at = headers.find(name); at != std::string_view::npos; at = headers.find(name, at)) {
    at += name.size();
    out.emplace_back(headers.substr(at, headers.find("\r\n", at) - at));
  }
  return out;
}

// What a phone answers to a challenge: the Authorization line.
inline std::string authorization_for(std::string_view challenge, std::string_view username,
                                     std::string_view password, const RequestText& request,
                                     std::uint32_t nc = 1) {
  const auto parsed = sip::parse_challenge(challenge);
  EXPECT_TRUE(parsed) << challenge;
  if (!parsed) return "";
  sip::Credentials credentials{.username = std::string(username), .password = {}, .ha1 = {}};
  const auto hash = parsed->algorithm.hash;
  credentials.ha1[static_cast<std::size_t>(hash)] =
      sip::digest_ha1(hash, username, parsed->realm, password);
  const auto value = sip::authorization(*parsed, credentials,
                                        {.method = request.method,
                                         .uri = request.uri,
                                         .body = {},
                                         .cnonce = "c1",
                                         .nonce_count = nc});
  EXPECT_TRUE(value);
  return value ? "Authorization: " + *value + "\r\n" : "";
}

}  // namespace missive::pjsip::test

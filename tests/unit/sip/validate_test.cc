// Requests that are refused before anybody looks at what they ask.
//
//  1. A sound request, also without Max-Forwards and tags (RFC 2543 peers).
//  2. Each mandatory header missing: 400 that names it.
//  3. Headers that occur once given twice: 400; others may repeat.
//  4. Another SIP version: 505, whatever else is wrong.
//  5. Request-URI: malformed 400, unknown scheme 416, tel is known.
//  6. Malformed Via (any of them), From, To, Call-ID, Max-Forwards, Contact: 400.
//  7. CSeq malformed or of another method: 400.
//  8. The reason is one line of printable ASCII whatever the request holds.
#include "sip/validate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "unit/sip/sip_text.h"

namespace missive::sip {
namespace {

using test::message_request;
using test::replaced;

// "200", or the status and reason to refuse with.
std::string verdict(std::string text) {
  Packet packet;
  if (const auto parsed = packet.parse(text); !parsed) return parsed.error().text;
  const auto error = validate_request(packet);
  return error ? std::to_string(error->status) + " " + error->reason : "200";
}

std::string verdict(std::string_view from, std::string_view to) {
  return verdict(replaced(message_request, from, to));
}

TEST(Validate, Sound) {
  EXPECT_EQ(verdict(message_request), "200");
  EXPECT_EQ(verdict("Max-Forwards: 70\r\n", ""), "200");
  EXPECT_EQ(verdict(";tag=a1", ""), "200");
  EXPECT_EQ(verdict("Max-Forwards: 70", "Contact: *"), "200");
  EXPECT_EQ(verdict("Max-Forwards: 70", "m: <sip:a@b>;q=1, \"x, y\" <tel:12>"), "200");
}

TEST(Validate, Missing) {
  EXPECT_EQ(verdict("Via:", "X:"), "400 Missing Via header");
  EXPECT_EQ(verdict("From:", "X:"), "400 Missing From header");
  EXPECT_EQ(verdict("To:", "X:"), "400 Missing To header");
  EXPECT_EQ(verdict("Call-ID:", "X:"), "400 Missing Call-ID header");
  EXPECT_EQ(verdict("CSeq:", "X:"), "400 Missing CSeq header");
}

TEST(Validate, Repeated) {
  for (const auto* line : {"From: <sip:a@b>", "t: <sip:a@b>", "i: 2", "CSeq: 7 MESSAGE",
                           "Content-Type: text/plain", "l: 5"}) {
    const auto refused = verdict("Max-Forwards: 70", line);
    EXPECT_TRUE(refused.starts_with("400 Repeated ")) << line << ": " << refused;
  }
  EXPECT_EQ(verdict("Max-Forwards: 70", "Max-Forwards: 70\r\nMax-Forwards: 70"),
            "400 Repeated Max-Forwards header");
  EXPECT_EQ(verdict("Max-Forwards: 70", "Route: <sip:a>\r\nRoute: <sip:b>\r\nX: 1\r\nX: 2"), "200");
}

TEST(Validate, Version) {
  EXPECT_EQ(verdict("SIP/2.0\r\n", "SIP/7.0\r\n"), "505 Version Not Supported");
  EXPECT_EQ(verdict("example.com SIP/2.0\r\n", "< SIP/3.0\r\n"), "505 Version Not Supported");
  EXPECT_EQ(verdict("SIP/2.0\r\n", "sip/2.0\r\n"), "200");
  for (const auto* end : {"", " HTTP/1.1", " SIP/2", " SIP/2.0 ", " SIP/x.y"}) {
    EXPECT_EQ(verdict(" SIP/2.0\r\n", std::string(end) + "\r\n"),
              "400 Request line does not end with SIP/2.0")
        << end;
  }
}

TEST(Validate, RequestUri) {
  for (const auto* uri :
       {"<sip:a@b>", "sip:a@b; lr", " sip:a@b", "sip:a@b ", "sip:", "bob", "", "sip:a\tb@c"}) {
    EXPECT_EQ(verdict("sip:bob@example.com SIP", std::string(uri) + " SIP"),
              "400 Malformed Request-URI")
        << uri;
  }
  EXPECT_EQ(verdict("example.com SIP", "example.com?Route=x SIP"),
            "400 Headers in the Request-URI");
  EXPECT_EQ(verdict("sip:bob@example.com SIP", "soap.beep://192.0.2.103:3002 SIP"),
            "416 Unsupported URI Scheme");
  EXPECT_EQ(verdict("sip:bob@example.com SIP", "tel:+123 SIP"), "200");
}

TEST(Validate, MalformedHeaders) {
  EXPECT_EQ(verdict("z9hG4bKabc", "z9hG4bKabc;;,"), "400 Malformed Via header");
  EXPECT_EQ(verdict("z9hG4bKabc", "z9hG4bK"), "400 Malformed Via header");
  EXPECT_EQ(verdict("z9hG4bKabc", "z9hG4bKabc, SIP/2.0/UDP"), "400 Malformed Via header");
  EXPECT_EQ(verdict("Max-Forwards: 70", "Via: x"), "400 Malformed Via header");
  EXPECT_EQ(verdict("\"Alice\"", "\"Alice"), "400 Malformed From header");
  EXPECT_EQ(verdict("To: <sip:bob@example.com>", "To: <sip:bob@.1>"), "400 Malformed To header");
  EXPECT_EQ(verdict("1234@192", "12 34@192"), "400 Malformed Call-ID header");
  EXPECT_EQ(verdict("1234@192", "1@2@192"), "400 Malformed Call-ID header");
  EXPECT_EQ(verdict("1234@192.0.2.1", ""), "400 Malformed Call-ID header");
  EXPECT_EQ(verdict(": 70", ": 256"), "400 Malformed Max-Forwards header");
  EXPECT_EQ(verdict("Max-Forwards: 70", "Contact: <sip:a@b>,"), "400 Malformed Contact header");
  EXPECT_EQ(verdict("Max-Forwards: 70", "Contact: sip:a@b?x=y"), "400 Malformed Contact header");
}

TEST(Validate, CSeq) {
  EXPECT_EQ(verdict("7 MESSAGE", "7 INVITE"),
            "400 Method in CSeq is not the method of the request");
  EXPECT_EQ(verdict("7 MESSAGE", "7 message"),
            "400 Method in CSeq is not the method of the request");
  EXPECT_EQ(verdict("7 MESSAGE", "2147483648 MESSAGE"), "400 Malformed CSeq header");
}

TEST(Validate, ReasonIsPrintable) {
  const auto refused = verdict("1234@192", "\xC3\xA4\xC3\xA4");
  EXPECT_TRUE(std::all_of(refused.begin(), refused.end(), [](char c) {
    return c >= 0x20 && c < 0x7F;
  })) << refused;
}

}  // namespace
}  // namespace missive::sip

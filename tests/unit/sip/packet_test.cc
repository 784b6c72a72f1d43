// Messages taken apart.
//
//  1. A request: start line, headers, typed getters, body.
//  2. A response: status, reason (also empty, also not ASCII).
//  3. Folded lines are undone in place; blanks around the colon; compact names.
//  4. Leading CRLFs are skipped; the case of the version does not matter.
//  5. Content-Length: cuts, is missing, is too large, is no number, is given twice.
//  6. Line ends other than CRLF are refused.
//  7. Control characters are refused, but for a quoted pair in a display name.
//     Any other octet stands for itself, wherever it is in the value.
//  8. Malformed header lines: the error names the line, and the rest is still there.
//  9. Malformed start lines.
// 10. Limits on the number and the length of headers.
// 11. A message that is cut anywhere in its headers is refused.
// 12. A packet is reusable and then allocates nothing.
// 13. CSeq, Max-Forwards: ranges.
// 14. Getters without the header.
#include "sip/packet.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/sip/sip_text.h"

namespace missive::sip {
namespace {

using test::crlf;
using test::message_request;
using test::ok_response;
using test::replaced;

// Keeps the buffer that the packet looks into.
struct Parsed {
  explicit Parsed(std::string message, const ParserLimits& limits = {})
      : text(std::move(message)), result(packet.parse(text, limits)) {}
  std::string error() const { return result ? "" : result.error().text; }

  std::string text;
  Packet packet;
  base::Result<void> result;
};

std::string with_header(std::string_view line) {
  return replaced(message_request, "Max-Forwards: 70", line);
}

TEST(Packet, Request) {
  const Parsed parsed(message_request);
  ASSERT_TRUE(parsed.result) << parsed.error();
  const auto& packet = parsed.packet;
  EXPECT_TRUE(packet.is_request());
  EXPECT_EQ(packet.method(), Method::MESSAGE);
  EXPECT_EQ(packet.method_name(), "MESSAGE");
  EXPECT_EQ(packet.request_uri(), "sip:bob@example.com");
  EXPECT_EQ(packet.version(), "SIP/2.0");
  EXPECT_EQ(packet.headers().size(), 8u);
  EXPECT_EQ(packet.body(), "hello");
  EXPECT_EQ(packet.top_via().value().branch, "z9hG4bKabc");
  EXPECT_EQ(packet.cseq().value().number, 7u);
  EXPECT_EQ(packet.cseq().value().method, Method::MESSAGE);
  EXPECT_EQ(packet.from().value().tag(), "a1");
  EXPECT_EQ(packet.to().value().uri, "sip:bob@example.com");
  EXPECT_EQ(packet.to().value().tag(), "");
  EXPECT_EQ(packet.max_forwards().value(), 70u);
  EXPECT_EQ(packet.content_length().value(), 5u);
  EXPECT_EQ(packet.call_id(), "1234@192.0.2.1");
  EXPECT_EQ(packet.value(HeaderId::ContentType), "text/plain");
  EXPECT_EQ(packet.find("content-TYPE")->value, "text/plain");
}

TEST(Packet, Response) {
  const Parsed parsed(ok_response);
  ASSERT_TRUE(parsed.result) << parsed.error();
  EXPECT_FALSE(parsed.packet.is_request());
  EXPECT_EQ(parsed.packet.status(), 200);
  EXPECT_EQ(parsed.packet.reason(), "OK");
  EXPECT_EQ(parsed.packet.top_via().value().rport, 5062);
  EXPECT_EQ(parsed.packet.cseq().value().method_name, "MESSAGE");

  const Parsed empty(replaced(ok_response, "200 OK", "100 "));
  ASSERT_TRUE(empty.result) << empty.error();
  EXPECT_EQ(empty.packet.status(), 100);
  EXPECT_EQ(empty.packet.reason(), "");

  const Parsed utf8(replaced(ok_response, "200 OK", "699 \xD0\xBD\xD0\xB5\xD1\x82\t!"));
  ASSERT_TRUE(utf8.result) << utf8.error();
  EXPECT_EQ(utf8.packet.reason(), "\xD0\xBD\xD0\xB5\xD1\x82\t!");
}

TEST(Packet, FoldingAndBlanks) {
  const Parsed parsed(
      with_header("X-Folded :\r\n  one\r\n\ttwo  \r\n three \r\nm: <sip:a@b>\r\nX-Empty:\r\ns :"));
  ASSERT_TRUE(parsed.result) << parsed.error();
  const auto& packet = parsed.packet;
  EXPECT_EQ(packet.find("x-folded")->value, "one  \ttwo     three");
  EXPECT_EQ(packet.find("x-folded")->name, "X-Folded");
  EXPECT_EQ(packet.value(HeaderId::Contact), "<sip:a@b>");
  ASSERT_NE(packet.find("X-Empty"), nullptr);
  EXPECT_EQ(packet.find("X-Empty")->value, "");
  ASSERT_NE(packet.find(HeaderId::Subject), nullptr);
  EXPECT_EQ(packet.value(HeaderId::Subject), "");
  EXPECT_EQ(packet.body(), "hello");
}

TEST(Packet, LeadingLineEndsAndCase) {
  const Parsed parsed("\r\n\r\n" + replaced(message_request, "SIP/2.0", "sip/2.0"));
  ASSERT_TRUE(parsed.result) << parsed.error();
  EXPECT_EQ(parsed.packet.version(), "sip/2.0");
  EXPECT_TRUE(Parsed(replaced(ok_response, "SIP/2.0 200", "Sip/2.0 200")).result);
  EXPECT_FALSE(Parsed("\r\n\r\n").result);
  EXPECT_FALSE(Parsed("").result);
  EXPECT_FALSE(Parsed(" " + message_request).result);
}

TEST(Packet, ContentLength) {
  const auto with_length = [](std::string_view line) {
    return replaced(message_request, "Content-Length: 5", line);
  };
  EXPECT_EQ(Parsed(with_length("l: 2")).packet.body(), "he");
  EXPECT_EQ(Parsed(with_length("l: 0")).packet.body(), "");
  EXPECT_EQ(Parsed(with_length("X: 1")).packet.body(), "hello");
  EXPECT_EQ(Parsed(with_length("Content-Length: 0005")).packet.body(), "hello");
  EXPECT_EQ(Parsed(with_length("l: 5\r\nContent-Length: 5")).packet.body(), "hello");
  EXPECT_EQ(Parsed(with_length("l: 6")).error(), "Content-Length is 6 but the body has 5 octets");
  EXPECT_EQ(Parsed(with_length("l: 5\r\nl: 4")).error(),
            "Content-Length is given twice, as 5 and 4");
  for (const auto* bad : {"l: -1", "l:", "l: 5 5", "l: 5;x", "l: 99999999999999999999", "l: 0x5"}) {
    EXPECT_FALSE(Parsed(with_length(bad)).result) << bad;
  }
}

TEST(Packet, LineEnds) {
  EXPECT_FALSE(Parsed(replaced(message_request, "SIP/2.0\r\n", "SIP/2.0\n")).result);
  EXPECT_FALSE(Parsed(replaced(message_request, "70\r\n", "70\n")).result);
  EXPECT_FALSE(Parsed(replaced(message_request, "70\r\n", "70\r")).result);
  EXPECT_FALSE(Parsed(replaced(message_request, "\r\n\r\n", "\r\n\n")).result);
  EXPECT_FALSE(Parsed(replaced(message_request, "\r\n\r\n", "\n\n")).result);
  const Parsed lone(replaced(message_request, "70\r\n", "70\n"));
  EXPECT_EQ(lone.error(), "the header Max-Forwards holds the control character 0x0a");
  EXPECT_EQ(lone.packet.call_id(), "1234@192.0.2.1");
}

TEST(Packet, ControlCharacters) {
  for (const char c : {'\0', '\1', '\b', '\x1F', '\x7F'}) {
    const std::string octet(1, c);
    EXPECT_FALSE(Parsed(with_header("X-Long-Enough-For-Words: abcdefgh" + octet + "ijk")).result);
    EXPECT_FALSE(Parsed(with_header("X" + octet + ": a")).result);
    EXPECT_FALSE(Parsed(replaced(message_request, "bob", octet)).result);
    const Parsed quoted(replaced(message_request, "\"Alice\"", "\"A" + octet + "B\""));
    ASSERT_TRUE(quoted.result) << quoted.error();
    EXPECT_EQ(quoted.packet.from().value().unquoted_display(), "A B");
    EXPECT_FALSE(Parsed(replaced(message_request, "\"Alice\"", "A\\" + octet)).result);
    EXPECT_FALSE(Parsed(with_header("Subject: \"\\" + octet + "\"")).result);

    const Parsed pair(replaced(message_request, "\"Alice\"", "\"A\\" + octet + "\""));
    ASSERT_TRUE(pair.result) << pair.error();
    EXPECT_EQ(pair.packet.from().value().unquoted_display(), "A" + octet);
  }
  EXPECT_TRUE(Parsed(with_header("X: a\tb")).result);
  EXPECT_FALSE(Parsed(replaced(message_request, "\"Alice\"", "\"A\\\n\"")).result);
  EXPECT_TRUE(Parsed(replaced(message_request, "\"Alice\"", "\"A\\\1\r\n B\"")).result);
}

TEST(Packet, EveryOctetAtEveryPlace) {
  for (int octet = 0; octet < 256; ++octet) {
    const bool allowed = octet == '\t' || (octet >= 0x20 && octet != 0x7F);
    for (std::size_t place = 0; place < 20; ++place) {
      std::string value = "x12345678901234567890y";
      value[1 + place] = static_cast<char>(octet);
      const Parsed parsed(with_header("X: " + value));
      ASSERT_EQ(parsed.result.has_value(), allowed) << octet << " at " << place;
      if (allowed) {
        ASSERT_EQ(parsed.packet.find("X")->value, value);
      }
    }
  }
}

TEST(Packet, MalformedHeaderLines) {
  for (const auto* bad : {"No colon", "Two words: x", ": x", " folded start", "N\xC3\xA4me: x"}) {
    const Parsed parsed(with_header(bad));
    if (bad[0] == ' ') {  // folds into the line before
      EXPECT_TRUE(parsed.result);
      continue;
    }
    EXPECT_FALSE(parsed.result) << bad;
    EXPECT_TRUE(parsed.packet.is_request());
    EXPECT_EQ(parsed.packet.top_via().value().branch, "z9hG4bKabc") << bad;
    EXPECT_EQ(parsed.packet.cseq().value().number, 7u) << bad;
  }
  const Parsed folded(replaced(message_request, "Via:", " Via:"));
  EXPECT_FALSE(folded.result);
  EXPECT_EQ(folded.packet.find(HeaderId::Via), nullptr);
  EXPECT_TRUE(Parsed(with_header("No colon")).error().starts_with("the header line 'No colon"));
}

TEST(Packet, MalformedStartLines) {
  for (const auto* bad :
       {"", "MESSAGE", "MES SAGE", "<x> sip:a@b SIP/2.0", "\xC3\xA4 sip:a SIP/2.0", "SIP/2.0",
        "SIP/2.0 ", "SIP/2.0 20 OK", "SIP/2.0 200", "SIP/2.0 2000 OK", "SIP/2.0 4294967301 bad",
        "SIP/2.0 099 x", "SIP/2.0 700 x", "SIP/2.0 -20 x", "SIP/2.0  200 OK", "SIP/1.0 200 OK",
        "SIP/2.01 200 OK"}) {
    const Parsed parsed(std::string(bad) + "\r\nCall-ID: 1\r\n\r\n");
    if (std::string_view(bad) == "MES SAGE") {  // for validate_request() to refuse
      EXPECT_TRUE(parsed.result);
      EXPECT_EQ(parsed.packet.version(), "");
      continue;
    }
    EXPECT_FALSE(parsed.result) << bad;
    EXPECT_FALSE(parsed.packet.is_request()) << bad;
  }
}

TEST(Packet, Limits) {
  ParserLimits limits;
  limits.headers = 8;
  EXPECT_TRUE(Parsed(message_request, limits).result);
  limits.headers = 7;
  EXPECT_EQ(Parsed(message_request, limits).error(), "the message has more than 7 headers");

  limits = {};
  const auto header_octets = message_request.size() - 7;  // without the empty line and the body
  limits.header_octets = header_octets;
  EXPECT_TRUE(Parsed(message_request, limits).result);
  limits.header_octets = header_octets - 1;
  EXPECT_FALSE(Parsed(message_request, limits).result);
}

TEST(Packet, CutAnywhere) {
  const auto headers = message_request.size() - 5;
  for (std::size_t size = 0; size < headers; ++size) {
    EXPECT_FALSE(Parsed(message_request.substr(0, size)).result) << size;
  }
}

TEST(Packet, Reuse) {
  Packet packet;
  auto request = message_request;
  auto response = ok_response;
  ASSERT_TRUE(packet.parse(request));
  const auto* first = packet.headers().data();
  ASSERT_TRUE(packet.parse(response));
  EXPECT_EQ(packet.headers().data(), first);
  EXPECT_FALSE(packet.is_request());
  EXPECT_EQ(packet.request_uri(), "");
  EXPECT_EQ(packet.method(), Method::unknown);
  EXPECT_EQ(packet.body(), "");
  EXPECT_EQ(packet.headers().size(), 6u);
  packet.clear();
  EXPECT_EQ(packet.status(), 0);
  EXPECT_TRUE(packet.headers().empty());
}

TEST(Packet, CSeqRange) {
  EXPECT_EQ(parse_cseq("0009  \tINVITE").value().number, 9u);
  EXPECT_EQ(parse_cseq("2147483647 X").value().number, 2147483647u);
  EXPECT_EQ(parse_cseq("1 IN%56ITE").value().method, Method::unknown);
  EXPECT_EQ(parse_cseq("1 IN%56ITE").value().method_name, "IN%56ITE");
  for (const auto* bad : {"", "1", "1 ", "INVITE", "1INVITE", "-1 INVITE", "2147483648 INVITE",
                          "36893488147419103232 REGISTER", "1 INVITE x", "1 IN/VITE", "1.0 ACK"}) {
    EXPECT_FALSE(parse_cseq(bad)) << bad;
  }
}

TEST(Packet, MaxForwardsRange) {
  EXPECT_EQ(Parsed(with_header("Max-Forwards: 0")).packet.max_forwards().value(), 0u);
  EXPECT_EQ(Parsed(with_header("Max-Forwards: 000255")).packet.max_forwards().value(), 255u);
  EXPECT_EQ(Parsed(with_header("X: y")).packet.max_forwards().value(), std::nullopt);
  for (const auto* bad : {"256", "-1", "", "1 2", "x"}) {
    EXPECT_FALSE(Parsed(with_header(std::string("Max-Forwards: ") + bad)).packet.max_forwards())
        << bad;
  }
}

TEST(Packet, MissingHeaders) {
  const Parsed parsed(crlf("OPTIONS sip:a@b SIP/2.0\n\n"));
  ASSERT_TRUE(parsed.result) << parsed.error();
  EXPECT_EQ(parsed.packet.top_via().error().text, "the header Via is missing");
  EXPECT_FALSE(parsed.packet.cseq());
  EXPECT_FALSE(parsed.packet.from());
  EXPECT_FALSE(parsed.packet.to());
  EXPECT_EQ(parsed.packet.content_length().value(), std::nullopt);
  EXPECT_EQ(parsed.packet.call_id(), "");
  EXPECT_EQ(parsed.packet.count(HeaderId::Via), 0u);
  EXPECT_EQ(parsed.packet.find("X-Custom"), nullptr);
}

TEST(Packet, HeadersOfOneKind) {
  const Parsed parsed(with_header("v: SIP/2.0/TCP b\r\nX-A: 1\r\nx-a: 2"));
  EXPECT_EQ(parsed.packet.count(HeaderId::Via), 2u);
  std::string names;
  parsed.packet.for_each(HeaderId::Via, [&](const Header& header) { names += header.name; });
  EXPECT_EQ(names, "Viav");
  EXPECT_EQ(parsed.packet.find("X-a")->value, "1");
}

}  // namespace
}  // namespace missive::sip

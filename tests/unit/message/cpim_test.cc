// message/cpim, read and written.
//
//  1. headers, content and body; line ends CRLF and LF; the body is octets to the end
//  2. namespaces by their URI: other prefixes, the default one, the last one said, none said
//  3. names without regard to case; parameters of headers are passed over
//  4. the content: no headers, folded ones, without the empty line before it
//  5. escapes undone, and what is none left
//  6. defects: no end, no header, a control character, an NS that is none; too many, too long
//  7. written: order and form; what may not stand in a header; read again it is the same
//  8. addresses and times
#include "message/cpim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/sip/sip_text.h"

namespace missive::message {
namespace {

using sip::test::crlf;
using ::testing::HasSubstr;

constexpr std::string_view example =
    "From: Alice <im:alice@example.com>\n"
    "To: Bob <im:bob@example.com>\n"
    "DateTime: 2006-04-04T12:16:49-05:00\n"
    "Subject: the weather\n"
    "NS: imdn <urn:ietf:params:imdn>\n"
    "imdn.Message-ID: 34jk324j\n"
    "imdn.Disposition-Notification: positive-delivery, negative-delivery\n"
    "\n"
    "Content-type: text/plain; charset=utf-8\n"
    "Content-length: 5\n"
    "\n"
    "Hello\n\nWorld";

Cpim parsed(std::string_view text) {
  auto cpim = parse_cpim(text);
  EXPECT_TRUE(cpim) << (cpim ? "" : cpim.error().text) << "\n" << text;
  return cpim ? *cpim : Cpim{};
}
std::string error_of(std::string_view text, const CpimLimits& limits = {}) {
  const auto cpim = parse_cpim(text, limits);
  return cpim ? "" : cpim.error().text;
}

TEST(CpimTest, Parts) {  // 1
  for (const auto& text : {std::string(example), crlf(example)}) {
    const auto cpim = parsed(text);
    EXPECT_EQ(cpim.header("From"), "Alice <im:alice@example.com>");
    EXPECT_EQ(cpim.header("To"), "Bob <im:bob@example.com>");
    EXPECT_EQ(cpim.header("DateTime"), "2006-04-04T12:16:49-05:00");
    EXPECT_EQ(cpim.header("Subject"), "the weather");
    EXPECT_EQ(cpim.imdn_header("Message-ID"), "34jk324j");
    EXPECT_EQ(cpim.imdn_header("Disposition-Notification"), "positive-delivery, negative-delivery");
    EXPECT_EQ(cpim.headers.size(), 6u);
    EXPECT_EQ(cpim.content_type(), "text/plain; charset=utf-8");
    EXPECT_EQ(cpim.content_header("Content-Length"), "5");
    EXPECT_EQ(cpim.content_headers.size(), 2u);
    EXPECT_EQ(cpim.body, std::string_view(text).substr(text.find("Hello")));
  }
  const std::string octets("\0\r\n\xff\n\r\n ", 8);
  EXPECT_EQ(parsed("From: <sip:a@b>\r\n\r\nContent-Type: x/y\r\n\r\n" + octets).body, octets);
  EXPECT_EQ(parsed("From: <sip:a@b>\r\n\r\nContent-Type: x/y\r\n\r\n").body, "");
}

TEST(CpimTest, Namespaces) {  // 2
  const auto id_in = [](const std::string& headers) {
    return std::string(parsed(headers + "\n\n").imdn_header("Message-ID"));
  };
  EXPECT_EQ(id_in("NS: x <urn:ietf:params:imdn>\nx.Message-ID: 1\n"), "1");
  EXPECT_EQ(id_in("NS: <urn:ietf:params:imdn>\nMessage-ID: 2\n"), "2");
  EXPECT_EQ(id_in("NS: a <urn:other>\nNS: a <urn:ietf:params:imdn>\na.Message-ID: 3\n"), "3");
  // Another namespace of that prefix, none at all, or one that comes too late.
  EXPECT_EQ(id_in("NS: imdn <urn:other>\nimdn.Message-ID: 4\n"), "");
  EXPECT_EQ(id_in("imdn.Message-ID: 5\n"), "");
  EXPECT_EQ(id_in("imdn.Message-ID: 6\nNS: imdn <urn:ietf:params:imdn>\n"), "");
  EXPECT_EQ(id_in("Message-ID: 7\n"), "");
  const auto cpim = parsed("NS: imdn <urn:ietf:params:imdn>\nimdn.From: x\nq.r: s\n\n\n");
  EXPECT_EQ(cpim.header("From"), "");
  EXPECT_EQ(cpim.header("q.r"), "s");
}

TEST(CpimTest, NamesAndParameters) {  // 3
  const auto cpim = parsed(
      "FROM: <sip:a@b>\nSubject:;lang=fr;x=\"a \\\" b\" Objet : un\nsubject:bare\nEmpty:\n"
      "Odd:;lang=fr\n\n\n");
  EXPECT_EQ(cpim.header("from"), "<sip:a@b>");
  EXPECT_EQ(cpim.header("Subject"), "Objet : un");
  EXPECT_EQ(cpim.headers[2].value, "bare");
  EXPECT_EQ(cpim.headers[3].value, "");
  EXPECT_EQ(cpim.headers[4].value, "");
  EXPECT_EQ(
      parsed("ns: IMDN <urn:ietf:params:imdn>\nImdn.message-id: 1\n\n\n").imdn_header("Message-ID"),
      "1");
  EXPECT_TRUE(is_of_type("Message/CPIM ; charset=utf-8", cpim_type));
  EXPECT_TRUE(is_of_type("message/cpim", cpim_type));
  EXPECT_FALSE(is_of_type("message/cpim2", cpim_type));
  EXPECT_FALSE(is_of_type("", cpim_type));
}

TEST(CpimTest, Content) {  // 4
  const auto bare = parsed("From: <sip:a@b>\n\n\nbody");
  EXPECT_EQ(bare.content_type(), "text/plain");
  EXPECT_EQ(bare.body, "body");
  const auto folded =
      parsed("From: <sip:a@b>\n\nContent-Type: text/plain;\r\n  charset=x\nA: b\n\n");
  EXPECT_EQ(folded.content_type(), "text/plain;\r\n  charset=x");
  EXPECT_EQ(folded.content_header("A"), "b");
  EXPECT_TRUE(is_of_type(folded.content_type(), "text/plain"));
  const auto joined = parsed("From: <sip:a@b>\nContent-type: message/imdn+xml\nX: y\n\n<imdn/>");
  EXPECT_EQ(joined.content_type(), "message/imdn+xml");
  EXPECT_EQ(joined.content_header("X"), "y");
  EXPECT_EQ(joined.header("X"), "");
  EXPECT_EQ(joined.body, "<imdn/>");
  EXPECT_EQ(parsed("\n\nbody").body, "body");
}

TEST(CpimTest, Escapes) {  // 5
  EXPECT_EQ(unescape_cpim("a\\\\b\\\"c\\'d\\te\\nf\\rg\\bh"), "a\\b\"c'd\te\nf\rg\bh");
  EXPECT_EQ(unescape_cpim("\\u0041\\u00e4\\u20AC"), "A\xc3\xa4\xe2\x82\xac");
  for (const auto* text : {"\\", "a\\", "\\x", "\\u", "\\u12", "\\u12g4", "\\ud800", "\\U0041"}) {
    EXPECT_EQ(unescape_cpim(text), text);
  }
}

TEST(CpimTest, Defects) {  // 6
  EXPECT_THAT(error_of(""), HasSubstr("have no end"));
  EXPECT_THAT(error_of("From: <sip:a@b>"), HasSubstr("have no end"));
  EXPECT_THAT(error_of("From: <sip:a@b>\n\nContent-Type: text/plain"), HasSubstr("have no end"));
  EXPECT_THAT(error_of("From: <sip:a@b>\nhello\n\n\n"), HasSubstr("line 2: 'hello' is no header"));
  EXPECT_THAT(error_of("From : <sip:a@b>\n\n\n"), HasSubstr("line 1"));
  EXPECT_THAT(error_of(": x\n\n\n"), HasSubstr("line 1"));
  EXPECT_THAT(error_of("From: <sip:a@b>\n folded\n\n\n"), HasSubstr("line 2"));
  EXPECT_THAT(error_of("From: <sip:a@b>\n\nhello\n\n"),
              HasSubstr("line 3: 'hello' is no header of"));
  EXPECT_THAT(error_of("From: <sip:a@b>\n\n folded\n\n"), HasSubstr("line 3"));
  EXPECT_THAT(error_of("From: a\rb\n\n\n"), HasSubstr("control character in 'From: a\\x0db'"));
  EXPECT_THAT(error_of({"From: a\0b\n\n\n", 12}), HasSubstr("control character"));
  EXPECT_THAT(error_of("NS: imdn\n\n\n"), HasSubstr("'prefix <URI>'"));
  EXPECT_THAT(error_of("NS: imdn <urn:x> y\n\n\n"), HasSubstr("'prefix <URI>'"));
  const CpimLimits limits{.headers = 3, .header_octets = 40};
  EXPECT_EQ(error_of("A: 1\nB: 2\n\nC: 3\n\nbody", limits), "");
  EXPECT_EQ(error_of("A: 1\nB: 2\nContent-C: 3\n\nbody", limits), "");
  EXPECT_THAT(error_of("A: 1\nB: 2\n\nC: 3\nD: 4\n\n", limits), HasSubstr("more than 3 headers"));
  EXPECT_EQ(error_of("A: " + std::string(34, 'x') + "\n\n\n", limits), "");
  EXPECT_THAT(error_of("A: " + std::string(37, 'x') + "\n\n\n", limits),
              HasSubstr("more than 40 octets"));
}

TEST(CpimTest, Written) {  // 7
  std::string out = "what was there before";
  CpimWriter writer(out);
  writer.header("From", "\"A\\\\B\" <sip:a@b>");
  writer.header("Subject", "one\r\nTo: two");
  writer.header("NS", "imdn <urn:ietf:params:imdn>");
  writer.text("imdn.Message-ID", "a\\b\r\nX: y\x7f");
  const std::string body("\0\r\n\r\nbody\n", 11);
  writer.content("text/html", body, "notification");
  EXPECT_EQ(out, crlf("From: \"A\\\\B\" <sip:a@b>\nSubject: one  To: two\n"
                      "NS: imdn <urn:ietf:params:imdn>\n"
                      "imdn.Message-ID: a\\\\b\\u000d\\u000aX: y\\u007f\n\n"
                      "Content-Type: text/html\nContent-Disposition: notification\n"
                      "Content-Length: 11\n\n") +
                     body);
  const auto cpim = parsed(out);
  EXPECT_EQ(unescape_cpim(cpim.imdn_header("Message-ID")), "a\\b\r\nX: y\x7f");
  EXPECT_EQ(cpim.header("To"), "");
  EXPECT_EQ(cpim.content_type(), "text/html");
  EXPECT_EQ(cpim.body, body);
}

TEST(CpimTest, AddressesAndTimes) {  // 8
  EXPECT_EQ(cpim_uri("Bob <im:bob@example.com>"), "im:bob@example.com");
  EXPECT_EQ(cpim_uri("\"a <b>\" < sip:c@d >"), "sip:c@d");
  EXPECT_EQ(cpim_uri(" sip:c@d "), "sip:c@d");
  EXPECT_EQ(cpim_uri("<sip:c@d"), "sip:c@d");
  EXPECT_EQ(cpim_uri(""), "");
  EXPECT_EQ(cpim_time(base::ManualClock{}.wall()), "2026-01-02T00:00:00Z");
  EXPECT_EQ(cpim_time(base::WallTime{std::chrono::milliseconds{1709210096789}}),
            "2024-02-29T12:34:56Z");
  EXPECT_EQ(cpim_time(base::WallTime{std::chrono::milliseconds{-1}}), "1969-12-31T23:59:59Z");
}

}  // namespace
}  // namespace missive::message

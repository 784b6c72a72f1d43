// Responses rebuilt from the request they answer.
//
//  1. A whole response: status line, Via, From, To with our tag, Call-ID, CSeq, extra headers.
//  2. Via, a table: received and rport in all forms; sent-by as address, name, IPv6; parameters
//  with
//     quotes, blanks and look-alikes; several values in one line.
//  3. Of several Via lines only the top one is touched, and their order stays.
//  4. The To tag is added only where there is none, and to no 100.
//  5. The reason is the RFC's unless given.
//  6. Where the response goes: rport to the source, else to the port of Via or 5060.
//  7. The same request gives the same response again.
//  8. What was written parses as SIP.
//  9. Written in two steps it is the same, whatever became of the request in between.
#include "sip/response_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sip/packet.h"
#include "unit/sip/sip_text.h"

namespace missive::sip {
namespace {

using test::crlf;
using ::testing::HasSubstr;
using ::testing::Not;

net::Address address(std::string_view text) { return *net::Address::parse(text, 5060); }

struct Parsed {
  explicit Parsed(std::string message) : text(std::move(message)) {
    if (const auto parsed = packet.parse(text); !parsed) ADD_FAILURE() << parsed.error().text;
  }
  std::string text;
  Packet packet;
};

std::string respond(const std::string& request, std::string_view source, const Response& response,
                    std::string_view tag = "t1") {
  const Parsed parsed(request);
  std::string out;
  write_response(out, parsed.packet, address(source), tag, response);
  return out;
}

// The Via lines of the response to a request with these Via lines.
std::string vias(const std::string& lines, std::string_view source) {
  const auto request =
      test::replaced(test::message_request,
                     "Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKabc\r\n", crlf(lines));
  const auto response = respond(request, source, {200, "", ""});
  const auto begin = response.find("\r\n") + 2;
  const auto end = response.find("From:");
  std::string out = response.substr(begin, end - begin);
  std::erase(out, '\r');
  return out;
}

TEST(ResponseWriter, Whole) {  // 1
  EXPECT_EQ(respond(test::message_request, "192.0.2.1:5062", {405, "", "Allow: OPTIONS\r\n"}),
            crlf("SIP/2.0 405 Method Not Allowed\n"
                 "Via: SIP/2.0/UDP 192.0.2.1:5060;rport=5062;branch=z9hG4bKabc;received=192.0.2.1\n"
                 "From: \"Alice\" <sip:alice@example.com>;tag=a1\n"
                 "To: <sip:bob@example.com>;tag=t1\n"
                 "Call-ID: 1234@192.0.2.1\n"
                 "CSeq: 7 MESSAGE\n"
                 "Allow: OPTIONS\n"
                 "Content-Length: 0\n\n"));
}

TEST(ResponseWriter, Via) {  // 2
  struct Case {
    std::string via;
    std::string source;
    std::string expected;
  };
  const Case cases[] = {
      // Nothing to add.
      {"SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa", "192.0.2.1:5060",
       "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa"},
      {"SIP/2.0/UDP 192.0.2.1", "192.0.2.1:999", "SIP/2.0/UDP 192.0.2.1"},
      // received where the host is another or a name.
      {"SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa", "192.0.2.1:5060",
       "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa;received=192.0.2.1"},
      {"SIP/2.0/UDP 10.0.0.1:5070", "192.0.2.1:5060",
       "SIP/2.0/UDP 10.0.0.1:5070;received=192.0.2.1"},
      {"SIP/2.0/UDP phone.example.com;branch=z9hG4bKa", "192.0.2.1:5060",
       "SIP/2.0/UDP phone.example.com;branch=z9hG4bKa;received=192.0.2.1"},
      // rport first, last, alone, in capitals, with blanks; received always goes with it.
      {"SIP/2.0/UDP 192.0.2.1;rport;branch=z9hG4bKa", "192.0.2.1:40000",
       "SIP/2.0/UDP 192.0.2.1;rport=40000;branch=z9hG4bKa;received=192.0.2.1"},
      {"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa;rport", "192.0.2.1:40000",
       "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa;rport=40000;received=192.0.2.1"},
      {"SIP/2.0/UDP 192.0.2.1;rport", "192.0.2.1:40000",
       "SIP/2.0/UDP 192.0.2.1;rport=40000;received=192.0.2.1"},
      {"SIP/2.0/UDP 192.0.2.1;RPORT;branch=z9hG4bKa", "192.0.2.1:40000",
       "SIP/2.0/UDP 192.0.2.1;rport=40000;branch=z9hG4bKa;received=192.0.2.1"},
      // Look-alikes stay.
      {"SIP/2.0/UDP 10.0.0.1;xrport;rportx;branch=z9hG4bKa", "192.0.2.1:40000",
       "SIP/2.0/UDP 10.0.0.1;xrport;rportx;branch=z9hG4bKa;received=192.0.2.1"},
      {"SIP/2.0/UDP rport.example.com;x=rport;branch=z9hG4bKa", "192.0.2.1:40000",
       "SIP/2.0/UDP rport.example.com;x=rport;branch=z9hG4bKa;received=192.0.2.1"},
      // A quoted parameter is one parameter, whatever it holds.
      {R"(SIP/2.0/UDP 10.0.0.1;x="a;rport;b";branch=z9hG4bKa)", "192.0.2.1:40000",
       R"(SIP/2.0/UDP 10.0.0.1;x="a;rport;b";branch=z9hG4bKa;received=192.0.2.1)"},
      {R"(SIP/2.0/UDP 10.0.0.1;x="\";rport;\"";rport;branch=z9hG4bKa)", "192.0.2.1:40000",
       R"(SIP/2.0/UDP 10.0.0.1;x="\";rport;\"";rport=40000;branch=z9hG4bKa;received=192.0.2.1)"},
      {R"(SIP/2.0/UDP 10.0.0.1;x="a, SIP/2.0/UDP b";branch=z9hG4bKa)", "192.0.2.1:40000",
       R"(SIP/2.0/UDP 10.0.0.1;x="a, SIP/2.0/UDP b";branch=z9hG4bKa;received=192.0.2.1)"},
      // IPv6.
      {"SIP/2.0/UDP [2001:db8::9]:5060;branch=z9hG4bKa", "[2001:db8::9]:5060",
       "SIP/2.0/UDP [2001:db8::9]:5060;branch=z9hG4bKa"},
      {"SIP/2.0/UDP [2001:db8::1];rport;branch=z9hG4bKa", "[2001:db8::9]:5099",
       "SIP/2.0/UDP [2001:db8::1];rport=5099;branch=z9hG4bKa;received=2001:db8::9"},
      // Several values: the first is ours.
      {"SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa, SIP/2.0/TCP 10.0.0.2;rport;branch=z9hG4bKb",
       "192.0.2.1:40000",
       "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa;received=192.0.2.1, SIP/2.0/TCP 10.0.0.2;rport;"
       "branch=z9hG4bKb"},
      {"SIP/2.0/UDP 192.0.2.1;rport,SIP/2.0/TCP 10.0.0.2;branch=z9hG4bKb", "192.0.2.1:40000",
       "SIP/2.0/UDP 192.0.2.1;rport=40000;received=192.0.2.1,SIP/2.0/TCP 10.0.0.2;"
       "branch=z9hG4bKb"},
      {"SIP/2.0/UDP 10.0.0.1:5060,SIP/2.0/TCP 10.0.0.2;branch=z9hG4bKb", "192.0.2.1:40000",
       "SIP/2.0/UDP 10.0.0.1:5060;received=192.0.2.1,SIP/2.0/TCP 10.0.0.2;branch=z9hG4bKb"},
  };
  for (const auto& [via, source, expected] : cases) {
    EXPECT_EQ(vias("Via: " + via + "\n", source), "Via: " + expected + "\n");
  }
}

TEST(ResponseWriter, ViaWithBlanks) {  // 2
  // Blanks may move; what it means must not.
  for (const auto* via : {"SIP / 2.0 / UDP 10.0.0.1 : 5070 ; rport ; branch = z9hG4bKa",
                          "SIP/2.0/UDP 10.0.0.1:5070\n ;rport\n\t; branch=z9hG4bKa"}) {
    const auto response =
        respond(test::replaced(test::message_request,
                               "SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKabc", crlf(via)),
                "192.0.2.1:40000", {200, "", ""});
    const Parsed parsed(response);
    const auto top = parsed.packet.top_via();
    ASSERT_TRUE(top) << response;
    EXPECT_EQ(top->host, "10.0.0.1");
    EXPECT_EQ(top->port, 5070);
    EXPECT_EQ(top->branch, "z9hG4bKa");
    EXPECT_EQ(top->rport, 40000);
    EXPECT_EQ(top->received, "192.0.2.1");
  }
}

TEST(ResponseWriter, SeveralViaLines) {  // 3
  EXPECT_EQ(vias("Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa\n"
                 "v: SIP/2.0/TCP 10.0.0.2;rport;branch=z9hG4bKb\n"
                 "Via: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKc\n",
                 "192.0.2.1:5060"),
            "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa;received=192.0.2.1\n"
            "Via: SIP/2.0/TCP 10.0.0.2;rport;branch=z9hG4bKb\n"
            "Via: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKc\n");
}

TEST(ResponseWriter, ToTag) {  // 4
  const auto to = [](std::string_view value, int status) {
    const auto response = respond(test::replaced(test::message_request, "To: <sip:bob@example.com>",
                                                 "To: " + std::string(value)),
                                  "192.0.2.1:5060", {status, "", ""});
    const auto begin = response.find("To: ") + 4;
    return response.substr(begin, response.find("\r\n", begin) - begin);
  };
  EXPECT_EQ(to("<sip:bob@example.com>", 200), "<sip:bob@example.com>;tag=t1");
  EXPECT_EQ(to("<sip:bob@example.com>;tag=mine", 200), "<sip:bob@example.com>;tag=mine");
  EXPECT_EQ(to("<sip:bob@example.com>;x=1;TAG=mine", 481), "<sip:bob@example.com>;x=1;TAG=mine");
  EXPECT_EQ(to("sip:bob@example.com", 404), "sip:bob@example.com;tag=t1");
  EXPECT_EQ(to("<sip:bob@example.com;tag=no>", 200), "<sip:bob@example.com;tag=no>;tag=t1");
  EXPECT_EQ(to("\";tag=no\" <sip:bob@example.com>", 200),
            "\";tag=no\" <sip:bob@example.com>;tag=t1");
  EXPECT_EQ(to("<sip:bob@example.com>", 100), "<sip:bob@example.com>");
}

TEST(ResponseWriter, Reason) {  // 5
  const auto line = [](const Response& response) {
    const auto text = respond(test::message_request, "192.0.2.1:5060", response);
    return text.substr(0, text.find("\r\n"));
  };
  EXPECT_EQ(line({200, "", ""}), "SIP/2.0 200 OK");
  EXPECT_EQ(line({488, "", ""}), "SIP/2.0 488 Not Acceptable Here");
  EXPECT_EQ(line({400, "Missing CSeq header", ""}), "SIP/2.0 400 Missing CSeq header");
  EXPECT_EQ(line({299, "", ""}).substr(0, 12), "SIP/2.0 299 ");
  EXPECT_GT(line({299, "", ""}).size(), 12u);
}

TEST(ResponseWriter, Address) {  // 6
  const auto to = [](const std::string& via, std::string_view source) {
    const Parsed parsed(test::replaced(test::message_request,
                                       "SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKabc", via));
    return response_address(parsed.packet, address(source)).str();
  };
  EXPECT_EQ(to("SIP/2.0/UDP 10.0.0.1:5070;rport;branch=z9hG4bKa", "192.0.2.9:40000"),
            "192.0.2.9:40000");
  EXPECT_EQ(to("SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKa", "192.0.2.9:40000"), "192.0.2.9:5070");
  EXPECT_EQ(to("SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa", "192.0.2.9:40000"), "192.0.2.9:5060");
  EXPECT_EQ(to("SIP/2.0/UDP [2001:db8::1]:5071;branch=z9hG4bKa", "[2001:db8::9]:40000"),
            "[2001:db8::9]:5071");
}

TEST(ResponseWriter, SameAgain) {  // 7
  const Parsed parsed(test::message_request);
  std::string first, second;
  write_response(first, parsed.packet, address("192.0.2.1:5062"), "t1", {202, "", ""});
  write_response(second, parsed.packet, address("192.0.2.1:5062"), "t1", {202, "", ""});
  EXPECT_EQ(first, second);
  write_response(first, parsed.packet, address("192.0.2.1:5062"), "t1", {202, "", ""});
  EXPECT_EQ(first, second + second) << "it is appended";
}

TEST(ResponseWriter, IsSip) {  // 8
  const Parsed response(
      respond(test::message_request, "192.0.2.7:5062", {486, "", "Retry-After: 5\r\n"}));
  EXPECT_EQ(response.packet.status(), 486);
  EXPECT_EQ(response.packet.top_via()->rport, 5062);
  EXPECT_EQ(response.packet.top_via()->received, "192.0.2.7");
  EXPECT_EQ(response.packet.to()->tag(), "t1");
  EXPECT_EQ(response.packet.from()->tag(), "a1");
  EXPECT_EQ(response.packet.cseq()->method, Method::MESSAGE);
  EXPECT_EQ(response.packet.value(HeaderId::RetryAfter), "5");
  EXPECT_EQ(response.packet.body(), "");
}

TEST(WriteResponse, InTwoSteps) {  // 9
  std::string repeated, late;
  {
    const Parsed parsed(test::message_request);
    write_repeated_headers(repeated, parsed.packet, address("192.0.2.7:5062"), "t1");
  }
  const Response response{503, "Not Now", "Retry-After: 5\r\n"};
  write_response(late, repeated, response);
  EXPECT_EQ(late, respond(test::message_request, "192.0.2.7:5062", response));
}

}  // namespace
}  // namespace missive::sip

// RFC 4475: the messages a parser must take, with the fields the RFC points at.
//
//  3.1.1.1  wsinv       white space, folding, compact names, odd order
//  3.1.1.2  intmeth     every character a method, URI, token and Call-ID may have
//  3.1.1.3  esc01       escapes where they are escapes
//  3.1.1.4  escnull     escaped NULs in user parts
//  3.1.1.5  esc02       '%' where it is no escape
//  3.1.1.6  lwsdisp     no blank between display name and '<'
//  3.1.1.7  longreq     long values, many Vias
//  3.1.1.8  dblreq      octets after the end of the message in a datagram
//  3.1.1.9  semiuri     ';' in a user part
//  3.1.1.10 transports  known and unknown transports in Via
//  3.1.1.11 mpart01     a multipart body with binary octets (our own filling)
//  3.1.1.12 unreason    a reason phrase that is not ASCII
//  3.1.1.13 noreason    an empty reason phrase
//  3.1.2.12 baddate     a Date that is no GMT: nothing here depends on it, so it passes
//  3.3.3    unksm2      unknown schemes in To, From and Contact
//  3.3.4    bext01      unknown extensions required (refused higher up, with 420)
//  3.3.5    invut       an unknown content type (refused higher up, with 415)
//  3.3.6    regaut01    an unknown authorization scheme
//  3.3.10   bcast       a response with a broadcast address in Via
//  3.3.11   zeromf      Max-Forwards 0
//  3.3.12   cparam01    a Contact without brackets: its parameter is the header's
//  3.3.13   cparam02    with brackets: the parameter is the URI's
//  3.3.14   regescrt    headers in a Contact URI
//  3.3.15   sdp01       an Accept we cannot meet
//  3.4.1    inv2543     a request of RFC 2543: no branch, no tag, no Max-Forwards
#include <gtest/gtest.h>

#include "base/text.h"
#include "sip/uri.h"
#include "torture/torture_message.h"

namespace missive::sip {
namespace {

using test::Torture;

NameAddr contact(const Packet& packet) {
  return parse_name_addr(packet.value(HeaderId::Contact)).value();
}

TEST(Rfc4475, wsinv) {
  const Torture message("wsinv");
  ASSERT_EQ(message.verdict(), "ok");
  const auto& packet = message.packet;
  EXPECT_EQ(packet.method(), Method::INVITE);
  const auto uri = parse_uri(packet.request_uri()).value();
  EXPECT_EQ(uri.user, "vivekg");
  EXPECT_EQ(uri.host, "chair-dnrc.example.com");
  EXPECT_EQ(uri.param("unknownparam"), "");
  const auto to = packet.to().value();
  EXPECT_EQ(to.uri, "sip:vivekg@chair-dnrc.example.com");
  EXPECT_EQ(to.tag(), "1918181833n");
  const auto from = packet.from().value();
  EXPECT_EQ(from.unquoted_display(), R"(J Rosenberg \")");
  EXPECT_EQ(from.uri, "sip:jdrosen@example.com");
  EXPECT_EQ(from.tag(), "98asjd8");
  EXPECT_EQ(packet.max_forwards().value(), 68u);
  EXPECT_EQ(packet.call_id(), "wsinv.ndaksdj@192.0.2.1");
  EXPECT_EQ(packet.cseq().value().number, 9u);
  EXPECT_EQ(packet.cseq().value().method, Method::INVITE);
  EXPECT_EQ(packet.value(HeaderId::Subject), "");
  EXPECT_EQ(packet.find("newfangledheader")->value,
            "newfangled value   continued newfangled value");
  EXPECT_EQ(packet.find("UnknownHeaderWithUnusualValue")->value, ";;,,;;,;");
  EXPECT_EQ(packet.content_length().value(), packet.body().size());

  const auto top = packet.top_via().value();
  EXPECT_EQ(top.transport, "UDP");
  EXPECT_EQ(top.host, "192.0.2.2");
  EXPECT_EQ(top.branch, "390skdjuw");
  EXPECT_FALSE(top.has_magic_cookie());
  ASSERT_EQ(packet.count(HeaderId::Via), 2u);
  auto rest = packet.headers()[12].value;
  const auto second = parse_via(rest).value();
  EXPECT_EQ(second.transport, "TCP");
  EXPECT_EQ(second.host, "spindle.example.com");
  EXPECT_EQ(second.branch, "z9hG4bK9ikj8");
  const auto third = parse_via(rest).value();
  EXPECT_EQ(third.host, "192.168.255.111");
  EXPECT_EQ(third.branch, "z9hG4bK30239");
  EXPECT_EQ(rest, "");

  const auto route = parse_name_addr(packet.value(HeaderId::Route)).value();
  EXPECT_EQ(parse_uri(route.uri).value().param("unknownwith"), "value");
  EXPECT_EQ(contact(packet).unquoted_display(), "Quoted string \"\"");
  EXPECT_EQ(contact(packet).param("newparam"), "newvalue");
  EXPECT_EQ(contact(packet).param("secondparam"), "");
  EXPECT_EQ(contact(packet).param("q"), "0.33");
}

TEST(Rfc4475, intmeth) {
  const Torture message("intmeth");
  ASSERT_EQ(message.verdict(), "ok");
  const auto& packet = message.packet;
  EXPECT_EQ(packet.method(), Method::unknown);
  EXPECT_EQ(packet.method_name(), "!interesting-Method0123456789_*+`.%indeed'~");
  const auto uri = parse_uri(packet.request_uri()).value();
  EXPECT_EQ(uri.user, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*");
  EXPECT_EQ(uri.password, "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)");
  EXPECT_EQ(uri.host, "example.com");
  EXPECT_EQ(packet.top_via().value().branch, "z9hG4bK-.!%66*_+`'~");
  const std::string display("BEL:\7 NUL:\0 DEL:\x7F", 17);
  EXPECT_EQ(packet.to().value().unquoted_display(), display);
  const auto from = packet.from().value();
  EXPECT_EQ(from.display_name, "token1~` token2'+_ token3*%!.-");
  EXPECT_EQ(from.tag(), "_token~1'+`*%!-.");
  EXPECT_EQ(from.param("fromParam''~+*_!.-%"),
            "\xD1\x80\xD0\xB0\xD0\xB1\xD0\xBE\xD1\x82\xD0\xB0\xD1\x8E\xD1\x89\xD0\xB8\xD0\xB9");
  EXPECT_EQ(packet.call_id(), "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{");
  EXPECT_EQ(packet.cseq().value().number, 139122385u);
  EXPECT_EQ(packet.cseq().value().method_name, packet.method_name());
  EXPECT_EQ(packet.max_forwards().value(), 255u);
  EXPECT_EQ(packet.find("extensionHeader-!.%*+_`'~")->value,
            "\xEF\xBB\xBF\xE5\xA4\xA7\xE5\x81\x9C\xE9\x9B\xBB");
}

TEST(Rfc4475, esc01) {
  const Torture message("esc01");
  ASSERT_EQ(message.verdict(), "ok");
  const auto uri = parse_uri(message.packet.request_uri()).value();
  EXPECT_EQ(unescape(uri.user), "sips:user@example.com");
  EXPECT_EQ(uri.host, "example.net");
  EXPECT_EQ(unescape(parse_uri(message.packet.to().value().uri).value().user), "user");
  EXPECT_EQ(unescape(parse_uri(message.packet.from().value().uri).value().user), "I have spaces");
  const auto contact_uri = parse_uri(contact(message.packet).uri).value();
  EXPECT_EQ(unescape(contact_uri.user), "caller");
  EXPECT_EQ(contact_uri.param("lr"), "");
  EXPECT_EQ(unescape(contact_uri.param("name").value()), "value%41");
}

TEST(Rfc4475, escnull) {
  const Torture message("escnull");
  ASSERT_EQ(message.verdict(), "ok");
  const auto to = parse_uri(message.packet.to().value().uri).value();
  EXPECT_EQ(unescape(to.user), std::string("null-\0-null", 11));
  std::vector<std::string> users;
  message.packet.for_each(HeaderId::Contact, [&](const Header& header) {
    users.push_back(unescape(parse_uri(parse_name_addr(header.value).value().uri).value().user));
  });
  EXPECT_EQ(users, (std::vector<std::string>{std::string(1, '\0'), std::string(2, '\0')}));
}

TEST(Rfc4475, esc02) {
  const Torture message("esc02");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(message.packet.method(), Method::unknown);
  EXPECT_EQ(message.packet.method_name(), "RE%47IST%45R");
  EXPECT_EQ(message.packet.to().value().unquoted_display(), "%Z%45");
  EXPECT_EQ(message.packet.count(HeaderId::Contact), 2u);
  EXPECT_EQ(message.packet.find("C%6Fntact")->value, "<sip:alias2@host2.example.com>");
}

TEST(Rfc4475, lwsdisp) {
  const Torture message("lwsdisp");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(message.packet.from().value().display_name, "caller");
  EXPECT_EQ(message.packet.from().value().tag(), "323");
}

TEST(Rfc4475, longreq) {
  const Torture message("longreq");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(message.packet.count(HeaderId::Via), 34u);
  EXPECT_EQ(message.packet.top_via().value().host, "sip33.example.com");
  const auto to = parse_uri(message.packet.to().value().uri).value();
  EXPECT_EQ(to.port, 6000);
  EXPECT_EQ(to.param("unknownparam1").value().size(), 4 + 20 * 4 + 5u);
  EXPECT_EQ(message.packet.from().value().tag().size(), 155u);
  EXPECT_EQ(message.packet.body().size(), 150u);
}

TEST(Rfc4475, dblreq) {
  const Torture message("dblreq");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(message.packet.method(), Method::REGISTER);
  EXPECT_EQ(message.packet.call_id(), "dblreq.0ha0isndaksdj99sdfafnl3lk233412");
  EXPECT_EQ(message.packet.body(), "");
}

TEST(Rfc4475, semiuri) {
  const Torture message("semiuri");
  ASSERT_EQ(message.verdict(), "ok");
  const auto uri = parse_uri(message.packet.request_uri()).value();
  EXPECT_EQ(unescape(uri.user), "user;par=u@example.net");
  EXPECT_EQ(uri.host, "example.com");
  EXPECT_EQ(uri.params, "");
}

TEST(Rfc4475, transports) {
  const Torture message("transports");
  ASSERT_EQ(message.verdict(), "ok");
  std::string transports;
  message.packet.for_each(HeaderId::Via, [&](const Header& header) {
    auto rest = header.value;
    transports.append(parse_via(rest).value().transport).append(" ");
  });
  EXPECT_EQ(transports, "UDP SCTP TLS UNKNOWN TCP ");
}

TEST(Rfc4475, mpart01) {
  const Torture message("mpart01");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(message.packet.method(), Method::MESSAGE);
  const auto type = message.packet.value(HeaderId::ContentType);
  EXPECT_TRUE(type.ends_with("boundary=7a9cbec02ceef655"));
  EXPECT_EQ(message.packet.body().size(), message.packet.content_length().value());
  EXPECT_NE(message.packet.body().find(std::string_view("\r\n\0\xFF\0\r\n", 7)),
            std::string_view::npos);
}

TEST(Rfc4475, unreason) {
  const Torture message("unreason");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(message.packet.status(), 200);
  EXPECT_TRUE(message.packet.reason().starts_with("= 2**3 * 5**2 \xD0\xBD\xD0\xBE "));
  EXPECT_TRUE(base::is_utf8(message.packet.reason()));
}

TEST(Rfc4475, noreason) {
  const Torture message("noreason");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(message.packet.status(), 100);
  EXPECT_EQ(message.packet.reason(), "");
}

TEST(Rfc4475, baddate) {
  const Torture message("baddate");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(message.packet.value(HeaderId::Date), "Fri, 01 Jan 2010 16:00:00 EST");
}

TEST(Rfc4475, unksm2) {
  const Torture message("unksm2");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(parse_uri(message.packet.to().value().uri).value().opaque, "2983792873");
  EXPECT_EQ(parse_uri(message.packet.from().value().uri).value().scheme, "http");
  EXPECT_EQ(contact(message.packet).uri, "name:John_Smith");
}

TEST(Rfc4475, bext01) {
  const Torture message("bext01");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(message.packet.value(HeaderId::Require),
            "nothingSupportsThis, nothingSupportsThisEither");
  EXPECT_EQ(message.packet.value(HeaderId::ProxyRequire),
            "noProxiesSupportThis, norDoAnyProxiesSupportThis");
}

TEST(Rfc4475, invut) {
  const Torture message("invut");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(message.packet.value(HeaderId::ContentType), "application/unknownformat");
}

TEST(Rfc4475, regaut01) {
  const Torture message("regaut01");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(message.packet.value(HeaderId::Authorization), "NoOneKnowsThisScheme opaque-data=here");
}

TEST(Rfc4475, bcast) {
  const Torture message("bcast");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(message.packet.status(), 200);
  EXPECT_EQ(message.packet.count(HeaderId::Via), 2u);
}

TEST(Rfc4475, zeromf) {
  const Torture message("zeromf");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(message.packet.max_forwards().value(), 0u);
}

TEST(Rfc4475, cparam01) {
  const Torture message("cparam01");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(contact(message.packet).uri, "sip:+19725552222@gw1.example.net");
  EXPECT_EQ(contact(message.packet).param("unknownparam"), "");
}

TEST(Rfc4475, cparam02) {
  const Torture message("cparam02");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(contact(message.packet).param("unknownparam"), std::nullopt);
  EXPECT_EQ(parse_uri(contact(message.packet).uri).value().param("unknownparam"), "");
}

TEST(Rfc4475, regescrt) {
  const Torture message("regescrt");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(unescape(parse_uri(contact(message.packet).uri).value().headers),
            "Route=<sip:sip.example.com>");
}

TEST(Rfc4475, sdp01) {
  const Torture message("sdp01");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(message.packet.value(HeaderId::Accept), "text/nobodyKnowsThis");
}

TEST(Rfc4475, inv2543) {
  const Torture message("inv2543");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(message.packet.top_via().value().branch, "");
  EXPECT_EQ(message.packet.from().value().tag(), "");
  EXPECT_EQ(message.packet.max_forwards().value(), std::nullopt);
  EXPECT_EQ(message.packet.body().size(), 150u);
}

}  // namespace
}  // namespace missive::sip

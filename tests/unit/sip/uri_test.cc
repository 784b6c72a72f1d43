// URIs.
//
//  1. A sip URI with every part, and with the least.
//  2. The user part keeps ';', '?' and escapes; '@' ends it.
//  3. IPv6 hosts, with and without a port.
//  4. Parameters by name, without regard to case, with and without a value.
//  5. Other schemes are kept whole.
//  6. What RFC 3261 section 25 does not derive is refused, with words.
//  7. escape_user() and unescape() are each other's inverse; hex is upper case.
//  8. str() gives back what was parsed.
//  9. The equal and the unequal pairs of RFC 3261 section 19.1.4.
// 10. A parameter given twice, and more parameters than anybody has, are refused.
#include "sip/uri.h"

#include <gtest/gtest.h>

#include <string>

namespace missive::sip {
namespace {

TEST(Uri, EveryPart) {
  const auto uri =
      parse_uri("sips:alice:secret@example.com:5061;transport=tcp;lr?Subject=x&Priority=urgent");
  ASSERT_TRUE(uri) << uri.error().text;
  EXPECT_TRUE(uri->sips());
  EXPECT_TRUE(uri->sip());
  EXPECT_EQ(uri->user, "alice");
  EXPECT_EQ(uri->password, "secret");
  EXPECT_EQ(uri->host, "example.com");
  EXPECT_EQ(uri->port, 5061);
  EXPECT_EQ(uri->params, "transport=tcp;lr");
  EXPECT_EQ(uri->headers, "Subject=x&Priority=urgent");
}

TEST(Uri, LeastParts) {
  const auto uri = parse_uri("SIP:example.com");
  ASSERT_TRUE(uri);
  EXPECT_TRUE(uri->sip());
  EXPECT_FALSE(uri->sips());
  EXPECT_EQ(uri->user, "");
  EXPECT_EQ(uri->host, "example.com");
  EXPECT_FALSE(uri->port);
  EXPECT_EQ(uri->params, "");

  const auto headers_only = parse_uri("sip:example.com?Subject=");
  ASSERT_TRUE(headers_only);
  EXPECT_EQ(headers_only->headers, "Subject=");
}

TEST(Uri, UserPart) {
  const auto uri = parse_uri("sip:user;par=u%40example.net?a/b@example.com;x=y");
  ASSERT_TRUE(uri) << uri.error().text;
  EXPECT_EQ(uri->user, "user;par=u%40example.net?a/b");
  EXPECT_EQ(uri->params, "x=y");
  EXPECT_EQ(unescape(uri->user), "user;par=u@example.net?a/b");
  EXPECT_TRUE(parse_uri("sip:+49(30)1234;phone-context=de@example.com;user=phone"));
}

TEST(Uri, Ipv6Host) {
  const auto plain = parse_uri("sip:[2001:db8::10:5070]");
  ASSERT_TRUE(plain);
  EXPECT_TRUE(plain->host_is_ipv6);
  EXPECT_EQ(plain->host, "2001:db8::10:5070");
  EXPECT_FALSE(plain->port);
  const auto with_port = parse_uri("sip:bob@[2001:db8::10]:5070;lr");
  ASSERT_TRUE(with_port);
  EXPECT_EQ(with_port->host, "2001:db8::10");
  EXPECT_EQ(with_port->port, 5070);
  EXPECT_EQ(with_port->str(), "sip:bob@[2001:db8::10]:5070;lr");
}

TEST(Uri, Params) {
  const auto uri = parse_uri("sip:a@b;Transport=TCP;lr;maddr=192.0.2.1");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->param("transport"), "TCP");
  EXPECT_EQ(uri->param("LR"), "");
  EXPECT_EQ(uri->param("maddr"), "192.0.2.1");
  EXPECT_EQ(uri->param("ttl"), std::nullopt);
}

TEST(Uri, OtherSchemes) {
  const auto tel = parse_uri("tel:+1-201-555-0123;ext=7");
  ASSERT_TRUE(tel);
  EXPECT_FALSE(tel->sip());
  EXPECT_EQ(tel->scheme, "tel");
  EXPECT_EQ(tel->opaque, "+1-201-555-0123;ext=7");
  EXPECT_EQ(tel->str(), "tel:+1-201-555-0123;ext=7");
  EXPECT_TRUE(parse_uri("urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"));
  EXPECT_TRUE(parse_uri("http://www.example.com/?a=b"));
}

TEST(Uri, Refused) {
  for (const auto* text : {
           "",
           "sip",
           "sip:",
           ":a@b",
           "1sip:a@b",
           "s ip:a@b",
           "<sip:a@b>",
           "alice@example.com",
           "sip:@b",
           "sip::pw@b",
           "sip:a@",
           "sip:a@@b",
           "sip:a@b@c",
           "sip:a b@c",
           "sip:a\"@b",
           "sip:a@b c",
           "sip:a%4@b",
           "sip:a%zz@b",
           "sip:a:p;w@b",
           "sip:a#b@c",
           "sip:a@.1",
           "sip:a@[.1]",
           "sip:a@b:",
           "sip:a@b:0",
           "sip:a@b:65536",
           "sip:a@b;",
           "sip:a@b;;x",
           "sip:a@b;=x",
           "sip:a@b;x=",
           "sip:a@b;x=y=z",
           "sip:a@b;x=1;y;X=2",
           "sip:a@b;lr;%6Cr",
           "sip:a@b;x=\"y\"",
           "sip:a@b; lr",
           "sip:a@b?",
           "sip:a@b?x",
           "sip:a@b?=y",
           "sip:a@b?x=y&",
           "sip:a@b;?x=y",
           "sip:2001:db8::1",
           "sip:a@b/",
           "sip:\xC3\xA4@b",
           "tel:",
           "tel:1 2",
           "tel:%4",
           "foo:a<b>",
       }) {
    EXPECT_FALSE(parse_uri(text)) << text;
  }
  EXPECT_FALSE(parse_uri(std::string_view("sip:a\0@b", 8)));
  EXPECT_FALSE(parse_uri("sip:a\r\n@b"));
  EXPECT_EQ(parse_uri("alice@example.com").error().text,
            "'alice@example.com' does not begin with a URI scheme such as 'sip:'");
  EXPECT_EQ(parse_uri("sip:@b").error().text, "the URI has an '@' but no user before it");
}

TEST(Uri, Escapes) {
  EXPECT_EQ(escape_user("alice"), "alice");
  EXPECT_EQ(escape_user("a b@c:d%e"), "a%20b%40c%3Ad%25e");
  EXPECT_EQ(escape_user("*97#"), "*97%23");
  EXPECT_EQ(escape_user("\xC3\xA4\x01"), "%C3%A4%01");
  EXPECT_EQ(unescape("a%20b%4"), "a b%4");
  EXPECT_EQ(unescape("%2541"), "%41");  // once, not again
  EXPECT_EQ(unescape("%00"), std::string(1, '\0'));
  std::string all;
  for (int octet = 0; octet < 256; ++octet) all += static_cast<char>(octet);
  EXPECT_EQ(unescape(escape_user(all)), all);
  EXPECT_TRUE(parse_uri("sip:" + escape_user(all) + "@example.com"));
}

TEST(Uri, Str) {
  for (const auto* text : {"sip:a@b", "sips:a:p@b:5061;x=y;lr?s=1", "sip:[::1]:5060", "tel:123"}) {
    EXPECT_EQ(parse_uri(text).value().str(), text);
  }
}

bool same(std::string_view a, std::string_view b) {
  const auto first = parse_uri(a).value();
  const auto second = parse_uri(b).value();
  EXPECT_EQ(equivalent(first, second), equivalent(second, first)) << a << " " << b;
  return equivalent(first, second);
}

TEST(Uri, Equivalent) {
  EXPECT_TRUE(same("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"));
  EXPECT_TRUE(same("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"));
  EXPECT_TRUE(same("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"));
  EXPECT_TRUE(same("sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
                   "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"));
  EXPECT_TRUE(same("sip:alice@atlanta.com?subject=project%20x&priority=urgent",
                   "sip:alice@atlanta.com?priority=urgent&subject=project%20x"));
  EXPECT_TRUE(same("sip:a@b?r=1&s=x&r=2", "sip:a@b?r=2&R=1&s=X"));
  EXPECT_TRUE(same("sip:a@[2001:db8::1]", "sip:a@[2001:db8:0::1]"));
  EXPECT_TRUE(same("TEL:+1", "tel:+1"));
}

TEST(Uri, NotEquivalent) {
  EXPECT_FALSE(same("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"));
  EXPECT_FALSE(same("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"));
  EXPECT_FALSE(same("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"));
  EXPECT_FALSE(same("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"));
  EXPECT_FALSE(same("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"));
  EXPECT_FALSE(same("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"));
  EXPECT_FALSE(same("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"));
  EXPECT_FALSE(same("sip:a@b", "sips:a@b"));
  EXPECT_FALSE(same("sip:a@b", "sip:a:p@b"));
  EXPECT_FALSE(same("sip:a@b", "sip:a@b;maddr=192.0.2.1"));
  EXPECT_FALSE(same("sip:a;b@c", "sip:a%3Bb@c"));  // an escaped reserved character is another
  EXPECT_FALSE(same("sip:a@b?r=1&r=1&r=2", "sip:a@b?r=1&r=2&r=2"));
  EXPECT_FALSE(same("tel:+1", "tel:+2"));
}

TEST(Uri, TooManyParams) {
  std::string uri = "sip:a@b";
  for (int i = 0; i < 64; ++i) uri += ";p" + std::to_string(i);
  EXPECT_TRUE(parse_uri(uri));
  EXPECT_FALSE(parse_uri(uri + ";q"));
}

}  // namespace
}  // namespace missive::sip

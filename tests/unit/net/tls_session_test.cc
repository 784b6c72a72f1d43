// Two sides of a TLS connection in memory.
//
//  1. A handshake, plain octets both ways, close_notify both ways.
//  2. However the octets are cut, the same comes out.
//  3. verify_server: another authority, an expired certificate, one that signs itself, the wrong
//     name, an address; without it nothing is asked.
//  4. Wildcards: refused with a word about the option, accepted with it.
//  5. verify_client: one that is shown must be good, none is good too; require_client_cert.
//  6. SNI is sent for names, not for addresses.
//  7. good_for() remembers whom the peer is for.
//  8. Garbage and plain text instead of TLS.
//  9. The versions and ciphers do not meet.
// 10. Octets that were tampered with.
// 11. A reload in the middle of a handshake.
// 12. What goes on over an open connection allocates nothing of ours.
#include "net/tls_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "unit/net/test_certificates.h"

namespace missive::net {
namespace {

using ::testing::HasSubstr;
using State = TlsSession::State;

std::string read_all(TlsSession& session) {
  std::string out;
  std::array<char, 1000> room;
  while (const auto got = session.read(room.data(), room.size())) out.append(room.data(), got);
  return out;
}

// Gives what one side has to say to the other, `step` octets at a time; what came out of it.
std::string pass_on(TlsSession& from, TlsSession& to, std::size_t step = 1 << 20) {
  std::string out;
  const auto octets = std::exchange(from.wire(), {});
  for (std::size_t at = 0; at < octets.size(); at += step) {
    to.take(std::string_view(octets).substr(at, step));
    out += read_all(to);
  }
  return out;
}

class TlsSessionTest : public testing::Test {
 protected:
  std::shared_ptr<TlsContext> context(TlsOptions options) {
    auto out = TlsContext::create(std::move(options));
    EXPECT_TRUE(out) << out.error().text;
    return out.value_or(nullptr);
  }
  std::shared_ptr<TlsContext> server_with(const std::string& file) {
    return context({.cert_file = file});
  }
  std::shared_ptr<TlsContext> verifying_client(bool wildcards = false) {
    return context({.ca_list_file = authority.ca(),
                    .verify_server = true,
                    .allow_wildcard_certs = wildcards,
                    .client_only = true});
  }
  void pair(const TlsContext& server_context, const TlsContext& client_context,
            std::string_view domain = "example.org") {
    server = std::make_unique<TlsSession>(server_context, TlsRole::server);
    client = std::make_unique<TlsSession>(client_context, TlsRole::client, domain);
  }
  void shake_hands(std::size_t step = 1 << 20) {
    client->begin();
    for (int i = 0; i < 10 && !(client->wire().empty() && server->wire().empty()); ++i) {
      pass_on(*client, *server, step);
      pass_on(*server, *client, step);
    }
  }
  // How the client finds the server of that certificate: "", or why not.
  std::string found(const std::string& file, std::string_view domain, bool wildcards = false) {
    const auto server_context = server_with(file);
    const auto client_context = verifying_client(wildcards);
    pair(*server_context, *client_context, domain);
    shake_hands();
    return client->state() == State::open ? "" : client->error();
  }

  test::TestAuthority authority;
  const std::string good = authority.issue("good.pem", {"good", "DNS:example.org,IP:192.0.2.1"});
  std::unique_ptr<TlsSession> server;
  std::unique_ptr<TlsSession> client;
};

TEST_F(TlsSessionTest, BothWays) {  // 1
  pair(*server_with(good), *verifying_client());
  EXPECT_EQ(client->write("too early"), 0u);
  shake_hands();
  ASSERT_EQ(client->state(), State::open) << client->error();
  ASSERT_EQ(server->state(), State::open) << server->error();
  EXPECT_EQ(client->write("hello"), 5u);
  EXPECT_EQ(client->wire().find("hello"), std::string::npos);
  EXPECT_EQ(pass_on(*client, *server), "hello");
  EXPECT_EQ(server->write("world"), 5u);
  EXPECT_EQ(pass_on(*server, *client), "world");
  EXPECT_EQ(client->write(std::string(100000, 'x')), TlsSession::record_size);
  EXPECT_EQ(pass_on(*client, *server), std::string(TlsSession::record_size, 'x'));

  client->close();
  client->close();
  EXPECT_EQ(client->write("too late"), 0u);
  EXPECT_EQ(pass_on(*client, *server), "");
  EXPECT_EQ(server->state(), State::closed);
  EXPECT_EQ(server->write("still"), 5u) << "the other half is open";
  EXPECT_EQ(pass_on(*server, *client), "still");
  server->close();
  pass_on(*server, *client);
  EXPECT_EQ(client->state(), State::closed);
  EXPECT_EQ(client->error() + server->error(), "");
}

TEST_F(TlsSessionTest, CutAnywhere) {  // 2
  for (const std::size_t step : {1u, 2u, 5u, 7u, 100u}) {
    pair(*server_with(good), *verifying_client());
    shake_hands(step);
    ASSERT_EQ(client->state(), State::open) << step;
    client->write("one ");
    client->write("two");
    EXPECT_EQ(pass_on(*client, *server, step), "one two") << step;
  }
}

TEST_F(TlsSessionTest, VerifyServer) {  // 3
  const test::TestAuthority stranger("stranger");
  EXPECT_EQ(found(good, "example.org"), "");
  EXPECT_EQ(found(good, "192.0.2.1"), "");
  EXPECT_EQ(found(good, "192.0.2.2"),
            "its certificate is not for 192.0.2.2 but for example.org, 192.0.2.1");
  EXPECT_EQ(found(good, "example.net"),
            "its certificate is not for example.net but for example.org, 192.0.2.1");
  EXPECT_EQ(server->state(), State::closed) << "and it is told";
  EXPECT_THAT(found(stranger.issue("x.pem", {"far", "DNS:example.org"}), "example.org"),
              HasSubstr("the certificate of 'far' is not trusted: unable to get local issuer"));
  EXPECT_EQ(server->error(), "the peer refuses: unknown CA");
  EXPECT_EQ(
      found(authority.issue("old.pem", {"old", "DNS:example.org", -7200, -3600}), "example.org"),
      "the certificate of 'old' is not trusted: certificate has expired");
  EXPECT_EQ(
      found(authority.issue("new.pem", {"new", "DNS:example.org", 3600, 7200}), "example.org"),
      "the certificate of 'new' is not trusted: certificate is not yet valid");
  EXPECT_THAT(found(authority.self_signed("own.pem", {"own", "DNS:example.org"}), "example.org"),
              HasSubstr("the certificate of 'own' is not trusted: self-signed certificate"));

  pair(*server_with(authority.path("own.pem")), *context({.client_only = true}), "other.net");
  shake_hands();
  EXPECT_EQ(client->state(), State::open);
}

TEST_F(TlsSessionTest, Wildcards) {  // 4
  const auto wild = authority.issue("wild.pem", {"wild", "DNS:*.example.org"});
  EXPECT_EQ(found(wild, "a.example.org"),
            "its certificate is not for a.example.org but for *.example.org, which only "
            "allow_wildcard_certs=yes would accept");
  EXPECT_EQ(found(wild, "a.example.org", true), "");
  EXPECT_EQ(found(wild, "example.org", true),
            "its certificate is not for example.org but for *.example.org");
}

TEST_F(TlsSessionTest, VerifyClient) {  // 5
  const test::TestAuthority stranger("stranger");
  const auto phone = authority.issue("phone.pem", {"phone", "DNS:phone.example.org"});
  const auto foreign = stranger.issue("foreign.pem", {"foreign", "DNS:phone.example.org"});
  const auto asked = [&](bool require, const std::string& file) {
    pair(*context({.cert_file = good,
                   .ca_list_file = authority.ca(),
                   .verify_client = true,
                   .require_client_cert = require}),
         *context({.cert_file = file, .client_only = true}));
    shake_hands();
    return server->state() == State::open ? "" : server->error();
  };
  EXPECT_EQ(asked(false, ""), "");
  EXPECT_EQ(server->good_for("phone.example.org").error().text, "is missing: it has shown none");
  EXPECT_EQ(asked(false, phone), "");
  EXPECT_TRUE(server->good_for("phone.example.org"));
  EXPECT_THAT(asked(false, foreign), HasSubstr("the certificate of 'foreign' is not trusted"));
  EXPECT_EQ(asked(true, phone), "");
  EXPECT_EQ(asked(true, ""), "the peer shows no certificate, and require_client_cert is set");
  EXPECT_EQ(client->state(), State::failed) << "it hears of it after its own handshake";
  EXPECT_THAT(client->error(), HasSubstr("the peer refuses: "));

  pair(*server_with(good), *context({.cert_file = foreign, .client_only = true}));
  shake_hands();
  EXPECT_EQ(server->state(), State::open) << "nobody asks";
}

TEST_F(TlsSessionTest, Sni) {  // 6
  const auto hello_to = [this](std::string_view domain) {
    TlsSession session(*context({.client_only = true}), TlsRole::client, domain);
    session.begin();
    return session.wire();
  };
  EXPECT_THAT(hello_to("example.org."), HasSubstr(std::string("\0\x0b", 2) + "example.org"));
  EXPECT_EQ(hello_to("192.0.2.1").find("192.0.2.1"), std::string::npos);
  EXPECT_EQ(hello_to("[2001:db8::1]").find("2001"), std::string::npos);
  EXPECT_NE(hello_to(""), "");
  EXPECT_NE(hello_to(std::string(300, 'a') + ".org"), "") << "too long for it";
}

TEST_F(TlsSessionTest, GoodFor) {  // 7
  const auto both = authority.issue("both.pem", {"both", "DNS:example.org,URI:sip:example.net"});
  ASSERT_EQ(found(both, "example.org"), "");
  EXPECT_TRUE(client->verifies_servers());
  EXPECT_TRUE(client->good_for("example.net"));
  EXPECT_TRUE(client->good_for("EXAMPLE.ORG"));
  EXPECT_EQ(client->good_for("example.com").error().text,
            "is not for example.com but for example.org, example.net");
  pair(*server_with(both), *context({.client_only = true}));
  shake_hands();
  EXPECT_FALSE(client->verifies_servers());
  EXPECT_EQ(client->good_for("example.org").error().text, "was not verified");
}

TEST_F(TlsSessionTest, NoTls) {  // 8
  for (const std::string text : {"MESSAGE sip:bob@example.org SIP/2.0\r\n",
                                 "GET / HTTP/1.1\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\n\r\n"}) {
    server = std::make_unique<TlsSession>(*server_with(good), TlsRole::server);
    server->take(text);
    EXPECT_EQ(read_all(*server), "");
    EXPECT_EQ(server->state(), State::failed);
    EXPECT_EQ(server->error(), "what the peer sends is no TLS") << text;
  }
  server = std::make_unique<TlsSession>(*server_with(good), TlsRole::server);
  const std::string hello("\x16\x03\x01\x00\x05\xff\xff\xff\xff\xff", 10);  // a view is kept
  server->take(hello);
  read_all(*server);
  EXPECT_EQ(server->state(), State::failed);
  EXPECT_NE(server->error(), "");
  server->take("more");
  EXPECT_EQ(read_all(*server), "");
  EXPECT_EQ(server->write("x"), 0u);
  server->close();
}

TEST_F(TlsSessionTest, NothingInCommon) {  // 9
  pair(*server_with(good),
       *context(
           {.cipher = "ECDHE-RSA-AES128-GCM-SHA256", .method = "tlsv1_2", .client_only = true}));
  const auto no_newer = context({.client_only = true});
  SSL_CTX_set_max_proto_version(no_newer->snapshot()->native.get(), TLS1_2_VERSION);
  pair(*context({.cert_file = good, .method = "tlsv1_3"}), *no_newer);
  shake_hands();
  EXPECT_EQ(server->error(), "the peer speaks no version of TLS that is allowed here");
  EXPECT_EQ(client->error(), "the peer refuses: protocol version");

  const auto rsa_only = context({.cipher = "ECDHE-RSA-AES128-GCM-SHA256", .client_only = true});
  SSL_CTX_set_max_proto_version(rsa_only->snapshot()->native.get(), TLS1_2_VERSION);
  pair(*server_with(good), *rsa_only);
  shake_hands();
  EXPECT_EQ(server->error(), "there is no cipher that both sides may use");

  // TLS 1.1 where it was asked for.
  const auto old = context({.method = "tlsv1_1", .client_only = true});
  SSL_CTX_set_max_proto_version(old->snapshot()->native.get(), TLS1_1_VERSION);
  pair(*context({.cert_file = good, .method = "tlsv1_1"}), *old);
  shake_hands();
  EXPECT_EQ(server->state(), State::open) << server->error() << client->error();
  pair(*server_with(good), *old);
  shake_hands();
  EXPECT_EQ(server->error(), "the peer speaks no version of TLS that is allowed here");
}

TEST_F(TlsSessionTest, Tampered) {  // 10
  pair(*server_with(good), *verifying_client());
  shake_hands();
  client->write("hello");
  client->wire()[client->wire().size() - 3] ^= 1;
  EXPECT_EQ(pass_on(*client, *server), "");
  EXPECT_EQ(server->state(), State::failed);
  EXPECT_EQ(server->error(), "decryption failed or bad record mac");
}

TEST_F(TlsSessionTest, ReloadInTheMiddle) {  // 11
  const auto server_context = server_with(good);
  pair(*server_context, *verifying_client());
  client->begin();
  pass_on(*client, *server);
  authority.issue("good.pem", {"new", "DNS:example.net"});
  ASSERT_TRUE(server_context->reload());
  pass_on(*server, *client);
  pass_on(*client, *server);
  EXPECT_EQ(server->state(), State::open);
  client->write("goes on");
  EXPECT_EQ(pass_on(*client, *server), "goes on");
  pair(*server_context, *verifying_client(), "example.net");
  shake_hands();
  EXPECT_EQ(client->state(), State::open) << client->error();
}

TEST_F(TlsSessionTest, KeepsItsMemory) {  // 12
  pair(*server_with(good), *verifying_client());
  shake_hands();
  client->wire().reserve(4096);
  const auto* octets = client->wire().data();
  for (int i = 0; i < 100; ++i) {
    client->write(std::string(1000, 'x'));
    server->take(client->wire());
    EXPECT_EQ(read_all(*server).size(), 1000u);
    client->wire().clear();
    EXPECT_EQ(client->wire().data(), octets);
  }
}

}  // namespace
}  // namespace missive::net

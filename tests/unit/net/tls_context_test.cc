// What TLS connections are made with.
//
//  1. Certificate and key in one file, in two, and encrypted; authorities in a file and a folder.
//  2. Every file that cannot be used: which option, which file, why.
//  3. Methods: those that are broken or unknown are refused, with what would be right.
//  4. Ciphers: names of both kinds; one that is not known is named.
//  5. Verifying clients needs authorities; a server needs a certificate, a client does not.
//  6. reload(): new files count from then on; a bad one leaves the old in force.
#include "net/tls_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "unit/net/test_certificates.h"

namespace missive::net {
namespace {

using ::testing::HasSubstr;

class TlsContextTest : public testing::Test {
 protected:
  std::string error(const TlsOptions& options) {
    const auto context = TlsContext::create(options);
    return context ? "" : context.error().text;
  }
  static std::string serial_of(const TlsContext& context) {
    const auto* certificate = SSL_CTX_get0_certificate(context.snapshot()->native.get());
    const auto* number = X509_get0_serialNumber(certificate);
    return std::to_string(ASN1_INTEGER_get(number));
  }

  test::TestAuthority authority;
  const std::string good = authority.issue("good.pem", {"good", "DNS:example.org"});
};

TEST_F(TlsContextTest, Files) {  // 1
  EXPECT_EQ(error({.cert_file = good}), "");
  EXPECT_EQ(error({.cert_file = good, .priv_key_file = good}), "");
  EXPECT_EQ(error({.cert_file = good, .ca_list_file = authority.ca()}), "");
  EXPECT_EQ(error({.cert_file = good, .ca_list_path = authority.path("")}), "");
  const auto secret = authority.issue("secret.pem", {.password = "open sesame"});
  EXPECT_EQ(error({.cert_file = secret, .password = "open sesame"}), "");
}

TEST_F(TlsContextTest, BadFiles) {  // 2
  const auto missing = authority.path("missing.pem");
  const auto garbage = authority.write_text("garbage.pem", "no PEM at all\n");
  const auto other = authority.issue("other.pem", {});
  const auto secret = authority.issue("secret.pem", {.password = "open sesame"});
  EXPECT_EQ(error({.cert_file = missing}), "cert_file " + missing + ": No such file or directory");
  EXPECT_EQ(error({.cert_file = authority.path("")}),
            "cert_file " + authority.path("") + ": is a folder");
  EXPECT_THAT(error({.cert_file = garbage}), HasSubstr("cert_file " + garbage + ": "));
  EXPECT_EQ(error({.cert_file = good, .priv_key_file = missing}),
            "priv_key_file " + missing + ": No such file or directory");
  EXPECT_EQ(error({.cert_file = good, .priv_key_file = other}),
            "priv_key_file " + other + ": the key is not that of cert_file " + good);
  EXPECT_EQ(error({.cert_file = good, .priv_key_file = garbage}),
            "priv_key_file " + garbage + ": holds no private key in PEM form");
  EXPECT_EQ(error({.cert_file = authority.ca()}),
            "cert_file " + authority.ca() +
                ": holds no private key in PEM form, and priv_key_file is not set");
  EXPECT_THAT(error({.cert_file = secret}), HasSubstr("password= has to open it"));
  EXPECT_THAT(error({.cert_file = secret, .password = "guessed"}),
              HasSubstr("cert_file " + secret + ": "));
  EXPECT_EQ(error({.cert_file = good, .ca_list_file = missing}),
            "ca_list_file " + missing + ": No such file or directory");
  EXPECT_THAT(error({.cert_file = good, .ca_list_file = garbage}),
              HasSubstr("ca_list_file " + garbage + ": "));
  EXPECT_EQ(error({.cert_file = good, .ca_list_path = missing}),
            "ca_list_path " + missing + ": No such file or directory");
  EXPECT_EQ(error({.cert_file = good, .ca_list_path = good}),
            "ca_list_path " + good + ": is no folder");
}

TEST_F(TlsContextTest, Methods) {  // 3
  const std::vector<std::pair<std::string, int>> lowest{
      {"default", TLS1_2_VERSION}, {"unspecified", TLS1_2_VERSION}, {"", TLS1_2_VERSION},
      {"sslv23", TLS1_2_VERSION},  {"tlsv1", TLS1_VERSION},         {"tlsv1_1", TLS1_1_VERSION},
      {"TLSv1_2", TLS1_2_VERSION}, {"tlsv1_3", TLS1_3_VERSION}};
  for (const auto& [method, version] : lowest) {
    const auto context = TlsContext::create({.cert_file = good, .method = method});
    ASSERT_TRUE(context) << method;
    auto* native = (*context)->snapshot()->native.get();
    EXPECT_EQ(SSL_CTX_get_min_proto_version(native), version) << method;
    EXPECT_EQ(SSL_CTX_get_max_proto_version(native), 0) << method;
  }
  EXPECT_EQ(error({.cert_file = good, .method = "sslv3"}),
            "method sslv3 is broken and not spoken; tlsv1_2 or default would be right");
  EXPECT_THAT(error({.cert_file = good, .method = "sslv2"}), HasSubstr("is broken"));
  EXPECT_THAT(error({.cert_file = good, .method = "tlsv9"}), HasSubstr("tlsv9 is not known"));
}

TEST_F(TlsContextTest, Ciphers) {  // 4
  const auto names = [this](const std::string& cipher) {
    const auto context = TlsContext::create({.cert_file = good, .cipher = cipher});
    if (!context) return context.error().text;
    std::string out;
    const auto* list = SSL_CTX_get_ciphers((*context)->snapshot()->native.get());
    for (int i = 0; i < sk_SSL_CIPHER_num(list); ++i) {
      out += std::string(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(list, i))) + " ";
    }
    return out;
  };
  EXPECT_EQ(names("TLS_AES_256_GCM_SHA384, ECDHE-ECDSA-AES128-GCM-SHA256"),
            "TLS_AES_256_GCM_SHA384 ECDHE-ECDSA-AES128-GCM-SHA256 ");
  EXPECT_THAT(names("ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"),
              HasSubstr("ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-RSA-AES128-GCM-SHA256 "));
  EXPECT_THAT(names("TLS_AES_128_GCM_SHA256"), HasSubstr("ECDHE-ECDSA-AES128-GCM-SHA256"));
  EXPECT_EQ(names("HIGH,!NOSUCH,RC4-SSLV9"),
            "cipher RC4-SSLV9 is not known; `openssl ciphers` lists those that are");
  EXPECT_THAT(names("TLS_NO_SUCH"), HasSubstr("cipher TLS_NO_SUCH is not known"));
}

TEST_F(TlsContextTest, WhatIsNeeded) {  // 5
  EXPECT_EQ(error({}), "cert_file is missing: a server has to show a certificate");
  EXPECT_EQ(error({.verify_server = true, .client_only = true}), "");
  EXPECT_THAT(error({.cert_file = good, .verify_client = true}),
              HasSubstr("verify_client needs ca_list_file or ca_list_path"));
  EXPECT_THAT(error({.cert_file = good, .require_client_cert = true}),
              HasSubstr("require_client_cert needs ca_list_file"));
  EXPECT_EQ(error({.cert_file = good, .ca_list_file = authority.ca(), .verify_client = true}), "");
}

TEST_F(TlsContextTest, Reload) {  // 6
  const auto context = *TlsContext::create({.cert_file = good});
  const auto first = serial_of(*context);
  const auto held = context->snapshot();
  EXPECT_TRUE(context->reload());
  EXPECT_EQ(serial_of(*context), first);
  authority.issue("good.pem", {"new"});
  EXPECT_TRUE(context->reload());
  const auto second = serial_of(*context);
  EXPECT_NE(second, first);
  EXPECT_NE(held, context->snapshot());

  authority.write_text("good.pem", "half a file");
  const auto reloaded = context->reload();
  ASSERT_FALSE(reloaded);
  EXPECT_THAT(reloaded.error().text, HasSubstr("cert_file " + good));
  EXPECT_EQ(serial_of(*context), second);

  EXPECT_TRUE(context->reload({.cert_file = authority.issue("b.pem", {}), .method = "tlsv1_3"}));
  EXPECT_EQ(context->snapshot()->options.method, "tlsv1_3");
  EXPECT_FALSE(context->reload({.cert_file = good, .method = "sslv2"}));
  EXPECT_EQ(context->snapshot()->options.method, "tlsv1_3");
}

}  // namespace
}  // namespace missive::net

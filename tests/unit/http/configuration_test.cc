// http.conf read from text.
//
//  1. A missing file: not enabled, nothing to complain of.
//  2. The defaults of an enabled server; every option.
//  3. Addresses: bindaddr with bindport, tlsbindaddr with and without a port or at all, IPv6.
//  4. Errors with file and line: no address, no certificate, one that is missing, both on one port,
//     a bad redirect, unknown options and sections. Nothing is asked of a server that is off.
//  5. What has no meaning here is accepted, with a warning for what somebody would miss.
//  6. Files are looked for in the configuration folder.
#include "http/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/net/test_certificates.h"

namespace missive::http {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class ConfigurationTest : public testing::Test {
 protected:
  std::shared_ptr<const Configuration> read(std::string_view text) {
    problems.clear();
    const auto file = conf::parse(text, "http.conf", problems);
    auto out = Configuration::from(file, folder, problems);
    said.clear();
    for (const auto& problem : problems) said.push_back(problem.str());
    return out;
  }
  conf::Problems problems;
  std::vector<std::string> said;
  std::filesystem::path folder = ".";
};

TEST_F(ConfigurationTest, Missing) {  // 1
  const auto got =
      Configuration::load(std::filesystem::temp_directory_path() / "missive-nothing", problems);
  ASSERT_TRUE(got);
  EXPECT_FALSE((*got)->enabled);
  EXPECT_THAT(problems, IsEmpty());
}

TEST_F(ConfigurationTest, Defaults) {  // 2
  const auto got = read("[general]\nenabled=yes\nbindaddr=127.0.0.1\n");
  EXPECT_THAT(said, IsEmpty());
  EXPECT_TRUE(got->enabled);
  EXPECT_EQ(got->bind->str(), "127.0.0.1:8088");
  EXPECT_FALSE(got->tls_bind);
  EXPECT_EQ(got->prefix, "");
  EXPECT_THAT(got->server_name, StartsWith("Missive/"));
  EXPECT_EQ(got->session_limit, 100u);
  EXPECT_EQ(got->session_inactivity, 30s);
  EXPECT_EQ(got->session_keep_alive, 15s);
  EXPECT_FALSE(got->status_page);
}

TEST_F(ConfigurationTest, EveryOption) {  // 2
  missive::test::TestAuthority authority;
  folder = std::filesystem::path(authority.issue("web.pem", {})).parent_path();
  const auto got = read(R"([general]
enabled = yes
bindaddr = ::1
bindport = 80
prefix = asterisk/
servername =
sessionlimit = 7
session_inactivity = 1000
session_keep_alive = 0
enable_status = yes
redirect = / /httpstatus
redirect = /old https://example.com/new
tlsenable = yes
tlscertfile = web.pem
tlsprivatekey = web.pem
tlscipher = ECDHE-ECDSA-AES128-GCM-SHA256
tlsdisablev1 = no
tlsdisablev11 = yes
tlsdisablev12 = yes
tlsservercipherorder = no
)");
  EXPECT_THAT(said, IsEmpty());
  EXPECT_EQ(got->bind->str(), "[::1]:80");
  EXPECT_EQ(got->tls_bind->str(), "[::1]:8089");
  EXPECT_EQ(got->prefix, "/asterisk");
  EXPECT_EQ(got->server_name, "");
  EXPECT_EQ(got->session_limit, 7u);
  EXPECT_EQ(got->session_inactivity, 1s);
  EXPECT_EQ(got->session_keep_alive, 0s);
  EXPECT_TRUE(got->status_page);
  ASSERT_EQ(got->redirects.size(), 2u);
  EXPECT_EQ(got->redirects[1].from, "/old");
  EXPECT_EQ(got->redirects[1].to, "https://example.com/new");
  EXPECT_EQ(got->tls.certificate_file, (folder / "web.pem").string());  // 6
  EXPECT_EQ(got->tls.private_key_file, (folder / "web.pem").string());
  EXPECT_EQ(got->tls.cipher, "ECDHE-ECDSA-AES128-GCM-SHA256");
  EXPECT_FALSE(got->tls.disable_v1);
  EXPECT_TRUE(got->tls.disable_v11);
  EXPECT_TRUE(got->tls.disable_v12);
  EXPECT_FALSE(got->tls.server_cipher_order);
}

TEST_F(ConfigurationTest, TlsAddress) {  // 3
  missive::test::TestAuthority authority;
  const auto tls = "tlsenable=yes\ntlscertfile=" + authority.issue("web.pem", {}) + "\n";
  EXPECT_EQ(read("[general]\nenabled=yes\ntlsbindaddr=0.0.0.0\n" + tls)->tls_bind->str(),
            "0.0.0.0:8089");
  EXPECT_THAT(said, IsEmpty());
  EXPECT_EQ(read("[general]\nenabled=yes\ntlsbindaddr=[::]:443\n" + tls)->tls_bind->str(),
            "[::]:443");
  EXPECT_THAT(said, IsEmpty());
}

TEST_F(ConfigurationTest, Errors) {  // 4
  read("[general]\nenabled=yes\n");
  EXPECT_THAT(said, ElementsAre(AllOf(StartsWith("http.conf:2: error: [general] enabled: "),
                                      HasSubstr("no bindaddr"))));
  read("[general]\nenabled=yes\nbindaddr=web.example.com\n");
  EXPECT_THAT(said[0], StartsWith("http.conf:3: error: [general] bindaddr: 'web.example.com'"));
  read("[general]\nenabled=yes\nbindaddr=127.0.0.1\ntlsenable=yes\n");
  EXPECT_THAT(said, ElementsAre(AllOf(StartsWith("http.conf:4: error: [general] tlsenable: "),
                                      HasSubstr("tlscertfile"))));
  read("[general]\nenabled=yes\nbindaddr=127.0.0.1\ntlsenable=yes\ntlscertfile=/absent.pem\n");
  EXPECT_THAT(said, ElementsAre(AllOf(StartsWith("http.conf:5: error: [general] tlscertfile: "),
                                      HasSubstr("/absent.pem cannot be read"))));
  missive::test::TestAuthority authority;
  read(
      "[general]\nenabled=yes\nbindaddr=127.0.0.1\ntlsenable=yes\ntlsbindaddr=127.0.0.1:8088\n"
      "tlscertfile=" +
      authority.issue("web.pem", {}) + "\n");
  EXPECT_THAT(said, ElementsAre(AllOf(StartsWith("http.conf:5: error: [general] tlsbindaddr: "),
                                      HasSubstr("127.0.0.1:8088 is taken"))));
  read("[general]\nredirect=/nowhere\nbindprot=1\nsessionlimit=0\n[web]\n");
  EXPECT_THAT(said, ElementsAre(StartsWith("http.conf:2: error: "),
                                AllOf(StartsWith("http.conf:3: error: "), HasSubstr("bindport")),
                                StartsWith("http.conf:4: error: "),
                                StartsWith("http.conf:5: error: unknown section [web]")));
  read("[general]\nenabled=no\ntlsenable=yes\ntlscertfile=/absent.pem\n");
  EXPECT_THAT(said, IsEmpty());
}

TEST_F(ConfigurationTest, WithoutMeaning) {  // 5
  const auto got =
      read("[general]\nenablestatic=yes\ntlscafile=x\nsslcert=y\n[post_mappings]\nuploads=/tmp\n");
  EXPECT_THAT(said, Each(HasSubstr(": warning: ")));
  EXPECT_THAT(said, ElementsAre(HasSubstr("tlscertfile"), HasSubstr("static files"),
                                HasSubstr("[post_mappings]")));
  EXPECT_FALSE(got->enabled);
}

}  // namespace
}  // namespace missive::http

// The resolver's options from missive.conf and resolver_unbound.conf.
//
//  1. No files: the defaults, that is resolv.conf's servers.
//  2. missive.conf alone.
//  3. resolver_unbound.conf alone: nameservers first, then resolv.conf's; ports behind ":" and "@".
//  4. Its hosts and resolv: system, a file, nothing.
//  5. missive.conf wins where both name servers; the hosts file still holds.
//  6. debug and ta_file have no effect, with a warning.
//  7. Mistakes of both files are named with file and line.
//  8. The file is read from the folder, and need not be there.
#include "net/resolver_conf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace missive::net {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

class ResolverConf : public testing::Test {
 protected:
  ResolverConf() {
    auto name = (fs::temp_directory_path() / "missive-resolver-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  ~ResolverConf() override { fs::remove_all(folder); }

  std::string write(const std::string& name, std::string_view text) {
    std::ofstream(folder / name) << text;
    return folder / name;
  }
  ResolverOptions load(std::string_view unbound, std::string_view missive) {
    problems.clear();
    const auto own =
        conf::MissiveConf::from(conf::parse(missive, "missive.conf", problems), problems);
    const auto file = conf::parse(unbound, "resolver_unbound.conf", problems);
    return resolver_options_from(unbound.empty() ? nullptr : &file, own, problems);
  }
  static std::vector<std::string> servers(const ResolverOptions& options) {
    std::vector<std::string> out;
    for (const auto& server : options.servers) out.push_back(server.str());
    return out;
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> out;
    for (const auto& problem : problems) out.push_back(problem.str());
    return out;
  }

  fs::path folder;
  conf::Problems problems;
};

TEST_F(ResolverConf, Defaults) {  // 1
  const auto options = load("", "");
  EXPECT_THAT(texts(), IsEmpty());
  EXPECT_THAT(options.servers, IsEmpty());
  EXPECT_EQ(options.resolv_conf, "");
  EXPECT_EQ(options.hosts_file, "/etc/hosts");
  EXPECT_EQ(options.timeout, 2s);
  EXPECT_EQ(options.tries, 2U);
  EXPECT_EQ(options.max_cached, 4096U);
  EXPECT_EQ(options.max_ttl, 24h);
  EXPECT_EQ(options.negative_ttl, 30s);
}

TEST_F(ResolverConf, OwnFile) {  // 2
  const auto options = load("",
                            "[resolver]\nnameservers = 192.0.2.1, [2001:db8::1]:5353, ::1\n"
                            "timeout = 500\ntries = 3\ncache_size = 7\nmax_ttl = 1h\n"
                            "negative_ttl = 5\n");
  EXPECT_THAT(texts(), IsEmpty());
  EXPECT_THAT(servers(options), ElementsAre("192.0.2.1:53", "[2001:db8::1]:5353", "[::1]:53"));
  EXPECT_FALSE(options.resolv_conf_too);
  EXPECT_EQ(options.timeout, 500ms);
  EXPECT_EQ(options.tries, 3U);
  EXPECT_EQ(options.max_cached, 7U);
  EXPECT_EQ(options.max_ttl, 1h);
  EXPECT_EQ(options.negative_ttl, 5s);
}

TEST_F(ResolverConf, Unbound) {  // 3
  const auto options = load(
      "[general]\nnameserver = 192.0.2.1\nnameserver = 192.0.2.2@5353\n"
      "nameserver = ::1@54\nnameserver = 192.0.2.3:55\n",
      "");
  EXPECT_THAT(texts(), IsEmpty());
  EXPECT_THAT(servers(options),
              ElementsAre("192.0.2.1:53", "192.0.2.2:5353", "[::1]:54", "192.0.2.3:55"));
  EXPECT_TRUE(options.resolv_conf_too);
  EXPECT_EQ(options.hosts_file, "/etc/hosts");
}

TEST_F(ResolverConf, HostsAndResolv) {  // 4
  const auto system = load("[general]\nhosts = system\nresolv = System\n", "");
  EXPECT_EQ(system.hosts_file, "/etc/hosts");
  EXPECT_EQ(system.resolv_conf, "");
  const auto hosts = write("our.hosts", "");
  const auto resolv = write("our.resolv", "");
  const auto own = load("[general]\nhosts = " + hosts + "\nresolv = " + resolv + "\n", "");
  EXPECT_THAT(texts(), IsEmpty());
  EXPECT_EQ(own.hosts_file, hosts);
  EXPECT_EQ(own.resolv_conf, resolv);
  EXPECT_TRUE(own.resolv_conf_too);
  const auto none = load("[general]\nhosts =\nresolv =\nnameserver = 192.0.2.1\n", "");
  EXPECT_THAT(texts(), IsEmpty());
  EXPECT_EQ(none.hosts_file, "");
  EXPECT_FALSE(none.resolv_conf_too);
}

TEST_F(ResolverConf, OwnFileWins) {  // 5
  const auto hosts = write("our.hosts", "");
  const auto unbound = "[general]\nnameserver = 192.0.2.1\nhosts = " + hosts + "\n";
  const auto both = load(unbound, "[resolver]\nnameservers = 192.0.2.9\n");
  EXPECT_THAT(servers(both), ElementsAre("192.0.2.9:53"));
  EXPECT_FALSE(both.resolv_conf_too);
  EXPECT_EQ(both.hosts_file, hosts);
  const auto empty = load(unbound, "[resolver]\nnameservers =\ntries = 4\n");
  EXPECT_THAT(servers(empty), ElementsAre("192.0.2.1:53"));
  EXPECT_EQ(empty.tries, 4U);
}

TEST_F(ResolverConf, NoEffect) {  // 6
  load("[general]\ndebug = 0\n", "");
  EXPECT_THAT(texts(), IsEmpty());
  load("[general]\ndebug = 3\nta_file = /etc/keys\n", "");
  EXPECT_THAT(texts(), ElementsAre("resolver_unbound.conf:2: warning: debug has no effect; "
                                   "log_level in missive.conf sets what is logged",
                                   "resolver_unbound.conf:3: warning: ta_file has no effect: "
                                   "DNSSEC is left to the name server"));
}

TEST_F(ResolverConf, Mistakes) {  // 7
  const auto options =
      load("[general]\nnameserver = dns.example\nhosts = /no/such/file\nresolve = system\n[x]\n",
           "[resolver]\ntries = 3\nnameservers = 192.0.2.9, 192.0.2.256, 192.0.2.1:0\n");
  EXPECT_THAT(servers(options), ElementsAre("192.0.2.9:53"));
  EXPECT_EQ(options.hosts_file, "/etc/hosts");
  EXPECT_THAT(
      texts(),
      ElementsAre(
          "resolver_unbound.conf:2: error: [general] nameserver: 'dns.example' is no address of a "
          "name server; 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53 would be right",
          "resolver_unbound.conf:3: error: [general] hosts: there is no file '/no/such/file'; its "
          "path or 'system' would be right",
          "resolver_unbound.conf:4: error: [general] unknown resolver_unbound option 'resolve'; "
          "did you mean 'resolv'?",
          "resolver_unbound.conf:5: error: unknown section [x]; there is [general]",
          "missive.conf:3: error: [resolver] nameservers: '192.0.2.256' is no address of a name "
          "server; 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53 would be right",
          "missive.conf:3: error: [resolver] nameservers: '192.0.2.1:0' is no address of a name "
          "server; 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53 would be right"));
}

TEST_F(ResolverConf, FromTheFolder) {  // 8
  const auto without = load_resolver_options(folder, {}, problems);
  ASSERT_TRUE(without);
  EXPECT_THAT(without->servers, IsEmpty());
  EXPECT_FALSE(without->resolv_conf_too);
  write("resolver_unbound.conf", "[general]\nnameserver = 192.0.2.1\n");
  const auto with = load_resolver_options(folder, {}, problems);
  ASSERT_TRUE(with);
  EXPECT_THAT(texts(), IsEmpty());
  EXPECT_THAT(servers(*with), ElementsAre("192.0.2.1:53"));
}

}  // namespace
}  // namespace missive::net

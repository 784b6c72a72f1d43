// missive.conf.
//
//  1. a folder without the file gives the defaults and no problem
//  2. every option is read
//  3. mistakes are reported, the defaults stay
//  4. the same of [outbox]
//  5. the same of [resolver]
//  6. etc/missive.conf has no problem and says what the defaults are
#include "conf/missive_conf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "support/source_file.h"

namespace missive::conf {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

MissiveConf from_text(std::string_view text, Problems& problems) {
  return MissiveConf::from(parse(text, "missive.conf", problems), problems);
}

void expect_defaults(const MissiveConf& conf) {
  EXPECT_EQ(conf.general.shards, 0U);
  EXPECT_EQ(conf.general.log_level, "info");
  EXPECT_EQ(conf.ami.banner, "Asterisk Call Manager/9.0.0");
  EXPECT_EQ(conf.ami.max_line, 1'048'576U);
  EXPECT_EQ(conf.ami.max_headers, 512U);
  EXPECT_EQ(conf.ami.max_action, 4'194'304U);
  EXPECT_EQ(conf.ami.max_sessions, 1024U);
  EXPECT_EQ(conf.ami.max_unsent, 8'388'608U);
  EXPECT_EQ(conf.sip.max_message_size, 196'608U);
  EXPECT_TRUE(conf.sip.contact_header);
  EXPECT_EQ(conf.sip.max_transactions, 100'000U);
  EXPECT_EQ(conf.sip.tcp_connect_timeout.count(), 5000);
  EXPECT_EQ(conf.sip.tcp_idle_timeout.count(), 600);
  const auto& outbox = conf.outbox;
  EXPECT_EQ(outbox.durability, MissiveConf::Outbox::Durability::always);
  EXPECT_EQ(outbox.expiry, std::chrono::hours(7 * 24));
  EXPECT_EQ(outbox.retry, MissiveConf::Outbox{}.retry);
  EXPECT_EQ(outbox.history, std::chrono::hours(24));
  EXPECT_EQ(outbox.max_messages, 10'000'000U);
  EXPECT_EQ(outbox.max_per_recipient, 100'000U);
  EXPECT_EQ(outbox.max_bytes, std::size_t{16} << 30);
  EXPECT_EQ(outbox.pipeline, 1U);
  EXPECT_EQ(outbox.flush_rate, 50U);
  EXPECT_EQ(outbox.notify_sender, MissiveConf::Outbox::Notify::no);
  EXPECT_FALSE(outbox.pass_receipts);
  EXPECT_THAT(conf.resolver.nameservers, IsEmpty());
  EXPECT_EQ(conf.resolver.timeout.count(), 2000);
  EXPECT_EQ(conf.resolver.tries, 2U);
  EXPECT_EQ(conf.resolver.cache_size, 4096U);
  EXPECT_EQ(conf.resolver.max_ttl, std::chrono::hours(24));
  EXPECT_EQ(conf.resolver.negative_ttl.count(), 30);
}

TEST(MissiveConf, IsOptional) {
  auto name = (fs::temp_directory_path() / "missive-conf-XXXXXX").string();
  const fs::path folder = ::mkdtemp(name.data());
  Problems problems;
  const auto conf = MissiveConf::load(folder, problems);
  fs::remove(folder);
  ASSERT_TRUE(conf);
  EXPECT_THAT(problems, IsEmpty());
  expect_defaults(*conf);
}

TEST(MissiveConf, ReadsEveryOption) {
  Problems problems;
  const auto conf = from_text(
      "[general]\nshards = 3\nlog_level = Debug\n"
      "[ami]\nbanner = Asterisk Call Manager/11.0.0\nasterisk_version = 22.1.0\n"
      "max_line = 128k\nmax_headers = 20\nmax_action = 256k\nmax_sessions = 5\n"
      "max_unsent = 64k\n"
      "[sip]\nmax_message_size = 1M\ncontact_header = no\nmax_transactions = 1000\n"
      "tcp_connect_timeout = 100\ntcp_idle_timeout = 0\n",
      problems);
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_EQ(conf.general.shards, 3U);
  EXPECT_EQ(conf.general.log_level, "debug");
  EXPECT_EQ(conf.ami.banner, "Asterisk Call Manager/11.0.0");
  EXPECT_EQ(conf.ami.asterisk_version, "22.1.0");
  EXPECT_EQ(conf.ami.max_line, 131'072U);
  EXPECT_EQ(conf.ami.max_headers, 20U);
  EXPECT_EQ(conf.ami.max_action, 262'144U);
  EXPECT_EQ(conf.ami.max_sessions, 5U);
  EXPECT_EQ(conf.ami.max_unsent, 65'536U);
  EXPECT_EQ(conf.sip.max_message_size, 1'048'576U);
  EXPECT_FALSE(conf.sip.contact_header);
  EXPECT_EQ(conf.sip.max_transactions, 1000U);
  EXPECT_EQ(conf.sip.tcp_connect_timeout.count(), 100);
  EXPECT_EQ(conf.sip.tcp_idle_timeout.count(), 0);
}

TEST(MissiveConf, ReportsMistakes) {
  Problems problems;
  const auto conf = from_text(
      "[general]\nlog_level = loud\nshard = 3\n"
      "[ami]\nbanner =\nmax_line = 1k\n"
      "[pjsip]\nx = y\n",
      problems);
  std::vector<std::string> texts;
  for (const auto& problem : problems) texts.push_back(problem.str());
  EXPECT_THAT(
      texts,
      ElementsAre(
          "missive.conf:2: error: [general] log_level: 'loud' is none of debug, info, "
          "warning, error",
          "missive.conf:3: error: [general] unknown general option 'shard'; did you mean "
          "'shards'?",
          "missive.conf:5: error: [ami] banner: is empty; clients wait for a line like "
          "'Asterisk Call Manager/9.0.0'",
          "missive.conf:6: error: [ami] max_line: '1k' is no size from 98304 to 67108864 "
          "octets (k, M and G are understood)",
          "missive.conf:7: error: unknown section [pjsip]; there are [general], [ami], [sip], "
          "[messaging], [dialplan], [outbox] and [resolver]"));
  expect_defaults(conf);
}

TEST(MissiveConf, ReadsTheOutbox) {
  using Outbox = MissiveConf::Outbox;
  using std::chrono_literals::operator""s;
  Problems problems;
  const auto conf = from_text(
      "[outbox]\ndurability = Offline\nexpiry = 2d\nretry = 5s, 1m,2h\nhistory = 0\n"
      "max_messages = 500\nmax_per_recipient = 2\nmax_bytes = 2G\npipeline = 8\n"
      "flush_rate = 1000\nnotify_sender = failed\npass_receipts = yes\n",
      problems);
  EXPECT_THAT(problems, IsEmpty());
  const auto& outbox = conf.outbox;
  EXPECT_EQ(outbox.durability, Outbox::Durability::offline);
  EXPECT_EQ(outbox.expiry, 172'800s);
  EXPECT_THAT(outbox.retry, ElementsAre(5s, 60s, 7200s));
  EXPECT_EQ(outbox.history, 0s);
  EXPECT_EQ(outbox.max_messages, 500U);
  EXPECT_EQ(outbox.max_per_recipient, 2U);
  EXPECT_EQ(outbox.max_bytes, std::size_t{2} << 30);
  EXPECT_EQ(outbox.pipeline, 8U);
  EXPECT_EQ(outbox.flush_rate, 1000U);
  EXPECT_EQ(outbox.notify_sender, Outbox::Notify::failed);
  EXPECT_TRUE(outbox.pass_receipts);
}

TEST(MissiveConf, ReportsMistakesOfTheOutbox) {
  Problems problems;
  const auto conf = from_text(
      "[outbox]\ndurability = yes\nexpiry = 0\nretry = 30s, soon\nretry =\nretry = 31d\n"
      "max_per_recipient = 0\nmax_bytes = 1k\npipeline = 65\nflush_rate = 0\n"
      "notify_sender = yes\npass_receipts = failed\nhistroy = 1d\n",
      problems);
  std::vector<std::string> texts;
  for (const auto& problem : problems) texts.push_back(problem.str());
  EXPECT_THAT(
      texts,
      ElementsAre(
          "missive.conf:2: error: [outbox] durability: 'yes' is none of always, offline, off",
          "missive.conf:3: error: [outbox] expiry: '0' is no time from 1s to 3650d (as in 30, 30s, "
          "5m, 2h or 7d)",
          "missive.conf:4: error: [outbox] retry: 'soon' is no time from 1s to 30d (as in 30, 30s, "
          "5m, 2h or 7d)",
          "missive.conf:5: error: [outbox] retry: is empty; the gaps between attempts look like "
          "30s, 5m, 1h",
          "missive.conf:6: error: [outbox] retry: '31d' is no time from 1s to 30d (as in 30, 30s, "
          "5m, 2h or 7d)",
          "missive.conf:7: error: [outbox] max_per_recipient: '0' is no whole number from 1 to "
          "1000000000",
          "missive.conf:8: error: [outbox] max_bytes: '1k' is no size from 65536 to "
          "1125899906842624 octets (k, M and G are understood)",
          "missive.conf:9: error: [outbox] pipeline: '65' is no whole number from 1 to 64",
          "missive.conf:10: error: [outbox] flush_rate: '0' is no whole number from 1 to 100000",
          "missive.conf:11: error: [outbox] notify_sender: 'yes' is none of no, failed, asked, all",
          "missive.conf:12: error: [outbox] pass_receipts: 'failed' is neither yes nor no",
          "missive.conf:13: error: [outbox] unknown outbox option 'histroy'; did you mean "
          "'history'?"));
  expect_defaults(conf);
}

TEST(MissiveConf, ReadsTheResolver) {
  using std::chrono_literals::operator""s;
  using std::chrono_literals::operator""ms;
  Problems problems;
  const auto conf = from_text(
      "[resolver]\nnameservers = 192.0.2.1, [2001:db8::1]:5353\ntimeout = 500\ntries = 3\n"
      "cache_size = 0\nmax_ttl = 1h\nnegative_ttl = 5\n",
      problems);
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_THAT(conf.resolver.nameservers, ElementsAre("192.0.2.1", "[2001:db8::1]:5353"));
  EXPECT_EQ(conf.resolver.nameservers_at.str(), "missive.conf:2");
  EXPECT_EQ(conf.resolver.timeout, 500ms);
  EXPECT_EQ(conf.resolver.tries, 3U);
  EXPECT_EQ(conf.resolver.cache_size, 0U);
  EXPECT_EQ(conf.resolver.max_ttl, 3600s);
  EXPECT_EQ(conf.resolver.negative_ttl, 5s);
}

TEST(MissiveConf, ReportsMistakesOfTheResolver) {
  Problems problems;
  const auto conf = from_text(
      "[resolver]\ntimeout = 2s\ntries = 0\ncache_size = many\nmax_ttl = 0\n"
      "negative_ttl = 1d\nnameserver = 192.0.2.1\n",
      problems);
  std::vector<std::string> texts;
  for (const auto& problem : problems) texts.push_back(problem.str());
  EXPECT_THAT(
      texts,
      ElementsAre(
          "missive.conf:2: error: [resolver] timeout: '2s' is no whole number from 50 to 30000 "
          "milliseconds",
          "missive.conf:3: error: [resolver] tries: '0' is no whole number from 1 to 10",
          "missive.conf:4: error: [resolver] cache_size: 'many' is no whole number from 0 to "
          "1000000",
          "missive.conf:5: error: [resolver] max_ttl: '0' is no time from 1s to 7d (as in 30, 30s, "
          "5m, 2h or 7d)",
          "missive.conf:6: error: [resolver] negative_ttl: '1d' is no time from 1s to 3h (as in "
          "30, "
          "30s, 5m, 2h or 7d)",
          "missive.conf:7: error: [resolver] unknown resolver option 'nameserver'; did you mean "
          "'nameservers'?"));
  expect_defaults(conf);
}

TEST(MissiveConf, TheSampleShowsTheDefaults) {
  Problems problems;
  const auto folder = source_file("etc");
  ASSERT_TRUE(fs::exists(folder / "missive.conf"));
  const auto conf = MissiveConf::load(folder, problems);
  ASSERT_TRUE(conf);
  for (const auto& problem : problems) ADD_FAILURE() << problem.str();
  expect_defaults(*conf);
}

}  // namespace
}  // namespace missive::conf

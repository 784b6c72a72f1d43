// missive.conf.
//
//  1. a folder without the file gives the defaults and no problem
//  2. every option is read
//  3. mistakes are reported, the defaults stay
//  4. etc/missive.conf has no problem and says what the defaults are
#include "conf/missive_conf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

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
          "octets (k and M are understood)",
          "missive.conf:7: error: unknown section [pjsip]; there are [general], [ami], [sip], "
          "[messaging] and [dialplan]"));
  expect_defaults(conf);
}

TEST(MissiveConf, TheSampleShowsTheDefaults) {
  Problems problems;
  const auto folder = fs::path(MISSIVE_SOURCE_DIR) / "etc";
  ASSERT_TRUE(fs::exists(folder / "missive.conf"));
  const auto conf = MissiveConf::load(folder, problems);
  ASSERT_TRUE(conf);
  for (const auto& problem : problems) ADD_FAILURE() << problem.str();
  expect_defaults(*conf);
}

}  // namespace
}  // namespace missive::conf

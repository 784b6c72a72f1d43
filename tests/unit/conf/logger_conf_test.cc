// logger.conf.
//
// 1. files with their levels, the console, levels of calls, verbose(3), *
// 2. warnings: an unknown level, a format, syslog; the rest counts
// 3. no file, an empty one
#include "conf/logger_conf.h"

#include <gtest/gtest.h>

namespace missive::conf {
namespace {

using base::LogLevels;

LoggerConf read(std::string_view text, Problems& problems) {
  return LoggerConf::from(parse(text, "logger.conf", problems), problems);
}

TEST(LoggerConf, NamesFiles) {
  Problems problems;
  const auto conf = read(
      "[general]\ndateformat = %F %T\n[logfiles]\nconsole => warning\n"
      "messages => notice,WARNING,error,dtmf\n/tmp/full => verbose(3), debug\nall => *\n",
      problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(conf.console, LogLevels::warning);
  ASSERT_EQ(conf.files.size(), 3u);
  EXPECT_EQ(conf.files[0].name, "messages");
  EXPECT_EQ(conf.files[0].levels, LogLevels::notice | LogLevels::warning | LogLevels::error);
  EXPECT_EQ(conf.files[0].where.str(), "logger.conf:5");
  EXPECT_EQ(conf.files[1].levels, LogLevels::verbose | LogLevels::debug);
  EXPECT_EQ(conf.files[2].levels, LogLevels::all);
}

TEST(LoggerConf, WarnsOfTheRest) {
  Problems problems;
  const auto conf = read(
      "[logfiles]\na => loud,error\nb => [json]error\nc => [default]error\nsyslog.local0 => "
      "error\n",
      problems);
  ASSERT_EQ(problems.size(), 3u);
  EXPECT_FALSE(has_errors(problems));
  EXPECT_EQ(problems[0].where.str(), "logger.conf:2");
  EXPECT_NE(problems[0].text.find("'loud'"), std::string::npos);
  ASSERT_EQ(conf.files.size(), 3u);
  for (const auto& file : conf.files) EXPECT_EQ(file.levels, LogLevels::error) << file.name;
}

TEST(LoggerConf, MayBeMissing) {
  Problems problems;
  const auto none = LoggerConf::load("/nowhere/at/all", problems);
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->files.empty());
  EXPECT_FALSE(read("", problems).console);
  EXPECT_TRUE(problems.empty());
}

}  // namespace
}  // namespace missive::conf

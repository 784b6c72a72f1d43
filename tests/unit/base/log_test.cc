// Where the log goes.
//
// 1. names of levels, with and without case; sets of them
// 2. a file gets the levels it is for; rotation gives it a new one and numbers the old ones
// 3. entries that no channel wants are not made
// 4. a file that cannot be written is an error
#include "base/log.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "base/log_channels.h"
#include "unit/store/temporary_folder.h"

namespace missive::base {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

std::string text_of(const std::string& file) {
  std::ostringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}

TEST(LogLevels, HaveNames) {
  EXPECT_EQ(log_level_named("warning"), LogLevels::warning);
  EXPECT_EQ(log_level_named("*"), LogLevels::all);
  EXPECT_FALSE(log_level_named("loud"));
  EXPECT_EQ(log_level_names(LogLevels::error | LogLevels::notice), "NOTICE ERROR ");
  EXPECT_EQ(log_level_names(LogLevels::none), "");
  EXPECT_FALSE(any_of(without(LogLevels::all, LogLevels::debug), LogLevels::debug));
}

TEST(Log, RotatesItsFiles) {
  const store::test::TemporaryFolder folder;
  const auto file = folder.file("logs/messages");
  ASSERT_TRUE(set_up_log("off"));
  EXPECT_FALSE(spdlog::should_log(spdlog::level::err));
  ASSERT_TRUE(add_log_file(file, LogLevels::warning | LogLevels::error));
  EXPECT_FALSE(spdlog::should_log(spdlog::level::info));
  log::warning("first");
  log::info("not for it");
  EXPECT_THAT(text_of(file), EndsWith("warning first\n"));
  ASSERT_TRUE(rotate_logs());
  log::error("second");
  ASSERT_TRUE(rotate_logs());
  log::error("third");
  EXPECT_THAT(text_of(file), HasSubstr("third"));
  EXPECT_THAT(text_of(file), Not(HasSubstr("second")));
  EXPECT_THAT(text_of(file + ".0"), HasSubstr("first"));
  EXPECT_THAT(text_of(file + ".1"), HasSubstr("second"));

  const auto channels = log_channels();
  ASSERT_EQ(channels.size(), 2u);
  EXPECT_EQ(channels[0].name, "Console");
  EXPECT_EQ(channels[1].name, file);
  EXPECT_EQ(log_level_names(channels[1].levels), "WARNING ERROR ");
  EXPECT_FALSE(add_log_file(folder.file("logs"), LogLevels::all)) << "that is a folder";
}

}  // namespace
}  // namespace missive::base

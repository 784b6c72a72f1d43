#include "conf/logger_conf.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace missive::conf {
namespace {

using base::LogLevels;

constexpr std::string_view file_name = "logger.conf";
constexpr auto of_calls = std::to_array<std::string_view>({"dtmf", "fax", "security"});

void warn(Problems& problems, const Option& option, std::string text) {
  problems.push_back({Problem::Severity::warning, option.where, std::move(text)});
}

// Without the format before it, "[json]warning,error".
std::string_view levels_part(const Option& option, Problems& problems) {
  const std::string_view value = option.value;
  if (!value.starts_with('[')) return value;
  const auto end = std::min(value.find(']'), value.size() - 1);
  if (const auto format = value.substr(1, end - 1); !base::iequals(format, "default")) {
    warn(problems, option,
         fmt::format("'{}': the format [{}] is not known; lines are written as usual", option.name,
                     base::printable(format, 40)));
  }
  return value.substr(end + 1);
}

LogLevels read_levels(const Option& option, Problems& problems) {
  auto levels = LogLevels::none;
  for (const auto word : base::split_list(levels_part(option, problems))) {
    const auto name = word.substr(0, word.find('('));
    if (const auto level = base::log_level_named(name)) {
      levels = levels | *level;
    } else if (std::none_of(of_calls.begin(), of_calls.end(), [name](std::string_view known) {
                 return base::iequals(known, name);
               })) {
      warn(problems, option,
           fmt::format("'{}': there is no level '{}'; debug, notice, warning, error, verbose or * "
                       "would be right",
                       option.name, base::printable(word, 40)));
    }
  }
  return levels;
}

}  // namespace

base::Result<LoggerConf> LoggerConf::load(const std::filesystem::path& folder, Problems& problems) {
  std::error_code missing;
  if (!std::filesystem::exists(folder / file_name, missing) && !missing) return LoggerConf{};
  return conf::load(folder, file_name, problems).map([&problems](const File& file) {
    return from(file, problems);
  });
}

LoggerConf LoggerConf::from(const File& file, Problems& problems) {
  LoggerConf out;
  const auto* section = file.find("logfiles");
  if (section == nullptr) return out;
  for (const auto& option : section->options) {
    if (base::istarts_with(option.name, "syslog")) {
      warn(problems, option, "there is no syslog channel; the log of standard error is journald's");
      continue;
    }
    const auto levels = read_levels(option, problems);
    if (base::iequals(option.name, "console")) {
      out.console = levels;
    } else {
      out.files.push_back({option.name, levels, option.where});
    }
  }
  return out;
}

}  // namespace missive::conf

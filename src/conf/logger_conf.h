// logger.conf: the files that the log goes to besides standard error.
//
//   [logfiles]
//   console => notice,warning,error
//   messages => notice,warning,error,verbose
//   /var/log/missive/debug => debug
//
// The file is optional. A plain value, read at start. Levels of what this server does not have
// (dtmf, fax, security) are accepted without effect, as is the number in verbose(3). What is wrong
// goes to `problems`; syslog and other formats than the default are warnings.
// Source: Asterisk documentation, logger.conf.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/log_channels.h"
#include "base/result.h"
#include "conf/conf.h"

namespace missive::conf {

struct LoggerConf {
  struct LogFile {
    std::string name;  // a path, or a name in the folder of logs
    base::LogLevels levels = base::LogLevels::none;
    Location where;
  };
  std::vector<LogFile> files;
  std::optional<base::LogLevels> console;  // of standard error; not set: as missive.conf has it

  static base::Result<LoggerConf> load(const std::filesystem::path& folder, Problems& problems);
  static LoggerConf from(const File& file, Problems& problems);
};

}  // namespace missive::conf

// asterisk.conf: of all it may hold, what this server has a use for.
//
// The file is optional and is read at the start only, as by Asterisk. Options of calls, modules and
// folders are accepted without effect. A plain value.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "conf/conf.h"

namespace missive::conf {

struct AsteriskConf {
  std::string system_name;  // [options] systemname: in every AMI event, if it is set

  // Fails only where the file is there and unreadable.
  static base::Result<AsteriskConf> load(const std::filesystem::path& folder, Problems& problems);
};

}  // namespace missive::conf

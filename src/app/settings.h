// All configuration files of a folder, read and checked together.
//
// Each part is immutable and shared. Either everything is sound or there are no Settings;
// `problems` holds what is wrong (and the warnings), with file and line.
#pragma once

#include <filesystem>
#include <memory>

#include "ami/configuration.h"
#include "conf/missive_conf.h"
#include "dialplan/dialplan.h"
#include "http/configuration.h"
#include "net/resolver.h"
#include "pjsip/configuration.h"

namespace missive::app {

struct Settings {
  std::filesystem::path folder;
  conf::MissiveConf missive;
  std::shared_ptr<const ami::Configuration> ami;
  std::shared_ptr<const http::Configuration> http;
  std::shared_ptr<const pjsip::Configuration> pjsip;
  std::shared_ptr<const pjsip::Configuration> chan_sip;  // none: there is no sip.conf
  std::shared_ptr<const dialplan::Dialplan> dialplan;
  net::ResolverOptions resolver;

  // The error is one line: the first problem, or the file that cannot be read.
  static base::Result<Settings> load(const std::filesystem::path& folder, conf::Problems& problems);
};

}  // namespace missive::app

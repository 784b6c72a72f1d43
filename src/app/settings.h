// All configuration files of a folder, read and checked together.
//
// Each part is immutable and shared. Either everything is sound or there are no Settings;
// `problems` holds what is wrong (and the warnings), with file and line.
#pragma once

#include <filesystem>
#include <memory>

#include "ami/configuration.h"
#include "conf/asterisk_conf.h"
#include "conf/logger_conf.h"
#include "conf/missive_conf.h"
#include "dialplan/dialplan.h"
#include "http/configuration.h"
#include "net/resolver.h"
#include "pjsip/configuration.h"
#include "xmpp/configuration.h"

namespace missive::app {

struct Settings {
  std::filesystem::path folder;
  conf::MissiveConf missive;
  conf::AsteriskConf asterisk;
  conf::LoggerConf logger;
  std::shared_ptr<const ami::Configuration> ami;
  std::shared_ptr<const http::Configuration> http;
  std::shared_ptr<const pjsip::Configuration> pjsip;
  std::shared_ptr<const pjsip::Configuration> chan_sip;  // none: there is no sip.conf
  std::shared_ptr<const xmpp::Configuration> xmpp;
  std::shared_ptr<const dialplan::Dialplan> dialplan;
  net::ResolverOptions resolver;

  // What can be read anew by itself.
  enum class Section { all, manager, http, pjsip, chan_sip, xmpp, resolver, dialplan };

  // The error is one line: the first problem, or the file that cannot be read.
  static base::Result<Settings> load(const std::filesystem::path& folder, conf::Problems& problems);
  // That section anew, the others as they are here; missive.conf, asterisk.conf
  // and logger.conf are not read again.
  base::Result<Settings> reload(Section section, conf::Problems& problems) const;

 private:
  void read_missive(conf::Problems& problems);
  void read_asterisk(conf::Problems& problems);
  void read_logger(conf::Problems& problems);
  void read(Section section, conf::Problems& problems);
};

// A line each, warnings and errors by their level.
void log_problems(const conf::Problems& problems);

}  // namespace missive::app

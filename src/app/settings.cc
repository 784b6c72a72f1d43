#include "app/settings.h"

#include <algorithm>

#include "base/log.h"
#include "chan_sip/load.h"
#include "dialplan/tables.h"
#include "net/resolver_conf.h"

namespace missive::app {
namespace {

// A file that cannot be read becomes a problem like the others, so that all are told at once.
template <class T>
T take(base::Result<T> loaded, conf::Problems& problems) {
  if (loaded) return std::move(*loaded);
  if (!conf::has_errors(problems)) {
    problems.push_back({conf::Problem::Severity::error, {}, loaded.error().text});
  }
  return T{};
}

using SipConfiguration = std::shared_ptr<const pjsip::Configuration>;

// Nothing where there is no sip.conf, or it is not wanted.
base::Result<SipConfiguration> load_chan_sip(const std::filesystem::path& folder,
                                             const conf::MissiveConf& missive,
                                             conf::Problems& problems) {
  if (!missive.sip.sip_conf || !std::filesystem::exists(folder / "sip.conf")) {
    return SipConfiguration{};
  }
  return chan_sip::load(folder, problems);
}

// Who comes with nothing but a sip.conf needs no pjsip.conf.
base::Result<SipConfiguration> load_pjsip(const std::filesystem::path& folder, bool has_sip_conf,
                                          conf::Problems& problems) {
  if (has_sip_conf && !std::filesystem::exists(folder / "pjsip.conf")) {
    return pjsip::Configuration::make({});
  }
  return pjsip::Configuration::load(folder, problems);
}

base::Result<Settings> sound(Settings settings, const conf::Problems& problems) {
  const auto first =
      std::find_if(problems.begin(), problems.end(), [](const conf::Problem& problem) {
        return problem.severity == conf::Problem::Severity::error;
      });
  if (first != problems.end()) return base::fail("{}", first->str());
  return settings;
}

base::Result<void> check(const std::filesystem::path& folder) {
  std::error_code failed;
  if (std::filesystem::is_directory(folder, failed)) return {};
  return base::fail("{}: no such folder; --config names the one with manager.conf and pjsip.conf",
                    folder.string());
}

}  // namespace

void Settings::read_missive(conf::Problems& problems) {
  missive = take(conf::MissiveConf::load(folder, problems), problems);
}
void Settings::read_asterisk(conf::Problems& problems) {
  asterisk = take(conf::AsteriskConf::load(folder, problems), problems);
}
void Settings::read_logger(conf::Problems& problems) {
  logger = take(conf::LoggerConf::load(folder, problems), problems);
}

void Settings::read(Section section, conf::Problems& problems) {
  // Each file's problems are its own; then they are told together.
  const auto load = [&](Section which, auto& into, auto read_file) {
    if (section != Section::all && section != which) return;
    conf::Problems own;
    into = take(read_file(own), own);
    problems.insert(problems.end(), own.begin(), own.end());
  };
  load(Section::manager, ami, [&](auto& own) { return ami::Configuration::load(folder, own); });
  load(Section::http, http, [&](auto& own) { return http::Configuration::load(folder, own); });
  load(Section::chan_sip, chan_sip, [&](auto& own) { return load_chan_sip(folder, missive, own); });
  load(Section::pjsip, pjsip,
       [&](auto& own) { return load_pjsip(folder, chan_sip != nullptr, own); });
  load(Section::xmpp, xmpp, [&](auto& own) { return xmpp::Configuration::load(folder, own); });
  load(Section::resolver, resolver,
       [&](auto& own) { return net::load_resolver_options(folder, missive, own); });
  load(Section::dialplan, dialplan, [&](auto& own) {
    return dialplan::Dialplan::load(folder, dialplan::all_applications(), dialplan::all_functions(),
                                    own);
  });
}

base::Result<Settings> Settings::load(const std::filesystem::path& folder,
                                      conf::Problems& problems) {
  if (auto there = check(folder); !there) return tl::unexpected(there.error());
  Settings out;
  out.folder = folder;
  for (const auto& read_once :
       {&Settings::read_missive, &Settings::read_asterisk, &Settings::read_logger}) {
    conf::Problems own;
    (out.*read_once)(own);
    problems.insert(problems.end(), own.begin(), own.end());
  }
  out.read(Section::all, problems);
  return sound(std::move(out), problems);
}

base::Result<Settings> Settings::reload(Section section, conf::Problems& problems) const {
  if (auto there = check(folder); !there) return tl::unexpected(there.error());
  auto out = *this;
  out.read(section, problems);
  return sound(std::move(out), problems);
}

void log_problems(const conf::Problems& problems) {
  for (const auto& problem : problems) {
    if (problem.severity == conf::Problem::Severity::error) {
      log::error("{}", problem.str());
    } else {
      log::warning("{}", problem.str());
    }
  }
}

}  // namespace missive::app

#include "app/settings.h"

#include <algorithm>

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

}  // namespace

base::Result<Settings> Settings::load(const std::filesystem::path& folder,
                                      conf::Problems& problems) {
  if (std::error_code failed; !std::filesystem::is_directory(folder, failed)) {
    return base::fail("{}: no such folder; --config names the one with manager.conf and pjsip.conf",
                      folder.string());
  }
  Settings out;
  out.folder = folder;
  const auto read = [&problems](auto load) {
    conf::Problems own;
    auto value = take(load(own), own);
    problems.insert(problems.end(), own.begin(), own.end());
    return value;
  };
  out.missive = read([&](auto& own) { return conf::MissiveConf::load(folder, own); });
  out.ami = read([&](auto& own) { return ami::Configuration::load(folder, own); });
  out.http = read([&](auto& own) { return http::Configuration::load(folder, own); });
  out.chan_sip = read([&](auto& own) { return load_chan_sip(folder, out.missive, own); });
  // Who comes with nothing but a sip.conf needs no pjsip.conf.
  const bool only_sip = out.chan_sip && !std::filesystem::exists(folder / "pjsip.conf");
  out.pjsip = only_sip ? pjsip::Configuration::make({})
                       : read([&](auto& own) { return pjsip::Configuration::load(folder, own); });
  out.resolver =
      read([&](auto& own) { return net::load_resolver_options(folder, out.missive, own); });
  out.dialplan = read([&](auto& own) {
    return dialplan::Dialplan::load(folder, dialplan::all_applications(), dialplan::all_functions(),
                                    own);
  });
  const auto first =
      std::find_if(problems.begin(), problems.end(), [](const conf::Problem& problem) {
        return problem.severity == conf::Problem::Severity::error;
      });
  if (first != problems.end()) return base::fail("{}", first->str());
  return out;
}

}  // namespace missive::app

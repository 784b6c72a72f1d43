#include "app/settings.h"

#include <algorithm>

#include "dialplan/tables.h"

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

}  // namespace

base::Result<Settings> Settings::load(const std::filesystem::path& folder,
                                      conf::Problems& problems) {
  if (std::error_code failed; !std::filesystem::is_directory(folder, failed)) {
    return base::fail("{}: no such folder; --config names the one with manager.conf and pjsip.conf",
                      folder.string());
  }
  Settings out;
  const auto read = [&problems](auto load) {
    conf::Problems own;
    auto value = take(load(own), own);
    problems.insert(problems.end(), own.begin(), own.end());
    return value;
  };
  out.missive = read([&](auto& own) { return conf::MissiveConf::load(folder, own); });
  out.ami = read([&](auto& own) { return ami::Configuration::load(folder, own); });
  out.pjsip = read([&](auto& own) { return pjsip::Configuration::load(folder, own); });
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

#include <fmt/format.h>

#include <cstdio>

#include "app/commands.h"
#include "app/settings.h"

namespace missive::app {

int complain(const std::string& text) {
  fmt::print(stderr, "missive: {}\n", text);
  return 1;
}

int check(const CheckOptions& options) {
  conf::Problems problems;
  const auto settings = Settings::load(options.config, problems);
  for (const auto& problem : problems) fmt::print("{}\n", problem.str());
  if (!settings) {
    if (!conf::has_errors(problems)) return complain(settings.error().text);
    return 1;
  }
  fmt::print("{}: {} endpoints, {} AORs, {} transports, {} manager users: {}\n",
             options.config.string(), settings->pjsip->endpoints().size(),
             settings->pjsip->aors().size(), settings->pjsip->transports().size(),
             settings->ami->users.size(),
             problems.empty() ? "no problem" : "good to run, with the warnings above");
  return 0;
}

}  // namespace missive::app

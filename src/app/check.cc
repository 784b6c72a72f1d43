#include <fmt/format.h>

#include <cstdio>

#include "app/commands.h"
#include "app/settings.h"
#include "app/sip_transports.h"
#include "base/text.h"
#include "store/inspect.h"

namespace missive::app {

int complain(const std::string& text) {
  fmt::print(stderr, "missive: {}\n", text);
  return 1;
}

namespace {

// What the server would find only when it opens its transports.
bool check_certificates(const Settings& settings) {
  bool good = true;
  for (const auto& configuration : {settings.pjsip, settings.chan_sip}) {
    if (configuration == nullptr) continue;
    for (const auto& transport : configuration->transports()) {
      if (transport.flow || transport.protocol != sip::Protocol::tls) continue;
      const auto made = net::TlsContext::create(SipTransports::tls_options(settings, transport));
      if (made) continue;
      fmt::print("{}: error: transport '{}': {}\n", transport.where.str(), transport.name,
                 made.error().text);
      good = false;
    }
  }
  return good;
}

bool check_config(const std::filesystem::path& folder) {
  conf::Problems problems;
  const auto settings = Settings::load(folder, problems);
  for (const auto& problem : problems) fmt::print("{}\n", problem.str());
  if (!settings) {
    if (!conf::has_errors(problems)) complain(settings.error().text);
    return false;
  }
  if (!check_certificates(*settings)) return false;
  const auto accounts = settings->xmpp->accounts().size();
  fmt::print("{}: {}, {}, {}, {}{}: {}\n", folder.string(),
             base::counted(settings->pjsip->endpoints().size(), "endpoint"),
             base::counted(settings->pjsip->aors().size(), "AOR"),
             base::counted(settings->pjsip->transports().size(), "transport"),
             base::counted(settings->ami->users.size(), "manager user"),
             accounts > 0 ? ", " + base::counted(accounts, "XMPP account") : "",
             problems.empty() ? "no problem" : "good to run, with the warnings above");
  return true;
}

bool check_state(const std::filesystem::path& folder) {
  using Found = store::Inspection::Found;
  const auto file = (folder / "missive.db").string();
  const auto seen = store::inspect(file);
  if (!seen) {
    complain(seen.error().text);
    return false;
  }
  if (seen->found == Found::nothing) {
    fmt::print("{}: not there yet, the server makes it when it starts\n", file);
  } else if (seen->found == Found::in_use) {
    fmt::print("{}: in use by a running server; not looked at\n", file);
  } else {
    fmt::print("{}: sound, schema {}{}; {} waiting, {} kept\n", file, seen->schema,
               seen->schema < seen->newest
                   ? fmt::format(" (the server makes it {} when it starts)", seen->newest)
                   : "",
               base::counted(seen->waiting, "message"), base::counted(seen->outcomes, "outcome"));
  }
  return true;
}

}  // namespace

int check(const CheckOptions& options) {
  bool good = check_config(options.config);
  if (!options.state.empty()) good = check_state(options.state) && good;
  return good ? 0 : 1;
}

}  // namespace missive::app

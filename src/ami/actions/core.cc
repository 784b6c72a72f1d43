// Ping, ListCommands, CoreStatus, CoreSettings.
#include <fmt/format.h>

#include <algorithm>

#include "ami/action.h"
#include "ami/actions/handlers.h"
#include "ami/wire.h"
#include "base/text.h"
#include "console/host.h"

namespace missive::ami::actions {

void ping(Session& session, const ActionView& action) {
  auto& out = session.output();
  begin_reply(out, "Success", action.id());
  append_header(out, "Ping", "Pong");
  append_header(out, "Timestamp", epoch_text(session.environment().shared.clock.wall()));
  end_packet(out);
}

void list_commands(Session& session, const ActionView& action) {
  const auto& shared = session.environment().shared;
  auto& out = session.output();
  begin_reply(out, "Success", action.id());
  for (const auto& each : all_actions()) {
    if (!is_there(each, shared) || !may_run(each, *session.user())) continue;
    append_header(out, each.name,
                  fmt::format("{}  (Priv: {})", each.synopsis, privilege_text(each.privilege)));
  }
  end_packet(out);
}

namespace {

// CoreProcessedCalls came with 20.12, 21.7 and 22.2.
bool tells_processed_calls(std::string_view version) {
  constexpr std::string_view certified = "certified-";
  if (version.starts_with(certified)) version.remove_prefix(certified.size());
  const auto dot = version.find('.');
  const auto major = base::parse_number<int>(version.substr(0, dot)).value_or(0);
  if (dot == std::string_view::npos || major < 20 || major > 22) return major > 22;
  version.remove_prefix(dot + 1);
  const auto end = std::find_if_not(version.begin(), version.end(), base::is_digit);
  const auto minor = base::parse_number<int>(std::string_view(version.begin(), end)).value_or(0);
  return minor >= (major == 20 ? 12 : major == 21 ? 7 : 2);
}

}  // namespace

void core_status(Session& session, const ActionView& action) {
  const auto& shared = session.environment().shared;
  auto& out = session.output();
  begin_reply(out, "Success", action.id());
  append_header(out, "CoreStartupDate", date_text(shared.started));
  append_header(out, "CoreStartupTime", time_text(shared.started));
  append_header(out, "CoreReloadDate", date_text(shared.reloaded));
  append_header(out, "CoreReloadTime", time_text(shared.reloaded));
  append_header(out, "CoreCurrentCalls", "0");
  if (tells_processed_calls(shared.limits.asterisk_version)) {
    const auto count = shared.host != nullptr ? shared.host->messages_run() : 0;
    append_header(out, "CoreProcessedCalls", fmt::to_string(count));
  }
  end_packet(out);
}

void core_settings(Session& session, const ActionView& action) {
  const auto& shared = session.environment().shared;
  const auto& limits = shared.limits;
  const std::string_view banner = limits.banner;
  auto& out = session.output();
  begin_reply(out, "Success", action.id());
  append_header(out, "AMIversion", banner.substr(banner.find('/') + 1));
  append_header(out, "AsteriskVersion", limits.asterisk_version);
  append_header(out, "SystemName", shared.events.system_name());
  append_header(out, "CoreMaxCalls", "0");
  append_header(out, "CoreMaxLoadAvg", "0.000000");
  append_header(out, "CoreRunUser", "");
  append_header(out, "CoreRunGroup", "");
  append_header(out, "CoreMaxFilehandles", "0");
  append_header(out, "CoreRealTimeEnabled", "No");
  append_header(out, "CoreCDRenabled", "No");
  append_header(out, "CoreHTTPenabled",
                session.environment().configuration->web_enabled ? "Yes" : "No");
  append_header(out, "SoundsSearchCustomDir", "No");
  end_packet(out);
}

}  // namespace missive::ami::actions

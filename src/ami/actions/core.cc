// Ping, ListCommands, CoreStatus, CoreSettings.
#include <fmt/format.h>

#include "ami/action.h"
#include "ami/actions/handlers.h"
#include "ami/wire.h"

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

void core_status(Session& session, const ActionView& action) {
  const auto& shared = session.environment().shared;
  auto& out = session.output();
  begin_reply(out, "Success", action.id());
  append_header(out, "CoreStartupDate", date_text(shared.started));
  append_header(out, "CoreStartupTime", time_text(shared.started));
  append_header(out, "CoreReloadDate", date_text(shared.reloaded));
  append_header(out, "CoreReloadTime", time_text(shared.reloaded));
  append_header(out, "CoreCurrentCalls", "0");
  end_packet(out);
}

void core_settings(Session& session, const ActionView& action) {
  const auto& limits = session.environment().shared.limits;
  const std::string_view banner = limits.banner;
  auto& out = session.output();
  begin_reply(out, "Success", action.id());
  append_header(out, "AMIversion", banner.substr(banner.find('/') + 1));
  append_header(out, "AsteriskVersion", limits.asterisk_version);
  append_header(out, "SystemName", "");
  append_header(out, "CoreMaxCalls", "0");
  append_header(out, "CoreMaxLoadAvg", "0.000000");
  append_header(out, "CoreRunUser", "");
  append_header(out, "CoreRunGroup", "");
  append_header(out, "CoreMaxFilehandles", "0");
  append_header(out, "CoreRealTimeEnabled", "No");
  append_header(out, "CoreCDRenabled", "No");
  append_header(out, "CoreHTTPenabled", "No");
  append_header(out, "SoundsSearchCustomDir", "No");
  end_packet(out);
}

}  // namespace missive::ami::actions

#include "console/commands/parts.h"

namespace missive::console {

void add_all_commands(Registry& registry, Environment& environment) {
  add_core_commands(registry, environment);
  add_database_commands(registry, environment);
  add_dialplan_commands(registry, environment);
  add_http_commands(registry, environment);
  add_logger_commands(registry, environment);
  add_message_commands(registry, environment);
  add_module_commands(registry, environment);
  add_pjsip_orders(registry, environment);
  add_pjsip_show_commands(registry, environment);
  add_pjsip_trace_commands(registry, environment);
  if (environment.chan_sip != nullptr) add_sip_commands(registry, environment);
  add_xmpp_commands(registry, environment);
}

}  // namespace missive::console

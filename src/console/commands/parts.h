// The commands of the console itself, by group: each function adds its own to the registry.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "console/environment.h"
#include "console/registry.h"

namespace missive::console {

void add_core_commands(Registry& registry, Environment& environment);
void add_database_commands(Registry& registry, Environment& environment);
void add_dialplan_commands(Registry& registry, Environment& environment);
void add_http_commands(Registry& registry, Environment& environment);
void add_logger_commands(Registry& registry, Environment& environment);
void add_message_commands(Registry& registry, Environment& environment);
void add_module_commands(Registry& registry, Environment& environment);
void add_pjsip_orders(Registry& registry, Environment& environment);
void add_pjsip_show_commands(Registry& registry, Environment& environment);
void add_pjsip_trace_commands(Registry& registry, Environment& environment);
void add_sip_commands(Registry& registry, Environment& environment);  // with a sip.conf only
void add_xmpp_commands(Registry& registry, Environment& environment);

void add_all_commands(Registry& registry, Environment& environment);

// Reads the modules of those names anew, or everything where there is none; says `done` of each,
// "{}" being its name.
void reload(Environment& environment, std::vector<std::string> modules, std::string_view done,
            Answer answer);

}  // namespace missive::console

#include <algorithm>
#include <array>

#include "ami/action.h"
#include "ami/actions/handlers.h"
#include "ami/environment.h"

namespace missive::ami {
namespace {

constexpr Class core = Class::system | Class::reporting;

constexpr std::array table{
    Action{"Challenge", "Generate Challenge for MD5 Auth.", Class::none, true, actions::challenge},
    Action{"Command", "Execute Asterisk CLI Command.", Class::command, false, actions::command},
    Action{"CoreSettings", "Show PBX core settings (version etc).", core, false,
           actions::core_settings},
    Action{"CoreStatus", "Show PBX core status variables.", core, false, actions::core_status},
    Action{"Events", "Control Event Flow.", Class::none, false, actions::events},
    Action{"Filter", "Dynamically add filters for the current manager session.", Class::system,
           false, actions::filter},
    Action{"ListCommands", "List available manager commands.", Class::none, false,
           actions::list_commands},
    Action{"Login", "Login Manager.", Class::none, true, actions::login},
    Action{"Logoff", "Logoff Manager.", Class::none, true, actions::logoff},
    Action{"MessageCancel", "Take back a message that waits for its recipient.", Class::message,
           false, actions::message_cancel},
    Action{"MessageList", "List the messages of the outbox and their outcomes.", Class::message,
           false, actions::message_list},
    Action{"MessageRetry", "Try again now to deliver what waits.", Class::message, false,
           actions::message_retry},
    Action{"MessageSend", "Send an out of call message to an endpoint.", Class::message, false,
           actions::message_send},
    Action{"MessageStatus", "Show what has become of a message.", Class::message, false,
           actions::message_status},
    Action{"Ping", "Keepalive command.", Class::none, false, actions::ping},
    Action{"PJSIPRegister", "Register an outbound registration.", core, false,
           actions::pjsip_register},
    Action{"PJSIPShowRegistrationsOutbound", "Lists PJSIP outbound registrations.", core, false,
           actions::pjsip_show_registrations_outbound},
    Action{"PJSIPUnregister", "Unregister an outbound registration.", core, false,
           actions::pjsip_unregister},
    Action{"SIPnotify", "Send a SIP notify.", Class::system, false, actions::sip_notify, true},
    Action{"SIPpeers", "List SIP peers (text format).", core, false, actions::sip_peers, true},
    Action{"SIPpeerstatus", "Show the status of one or all of the sip peers.", Class::system, false,
           actions::sip_peer_status, true},
    Action{"SIPqualifypeer", "Qualify SIP peers.", core, false, actions::sip_qualify_peer, true},
    Action{"SIPshowpeer", "show SIP peer (text format).", core, false, actions::sip_show_peer,
           true},
    Action{"SIPshowregistry", "Show SIP registrations (text format).", core, false,
           actions::sip_show_registry, true},
    Action{"UserEvent", "Send an arbitrary event.", Class::user, false, actions::user_event},
    Action{"WaitEvent", "Wait for an event to occur.", Class::none, false, actions::wait_event},
};

}  // namespace

std::span<const Action> all_actions() { return table; }

const Action* find_action(std::string_view name) {
  const auto* found = std::find_if(table.begin(), table.end(), [name](const Action& action) {
    return same_name(action.name, name);
  });
  return found == table.end() ? nullptr : found;
}

bool is_there(const Action& action, const Shared& shared) {
  return !action.of_chan_sip || shared.chan_sip != nullptr;
}

bool may_run(const Action& action, const User& user) {
  return !any(action.privilege) || any(action.privilege & user.write);
}

}  // namespace missive::ami

#include <algorithm>
#include <array>

#include "ami/action.h"
#include "ami/actions/handlers.h"
#include "ami/environment.h"

namespace missive::ami {
namespace {

constexpr Class core = Class::system | Class::reporting;
constexpr Class read_config = Class::system | Class::config;
constexpr Class call = Class::call | Class::reporting;

constexpr std::array table{
    Action{"Challenge", "Generate Challenge for MD5 Auth.", Class::none, true, actions::challenge},
    Action{"Command", "Execute Asterisk CLI Command.", Class::command, false, actions::command},
    Action{"CoreSettings", "Show PBX core settings (version etc).", core, false,
           actions::core_settings},
    Action{"CoreShowChannelMap", "List all channels connected to the specified channel.", core,
           false, actions::core_show_channel_map},
    Action{"CoreShowChannels", "List currently active channels.", core, false,
           actions::core_show_channels},
    Action{"CoreStatus", "Show PBX core status variables.", core, false, actions::core_status},
    Action{"CreateConfig", "Creates an empty file in the configuration directory.", Class::config,
           false, actions::create_config},
    Action{"DBDel", "Delete DB entry.", Class::system, false, actions::db_del},
    Action{"DBDelTree", "Delete DB Tree.", Class::system, false, actions::db_del_tree},
    Action{"DBGet", "Get DB Entry.", core, false, actions::db_get},
    Action{"DBGetTree", "Get DB entries, optionally at a particular family/key", core, false,
           actions::db_get_tree},
    Action{"DBPut", "Put DB entry.", Class::system, false, actions::db_put},
    Action{"DeviceStateList", "List the current known device states.", call, false,
           actions::device_state_list},
    Action{"DialplanExtensionAdd", "Add an extension to the dialplan", Class::system, false,
           actions::dialplan_extension_add},
    Action{"DialplanExtensionRemove", "Remove an extension from the dialplan", Class::system, false,
           actions::dialplan_extension_remove},
    Action{"Events", "Control Event Flow.", Class::none, false, actions::events},
    Action{"ExtensionState", "Check Extension Status.", call, false, actions::extension_state},
    Action{"ExtensionStateList", "List the current known extension states.", call, false,
           actions::extension_state_list},
    Action{"Filter", "Dynamically add filters for the current manager session.", Class::system,
           false, actions::filter},
    Action{"GetConfig", "Retrieve configuration.", read_config, false, actions::get_config},
    Action{"GetConfigJSON", "Retrieve configuration (JSON format).", read_config, false,
           actions::get_config_json},
    Action{"Getvar", "Gets a channel variable or function value.", Class::call | Class::reporting,
           false, actions::get_variable},
    Action{"JabberSend", "Sends a message to a Jabber Client.", Class::system, false,
           actions::jabber_send},
    Action{"ListCategories", "List categories in configuration file.", Class::config, false,
           actions::list_categories},
    Action{"ListCommands", "List available manager commands.", Class::none, false,
           actions::list_commands},
    Action{"LoggerRotate", "Reload and rotate the Asterisk logger.", core, false,
           actions::logger_rotate},
    Action{"Login", "Login Manager.", Class::none, true, actions::login},
    Action{"Logoff", "Logoff Manager.", Class::none, true, actions::logoff},
    Action{"MailboxCount", "Check Mailbox Message Count.", call, false, actions::mailbox_count},
    Action{"MailboxStatus", "Check mailbox.", call, false, actions::mailbox_status},
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
    Action{"ModuleCheck", "Check if module is loaded.", Class::system, false,
           actions::module_check},
    Action{"ModuleLoad", "Module management.", Class::system, false, actions::module_load},
    Action{"MWIDelete", "Delete selected mailboxes.", Class::call, false, actions::mwi_delete},
    Action{"MWIGet", "Get selected mailboxes with message counts.", call, false, actions::mwi_get},
    Action{"MWIUpdate", "Update the mailbox message counts.", Class::call, false,
           actions::mwi_update},
    Action{"Originate", "Originate a call.", Class::originate, false, actions::originate},
    Action{"Ping", "Keepalive command.", Class::none, false, actions::ping},
    Action{"PJSIPHangup", "Hangup an incoming PJSIP channel with a SIP response code",
           Class::system | Class::call, false, actions::pjsip_hangup},
    Action{"PJSIPNotify",
           "Send a NOTIFY to either an endpoint, an arbitrary URI, or inside a SIP dialog.",
           Class::system, false, actions::pjsip_notify},
    Action{"PJSIPQualify", "Qualify a chan_pjsip endpoint.", core, false, actions::pjsip_qualify},
    Action{"PJSIPRegister", "Register an outbound registration.", core, false,
           actions::pjsip_register},
    Action{"PJSIPShowAors", "Lists PJSIP AORs.", Class::system, false, actions::pjsip_show_aors},
    Action{"PJSIPShowAuths", "Lists PJSIP Auths.", Class::system, false, actions::pjsip_show_auths},
    Action{"PJSIPShowContacts", "Lists PJSIP Contacts.", Class::system, false,
           actions::pjsip_show_contacts},
    Action{"PJSIPShowEndpoint", "Detail listing of an endpoint and its objects.", Class::system,
           false, actions::pjsip_show_endpoint},
    Action{"PJSIPShowEndpoints", "Lists PJSIP endpoints.", Class::system, false,
           actions::pjsip_show_endpoints},
    Action{"PJSIPShowRegistrationInboundContactStatuses",
           "Lists ContactStatuses for PJSIP inbound registrations.", Class::system, false,
           actions::pjsip_show_registration_inbound_contact_statuses},
    Action{"PJSIPShowRegistrationsInbound", "Lists PJSIP inbound registrations.", Class::system,
           false, actions::pjsip_show_registrations_inbound},
    Action{"PJSIPShowRegistrationsOutbound", "Lists PJSIP outbound registrations.", core, false,
           actions::pjsip_show_registrations_outbound},
    Action{"PJSIPShowResourceLists", "Displays settings for configured resource lists.",
           Class::system, false, actions::pjsip_show_resource_lists},
    Action{"PJSIPShowSubscriptionsInbound", "Lists subscriptions.", Class::system, false,
           actions::pjsip_show_subscriptions_inbound},
    Action{"PJSIPShowSubscriptionsOutbound", "Lists subscriptions.", Class::system, false,
           actions::pjsip_show_subscriptions_outbound},
    Action{"PJSIPUnregister", "Unregister an outbound registration.", core, false,
           actions::pjsip_unregister},
    Action{"PresenceState", "Check Presence State", call, false, actions::presence_state},
    Action{"PresenceStateList", "List the current known presence states.", call, false,
           actions::presence_state_list},
    Action{"Reload", "Send a reload event.", read_config, false, actions::reload},
    Action{
        "SendText",
        "Sends a text message to channel. A content type\tcan be optionally specified. If not set "
        "it is set to an empty string allowing a custom handler to default it as it sees fit.",
        Class::call, false, actions::send_text},
    Action{"Setvar", "Sets a channel variable or function value.", Class::call, false,
           actions::set_variable},
    Action{"ShowDialPlan", "Show dialplan contexts and extensions",
           Class::config | Class::reporting, false, actions::show_dialplan},
    Action{"SIPnotify", "Send a SIP notify.", Class::system, false, actions::sip_notify, true},
    Action{"SIPpeers", "List SIP peers (text format).", core, false, actions::sip_peers, true},
    Action{"SIPpeerstatus", "Show the status of one or all of the sip peers.", Class::system, false,
           actions::sip_peer_status, true},
    Action{"SIPqualifypeer", "Qualify SIP peers.", core, false, actions::sip_qualify_peer, true},
    Action{"SIPshowpeer", "show SIP peer (text format).", core, false, actions::sip_show_peer,
           true},
    Action{"SIPshowregistry", "Show SIP registrations (text format).", core, false,
           actions::sip_show_registry, true},
    Action{"Status", "List channel status.", core | Class::call, false, actions::status},
    Action{"UpdateConfig", "Update basic configuration.", Class::config, false,
           actions::update_config},
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

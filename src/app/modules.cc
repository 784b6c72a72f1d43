#include "app/modules.h"

#include <algorithm>
#include <array>

#include "console/module_name.h"

namespace missive::app {
namespace {

using Section = Settings::Section;
constexpr bool built_in = true;

constexpr std::array table{
    ModuleName{"acl", "Access lists", Section::all, built_in},
    ModuleName{"app_exec.so", "Runs applications that a variable names"},
    ModuleName{"app_stack.so", "Gosub, Return and local variables"},
    ModuleName{"app_system.so", "Runs commands of the operating system"},
    ModuleName{"app_userevent.so", "Events of one's own to managers"},
    ModuleName{"app_verbose.so", "Verbose and Log of the dialplan"},
    ModuleName{"app_while.so", "Loops in the dialplan"},
    ModuleName{"chan_sip.so", "Texts over SIP as sip.conf has it", Section::chan_sip},
    ModuleName{"dnsmgr", "Name resolution", Section::resolver, built_in},
    ModuleName{"func_base64.so", "Base64 in the dialplan"},
    ModuleName{"func_curl.so", "HTTP requests from the dialplan"},
    ModuleName{"func_cut.so", "Fields and sorting in the dialplan"},
    ModuleName{"func_db.so", "The database in the dialplan"},
    ModuleName{"func_env.so", "Environment of the process in the dialplan"},
    ModuleName{"func_global.so", "Global variables in the dialplan"},
    ModuleName{"func_json.so", "JSON in the dialplan"},
    ModuleName{"func_lock.so", "Locks in the dialplan"},
    ModuleName{"func_logic.so", "Choices in the dialplan"},
    ModuleName{"func_math.so", "Arithmetic in the dialplan"},
    ModuleName{"func_md5.so", "MD5 digests in the dialplan"},
    ModuleName{"func_rand.so", "Random numbers in the dialplan"},
    ModuleName{"func_sha1.so", "SHA-1 digests in the dialplan"},
    ModuleName{"func_shell.so", "Output of commands in the dialplan"},
    ModuleName{"func_strings.so", "Text in the dialplan"},
    ModuleName{"func_uri.so", "URI escapes in the dialplan"},
    ModuleName{"http", "HTTP server", Section::http, built_in},
    ModuleName{"logger", "Log", std::nullopt, built_in},
    ModuleName{"manager", "Manager interface", Section::manager, built_in},
    ModuleName{"pbx_config.so", "Dialplan of extensions.conf", Section::dialplan},
    ModuleName{"res_agi.so", "AGI scripts of the dialplan"},
    ModuleName{"res_curl.so", "HTTP client"},
    ModuleName{"res_http_websocket.so", "WebSockets"},
    ModuleName{"res_pjsip.so", "Texts over SIP as pjsip.conf has it", Section::pjsip},
    ModuleName{"res_pjsip_acl.so", "Access lists of SIP requests", Section::pjsip},
    ModuleName{"res_pjsip_authenticator_digest.so", "Asks SIP users for a digest"},
    ModuleName{"res_pjsip_config_wizard.so", "pjsip_wizard.conf", Section::pjsip},
    ModuleName{"res_pjsip_endpoint_identifier_anonymous.so", "Endpoint of unknown SIP users"},
    ModuleName{"res_pjsip_endpoint_identifier_ip.so", "Endpoints by address", Section::pjsip},
    ModuleName{"res_pjsip_endpoint_identifier_user.so", "Endpoints by the user of From"},
    ModuleName{"res_pjsip_history.so", "History of SIP packets"},
    ModuleName{"res_pjsip_logger.so", "Shows SIP packets"},
    ModuleName{"res_pjsip_messaging.so", "Texts of pjsip: in and out"},
    ModuleName{"res_pjsip_notify.so", "NOTIFY as pjsip_notify.conf has it", Section::pjsip},
    ModuleName{"res_pjsip_outbound_authenticator_digest.so", "Answers challenges for a digest"},
    ModuleName{"res_pjsip_outbound_registration.so", "Registers elsewhere", Section::pjsip},
    ModuleName{"res_pjsip_path.so", "Path of registrations"},
    ModuleName{"res_pjsip_registrar.so", "Takes registrations"},
    ModuleName{"res_pjsip_transport_websocket.so", "SIP over WebSockets"},
    ModuleName{"res_resolver_unbound.so", "resolver_unbound.conf", Section::resolver},
    ModuleName{"res_xmpp.so", "Accounts at XMPP servers", Section::xmpp},
};

}  // namespace

std::span<const ModuleName> all_modules() { return table; }

const ModuleName* find_module(std::string_view name) {
  const auto* found = std::find_if(table.begin(), table.end(), [name](const ModuleName& module) {
    return console::is_same_module(module.name, name);
  });
  return found == table.end() ? nullptr : found;
}

}  // namespace missive::app

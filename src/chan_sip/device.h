// What [general] of sip.conf sets for all and a peer, user or friend for itself.
//
// Members are named as the options, what is not set is as Asterisk has it. A Peer begins as a copy
// of the Device in [general]. Plain values. Source: Asterisk documentation, sip.conf;
// docs/outbox.md and docs/routes.md for the message_ options, which Asterisk has not.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "conf/binder.h"
#include "conf/conf.h"
#include "pjsip/endpoint.h"
#include "pjsip/identify.h"
#include "sip/protocol.h"

namespace missive::chan_sip {

struct Device {
  // What comes from it.
  std::string context = "default";
  std::string outofcall_message_context;  // empty: `context`
  std::string subscribecontext;
  bool force_rport = false;  // nat
  bool auto_force_rport = true;
  bool insecure_port = false;    // its requests may come from any port
  bool insecure_invite = false;  // they need no password
  bool trustrpid = false;

  // How it is reached.
  std::vector<sip::Protocol> transport{sip::Protocol::udp};  // never empty; the first is sent by
  std::string outboundproxy;                                 // a SIP URI, or empty
  std::chrono::milliseconds qualify{0};  // how long an answer may take; 0: not asked
  std::chrono::seconds qualifyfreq{60};
  bool usereqphone = false;
  bool supportpath = false;
  pjsip::Endpoint::Fork message_fork = pjsip::Endpoint::Fork::first;
  unsigned max_contacts = 1;  // how many phones may be registered at a time; Asterisk has it not

  // Who we say we are.
  std::string fromdomain;  // `host` or `host:port`
  bool send_rpid = false;  // sendrpid
  bool send_pai = false;

  std::optional<bool> message_store;
  std::optional<std::chrono::seconds> message_expiry;
  std::string message_offline_context;
  std::string accountcode, language;
};

using DeviceSetter = std::function<base::Result<void>(Device&, const conf::Option&)>;
const std::vector<std::pair<std::string_view, DeviceSetter>>& device_options();

// For a T that is a Device and more.
template <class T>
void add_device_options(conf::Binder<T>& binder) {
  for (const auto& option : device_options()) {
    binder.custom(option.first, [set = option.second](T& target, const conf::Option& given) {
      return set(target, given);
    });
  }
}

// `[transport://]host[:port][,force]` as a SIP URI with lr; empty stays empty.
base::Result<std::string> outbound_proxy_uri(std::string_view text);
// "udp,tcp": at least one.
base::Result<std::vector<sip::Protocol>> read_transports(std::string_view text);

// The lists of acl.conf that `acl` and `contactacl` of a section name, put in place of the names.
void resolve_named_acls(const conf::Section& section, const net::AclFile& lists,
                        pjsip::AccessRules& rules, conf::Problems& problems);

// The six options that say which addresses may do something, as sip.conf spells them.
template <class T>
void add_access_options(conf::Binder<T>& binder, pjsip::AccessRules T::*member) {
  using pjsip::AccessRules;
  const auto rule = [member](net::Acl AccessRules::*list, bool permit) {
    return [member, list, permit](T& target, const conf::Option& option) {
      return (target.*member.*list).add(permit, option.value);
    };
  };
  const auto names = [member](std::vector<std::string> AccessRules::*list) {
    return [member, list](T& target, const conf::Option& option) -> base::Result<void> {
      target.*member.*list = conf::read_list(option.value);
      return {};
    };
  };
  binder.custom("permit", rule(&AccessRules::addresses, true))
      .custom("deny", rule(&AccessRules::addresses, false))
      .custom("contactpermit", rule(&AccessRules::contacts, true))
      .custom("contactdeny", rule(&AccessRules::contacts, false))
      .custom("acl", names(&AccessRules::acl))
      .custom("contactacl", names(&AccessRules::contact_acl));
}

}  // namespace missive::chan_sip

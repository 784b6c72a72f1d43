// type=endpoint of pjsip.conf: somebody messages go to and come from.
//
// Members are named as the options. Only what signalling needs has a member; the
// many options of calls and media are accepted, kept as text, and have no effect here. Plain
// values, part of the immutable Configuration. Source: Asterisk documentation, res_pjsip,
// "endpoint"; docs/outbox.md for message_store, message_expiry and message_offline_context,
// docs/routes.md for message_fork, which Asterisk has not.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "conf/conf.h"
#include "pjsip/identify.h"

namespace missive::pjsip {

// `"Bob B" <1234>`, `Bob B <1234>`, `<1234>` or either half alone.
struct CallerId {
  std::string name;
  std::string number;

  static base::Result<CallerId> parse(std::string_view text);
  bool operator==(const CallerId&) const = default;
};

struct Aor;

struct Endpoint {
  std::string name;
  conf::Location where;

  // Where it is reached.
  std::vector<std::string> aors;
  std::vector<const Aor*> configured_aors;  // those of them that there are; Configuration's
  std::string transport;                    // empty: the first that suits the URI
  std::string outbound_proxy;               // a SIP URI, or empty
  bool user_eq_phone = false;               // add user=phone to the URI of a telephone number
  std::string redirect_method = "user";     // user, uri_core or uri_pjsip; of calls
  std::vector<std::string> follow_redirect_methods;  // follows_redirects() asks
  // Which of its contacts a message goes to: the best one, one after the other until one takes it,
  // or all at once.
  enum class Fork { first, sequential, all };
  Fork message_fork = Fork::first;

  // Who it says it is, and what it is shown of others.
  std::vector<std::string> auth;           // checks its requests
  std::vector<std::string> outbound_auth;  // answers its challenges
  std::string from_user;
  std::string from_domain;
  std::string contact_user;
  CallerId callerid;
  std::string callerid_privacy = "allowed_not_screened";
  std::string callerid_tag;
  bool trust_id_inbound = false;
  bool trust_id_outbound = false;
  bool send_pai = false;
  bool send_rpid = false;

  // What comes from it.
  std::vector<IdentifyBy> identify_by{IdentifyBy::username, IdentifyBy::ip};
  AccessRules access;
  std::string context = "default";
  std::string message_context;  // empty: `context`
  std::string subscribe_context;
  bool rewrite_contact = false;
  bool force_rport = true;
  // What only sip.conf can say no to (chan_sip): that its MESSAGEs are asked for the password, and
  // that ours ask to be answered where they came from (rport in Via).
  bool message_auth = true;
  bool send_rport = true;
  bool allow_unauthenticated_options = false;
  bool allow_subscribe = true;

  // Messages to it that cannot be delivered at once; take_terms() asks.
  std::optional<bool> message_store;
  std::optional<std::chrono::seconds> message_expiry;  // 0: as the outbox has it
  std::string message_offline_context;  // runs when a message begins to wait; empty: nothing does

  // What the dialplan sees.
  std::vector<std::string> set_var;  // "NAME=value"
  std::string accountcode;
  std::string language;
  std::string tenantid;

  // What the file says of calls and media: no effect, but it is shown (shown_options.h). Names are
  // static.
  std::vector<std::pair<std::string_view, std::string>> of_calls;

  // `method` as in a request: "MESSAGE".
  bool follows_redirects(std::string_view method) const;
  bool identifies_by(IdentifyBy method) const {
    return std::find(identify_by.begin(), identify_by.end(), method) != identify_by.end();
  }
  bool hides_callerid() const { return callerid_privacy.starts_with("prohib"); }
  const std::string& context_of_messages() const {
    return message_context.empty() ? context : message_context;
  }
};

void read_endpoint(const conf::Section& section, Endpoint& endpoint, conf::Problems& problems);

}  // namespace missive::pjsip

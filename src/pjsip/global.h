// type=global and type=system of pjsip.conf: what holds for all of the SIP side.
//
// Members are named as the options. Plain values, part of the immutable
// Configuration. Source: Asterisk documentation, res_pjsip, "global" and "system".
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "conf/conf.h"
#include "pjsip/auth.h"
#include "pjsip/identify.h"

namespace missive::pjsip {

struct Global {
  conf::Location where;
  unsigned max_forwards = 70;
  std::string user_agent = "Missive/" MISSIVE_VERSION;
  std::string default_outbound_endpoint = "default_outbound_endpoint";
  std::string default_from_user = "asterisk";
  std::string default_realm = "asterisk";
  std::string default_voicemail_extension;
  std::string regcontext;
  std::string debug = "no";  // no, yes or the address of one host
  std::vector<IdentifyBy> endpoint_identifier_order{IdentifyBy::ip, IdentifyBy::username,
                                                    IdentifyBy::anonymous};
  std::vector<DigestAlgorithm> default_auth_algorithms_uas{DigestAlgorithm::md5};
  std::vector<DigestAlgorithm> default_auth_algorithms_uac{DigestAlgorithm::md5};
  std::chrono::seconds keep_alive_interval{90};  // on TCP, TLS and WebSocket; 0: none
  std::chrono::seconds contact_expiration_check_interval{30};
  std::chrono::seconds max_initial_qualify_time{0};
  unsigned unidentified_request_count = 5;
  std::chrono::seconds unidentified_request_period{5};
  std::chrono::seconds unidentified_request_prune_interval{30};
  bool disable_multi_domain = false;
  bool ignore_uri_user_options = false;
  bool use_callerid_contact = false;
  bool send_contact_status_on_update_registration = false;
  bool accept_messages = true;  // no: 405 for everybody; only sip.conf can say so (chan_sip)
};

struct System {
  conf::Location where;
  std::chrono::milliseconds timer_t1{500};
  std::chrono::milliseconds timer_b{32'000};
  bool compact_headers = false;
  bool disable_tcp_switch = true;  // no: RFC 3261 section 18.1.1, large requests go by TCP
  bool disable_rport = false;
};

void read_global(const conf::Section& section, Global& global, conf::Problems& problems);
void read_system(const conf::Section& section, System& system, conf::Problems& problems);

}  // namespace missive::pjsip

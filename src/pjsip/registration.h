// type=registration of pjsip.conf: an account that this server registers elsewhere.
//
// Members are named as the options. Plain values, part of the immutable Configuration.
// Source: Asterisk documentation, res_pjsip_outbound_registration.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "conf/conf.h"

namespace missive::pjsip {

struct Registration {
  std::string name;
  conf::Location where;
  std::string server_uri;  // a SIP URI
  std::string client_uri;  // a SIP URI: the address-of-record
  std::string contact_user;
  std::string contact_header_params;
  std::vector<std::string> outbound_auth;
  std::string outbound_proxy;  // a SIP URI, or empty
  std::string transport;
  std::string endpoint;
  std::string user_agent;
  std::chrono::seconds expiration{3600};
  unsigned max_retries = 10;
  std::chrono::seconds retry_interval{60};
  std::chrono::seconds forbidden_retry_interval{0};
  std::chrono::seconds fatal_retry_interval{0};
  std::chrono::seconds max_random_initial_delay{10};
  bool auth_rejection_permanent = true;
  bool line = false;
  bool support_path = false;
  bool support_outbound = false;
};

// Whether they say the same, wherever they stand.
bool same_registration(const Registration& a, const Registration& b);

void read_registration(const conf::Section& section, Registration& registration,
                       conf::Problems& problems);

}  // namespace missive::pjsip

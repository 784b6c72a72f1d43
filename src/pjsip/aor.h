// type=aor of pjsip.conf: an address-of-record and where it can be reached.
//
// Members are named as the options; `contacts` holds every contact= line. Plain values,
// part of the immutable Configuration. Source: Asterisk documentation, res_pjsip, "aor";
// docs/outbox.md for message_store and message_expiry, which Asterisk has not.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "conf/conf.h"

namespace missive::pjsip {

struct Aor {
  std::string name;
  conf::Location where;
  std::vector<std::string> contacts;  // SIP URIs, checked
  std::string outbound_proxy;         // a SIP URI, or empty
  unsigned max_contacts = 0;          // that may register; the static ones do not count
  std::chrono::seconds minimum_expiration{60};
  std::chrono::seconds maximum_expiration{7200};
  std::chrono::seconds default_expiration{3600};
  std::chrono::seconds qualify_frequency{0};        // 0: never
  std::chrono::milliseconds qualify_timeout{3000};  // 0: none
  bool qualify_2xx_only = false;
  bool authenticate_qualify = false;
  bool remove_existing = false;
  bool remove_unavailable = false;
  bool support_path = false;
  // For messages that cannot be delivered at once; not set: as the endpoint has it.
  std::optional<bool> message_store;
  std::optional<std::chrono::seconds> message_expiry;  // 0: as the outbox has it
  std::string mailboxes;
  std::string voicemail_extension;
};

void read_aor(const conf::Section& section, Aor& aor, conf::Problems& problems);

}  // namespace missive::pjsip

// The destination of a message by the `sip:` technology, taken apart.
//
// What stands after `sip:` has one of these forms. This is the grammar alone: pure, without
// configuration, which tells peers from hosts: where `host` has no port and no parameters, it may
// be the name of a peer. Views are into the text that was parsed.
//
//   peer   user@peer
//   host[:port]   user@host[:port]
//   URI   <URI>   "display name" <URI>     URI: sip[s]:[user@]host[:port][;parameters]
//
// Source: Asterisk documentation, MessageSend, "Technology: SIP"; what Asterisk 20.7 was observed
// to do.
#pragma once

#include <string_view>

#include "base/result.h"

namespace missive::chan_sip {

struct Destination {
  std::string_view display_name;  // raw, without quotes
  bool uri = false;               // written with its scheme
  bool sips = false;
  std::string_view address;  // without scheme and headers: [user@]host[:port][;parameters]
  std::string_view user;     // as written; empty: none
  std::string_view peer;     // may be one's name; empty: it can only be a host
};

base::Result<Destination> parse_destination(std::string_view text);

}  // namespace missive::chan_sip

// Who a message by the `sip:` technology says it is from: From, and the user of Contact.
//
// What the sender may write, as Asterisk 20.7 was observed to take it:
//
//   a peer's name         name and number of its callerid, where it has none its name
//   "Name" <URI>, <URI>   the user and host of the URI, under that name or our own
//   any other text        a name to show, above our own user; bare URIs are such texts, too
//   nothing               our own name and user
//
// Our own name and user are those of callerid in [general] ("asterisk"), the user rather the
// peer's fromuser; our own host is the peer's fromdomain, else our address. Our port stands behind
// a host that has none, unless it is the protocol's own. A URI that is none is an error.
//
// Source: Asterisk documentation, MessageSend, "Technology: SIP".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "pjsip/configuration.h"
#include "sip/sent_by.h"

namespace missive::chan_sip {

// Views into the configuration and the text it read; not to be copied.
class FromIdentity {
 public:
  FromIdentity() = default;
  FromIdentity(const FromIdentity&) = delete;
  FromIdentity& operator=(const FromIdentity&) = delete;

  // `endpoint`: that of the peer it goes to. `from`: as the sender wrote it.
  base::Result<void> read(const pjsip::Configuration& configuration,
                          const pjsip::Endpoint& endpoint, std::string_view from);

  // Header values without a tag. `protocol` as in Via.
  void append_from(std::string& out, std::string_view protocol, const sip::SentBy& own) const;
  void append_contact(std::string& out, std::string_view protocol, const sip::SentBy& own) const;

 private:
  void take_user(std::string_view user);
  base::Result<void> take_name_addr(std::string_view text);
  base::Result<void> take_address(std::string_view address);

  std::string_view display_;
  std::string_view user_;                  // escaped
  std::string_view domain_;                // `host` or `host:port`; empty: ours
  std::string unquoted_, escaped_, text_;  // what views may be into
};

}  // namespace missive::chan_sip

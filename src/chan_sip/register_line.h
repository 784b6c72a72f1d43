// The value of `register =>` in sip.conf: an account that this server registers elsewhere.
//
//   [peer?][transport://]user[@domain][:secret[:authuser]]@host[:port][/extension][~expiry]
//
// Pure. The `@` before host is the last one. A domain may have a port where secret and authuser
// stand too, even empty: `3456@mydomain:5082::@provider.example.com`. Errors do not repeat the
// line: it holds a password. Source: Asterisk documentation, sip.conf, "Outbound SIP
// registrations".
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sip/protocol.h"

namespace missive::chan_sip {

struct RegisterLine {
  std::string peer;  // empty: none is named
  std::optional<sip::Protocol> transport;
  std::string user;
  std::string domain;  // with its port; empty: that of the host
  std::string secret;
  std::string authuser;  // empty: the user
  std::string host;      // a name, an address, or the name of a peer
  std::optional<std::uint16_t> port;
  std::string extension = "s";
  std::optional<std::chrono::seconds> expiry;

  static base::Result<RegisterLine> parse(std::string_view text);
  bool operator==(const RegisterLine&) const = default;
};

}  // namespace missive::chan_sip

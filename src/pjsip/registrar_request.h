// What a REGISTER asks for (RFC 3261 section 10.3, steps 6 and 7).
//
// Pure: takes a request apart and decides for how long each contact may be there. A refusal is
// the Response to send, with a reason a person understands.
//
// An expiration is cut to maximum_expiration; one below minimum_expiration gets 423, but one of an
// hour or more is raised instead, as the RFC wants; a malformed `expires` counts as 3600,
// one over 2^32-1 as that.
//
// Source: RFC 3261 sections 10.3, 20.10, 20.23; RFC 5626 section 6.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/address.h"
#include "pjsip/aor.h"
#include "sip/packet.h"
#include "sip/request_user.h"
#include "sip/uri.h"

namespace missive::pjsip {

template <class T>
using OrRefused = tl::expected<T, sip::Response>;

template <class... Args>
tl::unexpected<sip::Response> refused(int status, fmt::format_string<Args...> reason,
                                      Args&&... args) {
  return tl::unexpected<sip::Response>(
      sip::Response{status, fmt::format(reason, std::forward<Args>(args)...), ""});
}

// Where a REGISTER came from, for rewrite_contact.
struct ContactOrigin {
  net::Address source;
  std::string protocol;  // as in Via
  bool stream = false;
  bool rewrite = false;
};

struct RequestedBinding {
  std::string given;  // the URI as written
  std::string uri;    // where requests are to go
  bool flow_only = false;
  unsigned q = 1000;
  std::chrono::seconds expiration{0};  // as granted; 0 removes
  std::string instance;
  std::string reg_id;
};

struct RequestedBindings {
  bool remove_all = false;  // Contact: *
  std::vector<RequestedBinding> bindings;
  // What the header Expires comes to, where there is one.
  std::optional<std::chrono::seconds> expires;

  bool query() const { return !remove_all && bindings.empty(); }
};

OrRefused<RequestedBindings> read_bindings(const sip::Packet& request, const Aor& aor,
                                           const ContactOrigin& origin);

// `uri` with the host and port that the request came from; of a stream with its protocol.
std::string rewritten(const sip::Uri& uri, const ContactOrigin& origin);

}  // namespace missive::pjsip

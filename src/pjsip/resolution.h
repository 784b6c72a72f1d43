// From a destination to where a message goes: endpoint, contact, Request-URI, next hop.
//
// What MessageSend does and what `missive explain` prints are this one function. It asks the
// configuration and the location service; a host name is looked up afterwards by RequestAttempt.
// A contact that came over a connection is reached by that connection (flow). Each step is
// told to the Trace, if there is one, and a refusal says why and what would be right. A
// Resolution is meant to be used again and again: it keeps its memory. Its pointers are
// into the Configuration.
//
// Source: Asterisk documentation, MessageSend, "Technology: PJSIP"; RFC 3261 sections
// 8.1.1.1, 8.1.2, 12.2.1.1 (Route); RFC 3263 section 4.1 for numeric hosts; RFC 3327 section
// 5.4; RFC 5626 section 5.3.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "message/technology.h"
#include "pjsip/configuration.h"
#include "pjsip/destination.h"
#include "pjsip/location_service.h"
#include "pjsip/next_hop.h"
#include "sip/uri.h"

namespace missive::pjsip {

class Trace {
 public:
  virtual ~Trace() = default;
  // "endpoint", "alice (pjsip.conf:12)"
  virtual void step(std::string_view what, std::string_view found) = 0;
};

struct Resolution {
  Destination::Form form = Destination::Form::name;
  const Endpoint* endpoint = nullptr;
  const Aor* aor = nullptr;  // when its contact is used
  std::shared_ptr<const Contact> contact;
  // Set by the caller: the contact that was chosen before, and is not to be chosen again; or
  // the URI of the one to choose if its AOR has it.
  std::shared_ptr<const Contact> pinned;
  std::string preferred;
  bool by_aors = false;            // it goes to whatever contact the endpoint has
  const Aor* named_aor = nullptr;  // it goes to whatever contact this AOR has
  std::string request_uri;
  sip::Uri uri;              // views into request_uri
  std::string display_name;  // for To; may still hold quoted pairs
  std::string redirected;    // the Request-URI before a redirect, which To keeps; empty: none
  std::string route;         // the Path of the contact or the outbound proxy; empty: none
  NextHop hop;

  // What To names where the message does not say: views into this.
  sip::Uri to_uri() const { return redirected.empty() ? uri : *sip::parse_uri(redirected); }
};

// `address` is what follows "pjsip:".
std::optional<message::Refusal> resolve(const Configuration& configuration,
                                        const LocationService& locations, std::string_view address,
                                        Resolution& out, Trace* trace = nullptr);

// Only as far as to know who it is for: endpoint, AOR and whether there is a contact.
std::optional<message::Refusal> find_recipient(const Configuration& configuration,
                                               const LocationService& locations,
                                               std::string_view address, Resolution& out);

// Where the endpoint's request to this URI goes instead: after a redirect. Sets request_uri, uri,
// redirected, route and hop of `out`, the rest stays.
std::optional<message::Refusal> redirect(const Configuration& configuration,
                                         std::string_view contact_uri, Resolution& out);

}  // namespace missive::pjsip

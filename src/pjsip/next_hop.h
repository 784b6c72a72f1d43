// The first hop of a request: where a URI, a Route, an outbound proxy or a flow leads.
//
// Says what is known before anybody is asked; a sip::ServerLocator makes Targets of it, and
// transport_for() finds the transport that sends to each. Asks the configuration only; its pointers
// are into the Configuration. Meant to be used again and again: it keeps its memory.
//
// Source: RFC 3261 sections 8.1.2, 19.1.1 (maddr), 26.2.2 (sips); RFC 3263 section 4.1; RFC 5626
// section 5.3; Asterisk documentation, "transport" of endpoints.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "net/address.h"
#include "pjsip/configuration.h"
#include "pjsip/flow_index.h"
#include "pjsip/location_service.h"
#include "sip/server_locator.h"
#include "sip/uri.h"

namespace missive::pjsip {

struct NextHop {
  std::string host;                       // a name, or an address as in a URI
  std::optional<std::uint16_t> port;      // when the URI has one
  std::optional<sip::Protocol> protocol;  // named by the URI, or of the endpoint's own transport
  bool protocol_of_uri = false;           // so that a large message may not change it
  bool sips = false;
  std::optional<net::Address> address;  // `host` is numeric: with its port; or the flow's peer
  std::optional<Flow> flow;             // the connection to send down
  // Which transports come before the others where they suit: the one a phone registered by (a
  // firewall on the way lets only that back in), then the endpoint's own. nullptr: none.
  const Transport* registered_by = nullptr;
  const Transport* own = nullptr;

  void clear();
};

// Where `uri` leads. `own`: the transport= of whoever sends. Sets all of `out` but flow and
// registered_by. Fails on a transport that is not known or where sips: has none that is secure.
base::Result<void> take_uri(const Configuration& configuration, const sip::Uri& uri,
                            const Transport* own, NextHop& out);

// Where an endpoint's request to `uri` leads: to its outbound proxy if it has one, which becomes
// the `route` (else empty), or to the URI itself. Sets all of `out`.
base::Result<void> hop_to_uri(const Configuration& configuration, const sip::Uri& uri,
                              const Endpoint& endpoint, std::string& route, NextHop& out);
// Where an endpoint's request to a contact leads: down the connection that the phone opened, along
// its Path, to an outbound proxy of its AOR or of the endpoint, or to `uri`, which is
// contact.uri taken apart. `route`: of the request, empty: none. Sets all of `out`. An error says
// what is wrong and where.
base::Result<void> hop_to_contact(const Configuration& configuration, const Contact& contact,
                                  const sip::Uri& uri, const Endpoint& endpoint, std::string& route,
                                  NextHop& out);

// What a ServerLocator is asked where hop.address is not set.
sip::ServerLocator::Question question_of(const Configuration& configuration, const NextHop& hop);
// The protocol towards hop.address.
sip::Protocol protocol_to(const Configuration& configuration, const NextHop& hop);

// Fails, with what is missing, where no configured transport can send it: as far as it is known
// before DNS was asked.
base::Result<void> check_transport(const Configuration& configuration, const NextHop& hop);

// The configured transport that reaches the target; nullptr when there is none.
const Transport* transport_for(const Configuration& configuration, const NextHop& hop,
                               const sip::Target& target);

}  // namespace missive::pjsip

// Where a request to a contact goes first: the connection it came by, its Path, an outbound
// proxy, or its URI.
//
// Asks the configuration only; a host name is left to a net::Resolver.
// Source: RFC 3261 sections 8.1.2, 19.1.1 (maddr); RFC 3327 section 5.4; RFC 5626 section 5.3.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "pjsip/configuration.h"
#include "pjsip/location_service.h"

namespace missive::pjsip {

struct ContactHop {
  std::string route;      // a Route value; empty: none
  std::string transport;  // the section; empty: to be chosen by the address
  Transport::Protocol protocol{};
  std::string host;
  std::uint16_t port = 0;
  std::optional<net::Address> address;  // when `host` is numeric
};

base::Result<ContactHop> hop_to(const Configuration& configuration, const Contact& contact,
                                const Endpoint& endpoint);

// The configured transport for that hop: the one the contact registered by where it suits, else
// as choose_transport() does. nullptr when there is none.
const Transport* transport_of(const Configuration& configuration, const Contact& contact,
                              const Endpoint& endpoint, const ContactHop& hop,
                              const net::Address& to);

}  // namespace missive::pjsip

// Which endpoint a request is from.
//
// The methods of endpoint_identifier_order are tried in that order, those it does not name after
// them; the first that finds an endpoint ends the search. An endpoint is found by a method only
// if its identify_by names it (anonymous needs no naming).
//
//   ip             type=identify with the source address; the most specific network first
//   header         type=identify whose match_header is one of the request's headers
//   request_uri    type=identify whose match_request_uri is the Request-URI
//   username       the user of From: `user@domain`, then the domain behind an alias, then the
//                  transport's, then `user` alone
//   auth_username  the same with username and realm of the Authorization headers
//   anonymous      `anonymous@domain` in the same way, then `anonymous`
//
// Before all of them comes the `line` of a registration of ours: a request that bears its token in
// the Request-URI or To is from the endpoint that the registration names (line_token.h).
//
// Pure but for the addresses of host names, which HostAddresses knows. Immutable: made anew for
// each configuration. Source: Asterisk documentation, "endpoint_identifier_order", "identify_by",
// res_pjsip_endpoint_identifier_ip, res_pjsip_outbound_registration.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/text.h"
#include "net/address.h"
#include "pjsip/configuration.h"
#include "pjsip/host_addresses.h"
#include "pjsip/resolution.h"
#include "sip/packet.h"

namespace missive::pjsip {

// The name as options write it: "auth_username".
std::string_view name_of(IdentifyBy method);

// What is looked at of a request.
struct RequestOrigin {
  const sip::Packet& packet;
  const net::Address& source;
  std::string_view transport;  // the section of pjsip.conf
};

struct Identified {
  const Endpoint* endpoint = nullptr;
  IdentifyBy by = IdentifyBy::username;
  const Identify* section = nullptr;   // of ip, header and request_uri
  const Registration* line = nullptr;  // by its line: `by` says nothing

  explicit operator bool() const { return endpoint != nullptr; }
};

class Identifier {
 public:
  // Without `hosts` the host names of type=identify match nobody.
  Identifier(std::shared_ptr<const Configuration> configuration, const HostAddresses* hosts);

  Identified identify(const RequestOrigin& origin, Trace* trace = nullptr) const;

  // The user whom From or a URI names, as endpoints are named: without escapes, and without
  // user options where ignore_uri_user_options says so.
  static std::string user_of(const sip::Uri& uri, bool without_options);

 private:
  struct Section {
    const Identify* identify;
    const Endpoint* endpoint;
  };

  void add_lines();
  Identified by_line(const sip::Packet& packet) const;
  Identified by_method(const RequestOrigin& origin, Trace* trace) const;
  Identified by_address(const RequestOrigin& origin) const;
  Identified by_header(const sip::Packet& packet) const;
  Identified by_request_uri(const RequestOrigin& origin) const;
  Identified by_username(const RequestOrigin& origin) const;
  Identified by_credentials(const RequestOrigin& origin) const;
  Identified anonymously(const RequestOrigin& origin) const;
  Identified by(IdentifyBy method, const RequestOrigin& origin) const;
  const Endpoint* find(std::string_view user, std::string_view domain,
                       std::string_view transport) const;
  std::string_view aliased(std::string_view domain) const;
  unsigned exactness(const Section& section, const RequestOrigin& origin) const;

  std::shared_ptr<const Configuration> configuration_;
  const HostAddresses* hosts_;
  std::vector<IdentifyBy> order_;
  bool multi_domain_;  // some endpoint is named user@domain
  // What identifies by each method, in file order.
  std::vector<Section> networks_, headers_, request_uris_;
  // Of the networks that are single addresses, the first of each, by address with port 0.
  std::unordered_map<net::Address, Section, net::AddressHash> addresses_;
  struct Line {
    const Registration* registration;
    const Endpoint* endpoint;
  };
  std::unordered_map<std::string, Line, base::StringHash, std::equal_to<>> lines_;  // by token
};

}  // namespace missive::pjsip

// type=identify, acl and domain_alias of pjsip.conf: who sent a request, who may, and
// which domains are ours under another name.
//
// Members are named as the options. Plain values, part of the immutable
// Configuration. Source: Asterisk documentation, res_pjsip_endpoint_identifier_ip,
// res_pjsip_acl and res_pjsip ("domain_alias").
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conf/conf.h"
#include "net/acl.h"

namespace missive::pjsip {

// The ways to tell which endpoint a request is from.
enum class IdentifyBy { username, auth_username, ip, header, request_uri, anonymous };
// The names that options take, for a Binder.
inline constexpr auto identify_methods = std::to_array<std::pair<std::string_view, IdentifyBy>>(
    {{"username", IdentifyBy::username},
     {"auth_username", IdentifyBy::auth_username},
     {"ip", IdentifyBy::ip},
     {"header", IdentifyBy::header},
     {"request_uri", IdentifyBy::request_uri},
     {"anonymous", IdentifyBy::anonymous}});

struct Identify {
  std::string name;
  conf::Location where;
  std::string endpoint;
  std::vector<std::string> match;  // addresses, networks and host names
  std::string match_header;        // "Name: value" or "Name: /regular expression/"
  std::string match_request_uri;
  std::string transport;
  bool srv_lookups = true;
};

// Requests by source address and by the addresses in Contact.
struct AccessRules {
  std::vector<std::string> acl;          // names in acl.conf
  std::vector<std::string> contact_acl;  // the same
  net::Acl addresses;                    // permit and deny
  net::Acl contacts;                     // contact_permit and contact_deny
};

struct AclObject {
  std::string name;
  conf::Location where;
  AccessRules rules;
};

struct DomainAlias {
  std::string name;  // the alias
  conf::Location where;
  std::string domain;
};

void read_identify(const conf::Section& section, Identify& identify, conf::Problems& problems);
void read_acl(const conf::Section& section, AclObject& acl, conf::Problems& problems);
void read_domain_alias(const conf::Section& section, DomainAlias& alias, conf::Problems& problems);

}  // namespace missive::pjsip

// type=identify, acl and domain_alias of pjsip.conf: who sent a request, who may, and
// which domains are ours under another name.
//
// Members are named as the options. Plain values, part of the immutable
// Configuration. Source: Asterisk documentation, res_pjsip_endpoint_identifier_ip,
// res_pjsip_acl and res_pjsip ("domain_alias").
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conf/conf.h"
#include "net/acl.h"
#include "net/acl_file.h"
#include "pjsip/text_pattern.h"

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
  // What `match` says, taken apart. Port 0: any.
  struct Source {
    net::Network network;
    std::uint16_t port = 0;
    bool excluded = false;  // written with '!': what is in here is not meant
  };
  struct Host {
    std::string name;
    std::uint16_t port = 0;
  };

  std::string name;
  conf::Location where;
  std::string endpoint;
  std::vector<std::string> match;  // addresses, networks and host names
  std::string match_header;        // "Name: value" or "Name: /regular expression/"
  std::string match_request_uri;
  std::string transport;  // the only one it holds for; empty: all
  bool srv_lookups = true;

  std::vector<Source> sources;
  std::vector<Host> hosts;
  std::string header_name;
  TextPattern header_value;
  TextPattern request_uri;

  // The last of the sources that holds the address decides.
  bool matches(const net::Address& source) const;
};

// Requests by source address and by the addresses in Contact.
struct AccessRules {
  std::vector<std::string> acl;          // names in acl.conf
  std::vector<std::string> contact_acl;  // the same
  net::Acl addresses;                    // permit and deny
  net::Acl contacts;                     // contact_permit and contact_deny
  std::vector<net::Acl> named;           // what `acl` stands for
  std::vector<net::Acl> named_contacts;  // what `contact_acl` stands for

  // Every list must let the address in.
  bool permits(const net::Address& source) const;
  bool permits_contact(const net::Address& address) const;
  bool checks_contacts() const { return !contacts.empty() || !named_contacts.empty(); }
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
// Fills in what the names in the rules of a section stand for.
void resolve_acls(const conf::Section& section, const net::AclFile& lists, AccessRules& rules,
                  conf::Problems& problems);
void read_domain_alias(const conf::Section& section, DomainAlias& alias, conf::Problems& problems);

}  // namespace missive::pjsip

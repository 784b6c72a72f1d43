// An XMPP address: local@domain/resource (RFC 7622).
//
//   alice@example.com/phone     a device (full)
//   alice@example.com           an account (bare)
//   gw.example.com              a server or component
//
// Plain value. parse() takes UTF-8, each part of at most 1,023 octets; local and domain come out in
// lower case (ASCII), which is how they compare; the resource is kept as it is. Names beyond ASCII
// are passed on unchanged: the server prepares them. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace missive::xmpp {

struct Jid {
  std::string local, domain, resource;  // local and resource may be empty

  static base::Result<Jid> parse(std::string_view text);

  std::string bare() const;
  std::string full() const;  // bare without a resource
  bool is_bare() const { return resource.empty(); }
  bool same_account(const Jid& other) const {
    return local == other.local && domain == other.domain;
  }

  bool operator==(const Jid&) const = default;
};

}  // namespace missive::xmpp

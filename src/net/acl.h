// permit/deny lists of addresses, Asterisk's order: the last matching line decides.
//
// A rule is an address, an address with a mask (`10.0.0.0/255.0.0.0`) or with a prefix
// length (`10.0.0.0/8`, `fe80::/10`); a comma list makes several; `!` inverts one, as
// in `permit=10.0.0.0/8,!10.1.0.0/16`. An empty list permits everybody. IPv4 rules match
// IPv4-mapped IPv6 peers too. Source: Asterisk documentation, "Access Control Lists".
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/address.h"

namespace missive::net {

// One block of addresses.
struct Network {
  Address base;
  unsigned prefix = 0;

  static base::Result<Network> parse(std::string_view text);
  bool contains(const Address& address) const;
};

class Acl {
 public:
  // `text`: the value of a permit= or deny= option.
  base::Result<void> add(bool permit, std::string_view text);
  bool permits(const Address& address) const;
  bool empty() const { return rules_.empty(); }

 private:
  struct Rule {
    bool permit;
    Network network;
  };
  std::vector<Rule> rules_;
};

}  // namespace missive::net

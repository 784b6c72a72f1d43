// xmpp.conf: the accounts of the `xmpp:` technology.
//
// Immutable once made, shared between threads. load() gives an empty one where there is no file;
// what is wrong goes to `problems` with file and line. Options of Asterisk's that mean nothing here
// (pubsub, OAuth) are accepted, with a warning where somebody may miss them. Source: Asterisk
// documentation, res_xmpp.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "conf/conf.h"
#include "xmpp/account.h"

namespace missive::xmpp {

class Configuration {
 public:
  struct General {
    bool debug = false;          // log every stanza
    bool auto_prune = false;     // buddies that are not in xmpp.conf leave the roster
    bool auto_register = true;   // buddies of xmpp.conf are asked for their presence
    bool accept_buddies = true;  // auth_policy: who asks for our presence is given it

    bool operator==(const General&) const = default;
  };

  static base::Result<std::shared_ptr<const Configuration>> load(
      const std::filesystem::path& folder, conf::Problems& problems);
  // From text; for tests and the fuzzer.
  static std::shared_ptr<const Configuration> parse(std::string_view text,
                                                    conf::Problems& problems);

  const General& general() const { return general_; }
  const std::vector<Account>& accounts() const { return accounts_; }
  // nullptr when there is none of that name; "xmpp:NAME" is the same as NAME.
  const Account* account(std::string_view name) const;

 private:
  void read(const conf::File& file, conf::Problems& problems);

  General general_;
  std::vector<Account> accounts_;
};

// "NAME" of "xmpp:NAME"; anything else as it is.
std::string_view without_scheme(std::string_view account);

}  // namespace missive::xmpp

// manager.conf as the AMI server uses it.
//
// Immutable once loaded and shared between threads; a reload makes a new one, and a session
// keeps the one it logged in with. What is wrong goes to `problems` with file and line, and
// the rest is read all the same; with an error among the problems the result is not to be
// put into force. acl.conf is read when it is there, for the lists that `acl=` names.
// Options of what this server does not have (channel variables) are accepted without effect.
// Source: Asterisk documentation, manager.conf and acl.conf.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ami/classes.h"
#include "ami/event_filter.h"
#include "ami/tls_options.h"
#include "base/result.h"
#include "conf/conf.h"
#include "net/acl.h"
#include "net/acl_file.h"
#include "net/address.h"

namespace missive::ami {

struct User {
  std::string name;
  std::string secret;  // empty: nobody can log in
  Class read = Class::none;
  Class write = Class::none;
  net::Acl acl;                                // permit= and deny=
  std::vector<std::string> acl_names;          // acl=
  std::vector<net::Acl> named_acls;            // what they stand for
  std::chrono::milliseconds write_timeout{0};  // how long its output may stand still; 0: for ever
  std::vector<std::string> variables;          // setvar=, for Originate
  EventFilters filters;                        // eventfilter=
  std::optional<bool> allow_multiple_login;    // these two override [general]
  std::optional<bool> display_connects;

  // Every list must let the address in.
  bool permits(const net::Address& address) const;
};

struct Configuration {
  bool enabled = false;
  std::string bind_address = "0.0.0.0";  // bindaddr: an IP address, perhaps with a port
  std::uint16_t port = 5038;
  net::Address bind;  // the two together
  bool allow_multiple_login = true;
  bool display_connects = true;
  bool timestamp_events = false;
  TlsDoor tls;                               // AMI over TLS
  bool web_enabled = false;                  // AMI over HTTP
  std::chrono::seconds http_timeout{60};     // that a web session lives without a request
  std::chrono::seconds auth_timeout{30};     // to log in
  unsigned auth_limit = 50;                  // sessions at a time that have not logged in
  std::vector<std::string> disabled_events;  // names of events nobody gets
  std::vector<User> users;

  // Names are matched without case; nullptr when there is none.
  const User* find(std::string_view name) const;
  bool is_disabled(std::string_view event) const;

  static base::Result<std::shared_ptr<const Configuration>> load(
      const std::filesystem::path& folder, conf::Problems& problems);
  static std::shared_ptr<const Configuration> from(const conf::File& manager,
                                                   const net::AclFile& acls,
                                                   conf::Problems& problems,
                                                   const std::filesystem::path& folder = {});
};

}  // namespace missive::ami

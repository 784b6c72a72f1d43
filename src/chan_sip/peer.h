// A peer, user or friend of sip.conf.
//
// A peer is sent to, and known by its address; a user only sends, and is known by its name; a
// friend is both. Members are named as the options. Plain values. Source: Asterisk documentation,
// sip.conf, "Device configuration".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chan_sip/credentials_line.h"
#include "chan_sip/device.h"
#include "chan_sip/general.h"
#include "conf/conf.h"

namespace missive::chan_sip {

struct Peer : Device {
  enum class Type { peer, user, friend_ };

  std::string name;
  conf::Location where;
  Type type = Type::peer;

  // Where it is reached.
  bool dynamic = false;    // host=dynamic: it registers
  std::string host;        // a name or an address as in a URI; empty: dynamic, or none is given
  std::string defaultip;   // where a dynamic one is as long as it has not registered
  std::uint16_t port = 0;  // 0: that of the transport
  std::string callbackextension;  // we register with it; empty: not

  // Who it is, and who we are to it.
  std::string secret;
  std::string md5secret;  // goes before `secret`
  std::string remotesecret;
  std::vector<CredentialsLine> auth;
  std::string defaultuser;
  std::string fromuser;
  pjsip::CallerId callerid;
  std::string callingpres = "allowed_not_screened";
  pjsip::AccessRules access;
  std::vector<std::string> setvar;

  bool sends_only() const { return type == Type::user; }
  bool known_by_name() const { return type != Type::peer || dynamic; }
  bool is_static() const { return !sends_only() && !host.empty(); }
};

// Begins as `general` says.
Peer read_peer(const conf::Section& section, const General& general, const net::AclFile& acls,
               conf::Problems& problems);

}  // namespace missive::chan_sip

// [general] of sip.conf: what holds for all of the sip: technology, and what its devices begin as.
//
// Members are named as the options. Plain values. Source: Asterisk documentation, sip.conf.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chan_sip/device.h"
#include "chan_sip/register_line.h"
#include "conf/conf.h"
#include "net/acl.h"
#include "net/address.h"

namespace missive::chan_sip {

struct General : Device {
  conf::Location where;

  // Where we listen and send from. The port is 0 where none was written.
  std::optional<net::Address> bindaddr, udpbindaddr, tcpbindaddr, tlsbindaddr;
  std::uint16_t bindport = 0;
  bool udpenable = true;
  bool tcpenable = false;
  bool tlsenable = false;
  bool websocket_enabled = true;
  std::string tlscertfile, tlsprivatekey, tlscafile, tlscadir, tlscipher;
  std::string tlsclientmethod = "default";
  bool tlsverifyclient = false;
  bool tlsdontverifyserver = false;
  std::string externaddr;  // a host; externhost is the same here
  std::uint16_t externport = 0;
  std::uint16_t externtcpport = 0;
  std::uint16_t externtlsport = 0;
  std::vector<net::Network> localnet;
  int tos_sip = 0;
  int cos_sip = 0;

  // Who may do what.
  bool accept_outofcall_message = true;
  bool auth_message_requests = true;
  bool allowguest = true;
  bool match_auth_username = false;
  std::string realm = "asterisk";
  bool domainsasrealm = false;
  std::vector<std::string> domains;
  pjsip::AccessRules access;
  std::chrono::seconds minexpiry{60}, maxexpiry{3600}, defaultexpiry{120};
  bool legacy_useroption_parsing = false;

  // What we send.
  pjsip::CallerId callerid{"asterisk", "asterisk"};
  std::string useragent;  // empty: ours
  unsigned maxforwards = 70;
  bool compactheaders = false;
  bool srvlookup = true;
  std::chrono::milliseconds timert1{500};
  std::chrono::milliseconds timerb{0};  // 0: 64 times timert1

  struct Register {
    RegisterLine line;
    conf::Location where;
  };
  std::vector<Register> registrations;
  std::chrono::seconds registertimeout{20};
  unsigned registerattempts = 0;  // 0: for ever
  bool register_retry_403 = false;
};

void read_general(const conf::Section& section, const net::AclFile& acls, General& general,
                  conf::Problems& problems);

}  // namespace missive::chan_sip

// sip.conf as typed values, before anything is made of it.
//
// Sections: [general], [authentication] and one for each peer, user or friend; templates are the
// loader's. Whatever is wrong goes to `problems` with file and line. Plain values. Source:
// Asterisk documentation, sip.conf.
#pragma once

#include <vector>

#include "chan_sip/credentials_line.h"
#include "chan_sip/general.h"
#include "chan_sip/peer.h"
#include "conf/conf.h"
#include "net/acl_file.h"

namespace missive::chan_sip {

struct SipConf {
  General general;
  std::vector<Peer> peers;  // in file order, no two of one name
  std::vector<CredentialsLine> authentication;

  // nullptr when there is none of that name.
  const Peer* peer(std::string_view name) const;
};

SipConf read_sip_conf(const conf::File& file, const net::AclFile& acls, conf::Problems& problems);

}  // namespace missive::chan_sip

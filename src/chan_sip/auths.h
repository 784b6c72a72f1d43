// The passwords of sip.conf as Auth objects: those that peers have, and those we answer with.
//
// Pure. A peer's own `auth=` lines and [authentication] are for one realm each and go before its
// secret, which is for any.
#pragma once

#include <string>
#include <vector>

#include "chan_sip/sip_conf.h"
#include "pjsip/configuration.h"

namespace missive::chan_sip {

// [authentication]: the Auths, and their names for outbound_auth.
void define_authentication(const SipConf& conf, pjsip::Configuration::Definition& out);
std::vector<std::string> names_of_authentication(const SipConf& conf);

// The peer's Auths, with `auth` and `outbound_auth` of its endpoint.
void define_auths(const Peer& peer, const SipConf& conf, pjsip::Endpoint& endpoint,
                  pjsip::Configuration::Definition& out);

// The user name that we are known to the peer by.
const std::string& outbound_user(const Peer& peer);
// A password for any realm, or the hash of it.
pjsip::Auth make_auth(std::string name, const conf::Location& where, std::string user,
                      std::string secret, const std::string& md5secret);

}  // namespace missive::chan_sip

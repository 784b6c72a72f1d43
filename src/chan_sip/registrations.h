// The `register =>` lines and callbackextension options of sip.conf as Registrations.
//
// Each is named user@domain and has an Auth `register/user@domain` where it has a secret. Its host
// may be the name of a peer, which then says host, port, transport and secret. Pure.
#pragma once

#include "chan_sip/sip_conf.h"
#include "conf/conf.h"
#include "pjsip/configuration.h"

namespace missive::chan_sip {

// After the transports and the Auths of [authentication].
void define_registrations(const SipConf& conf, pjsip::Configuration::Definition& out,
                          conf::Problems& problems);

}  // namespace missive::chan_sip

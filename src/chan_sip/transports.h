// The transports that [general] of sip.conf opens.
//
// Named sip-udp, sip-tcp, sip-tls, sip-ws and sip-wss; sip-udp4 is the IPv4 half of a UDP transport
// on `::`. WebSockets are there where a peer's (or general) `transport` names them: they live in
// the HTTP server. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "chan_sip/sip_conf.h"
#include "pjsip/transport_options.h"

namespace missive::chan_sip {

std::vector<pjsip::Transport> transports_of(const SipConf& conf);

// The first of that protocol; nullptr when there is none.
const pjsip::Transport* transport_of(const std::vector<pjsip::Transport>& transports,
                                     sip::Protocol protocol);
// What requests to the device are sent by: the first of its protocols that is open, else any.
// nullptr when only WebSockets are.
const pjsip::Transport* sending_transport(const std::vector<pjsip::Transport>& transports,
                                          const Device& device);

}  // namespace missive::chan_sip

// What the HTTP server serves: WebSockets of SIP phones at /ws.
//
// Built by Instance once the SIP sides know their stacks. Source: RFC 7118; Asterisk
// documentation, "WebSocket" (the path /ws).
#pragma once

#include "app/settings.h"
#include "app/sip_side.h"
#include "http/server.h"

namespace missive::app {

// `chan_sip` may be nullptr.
http::Routes web_routes(const Settings& settings, SipSide& pjsip, SipSide* chan_sip);
http::ServerOptions web_options(const Settings& settings);

}  // namespace missive::app

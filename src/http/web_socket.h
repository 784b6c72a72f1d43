// An HTTP connection that becomes a WebSocket. Internal to the server; includes Boost.Beast.
//
// The answer to the handshake is sent, then the route is given the net::MessageSocket. A message
// is sent as text when it is UTF-8 and as binary otherwise. A quiet peer is pinged every
// ping_interval, and without any sign of life for pong_timeout after that the connection ends.
// What Beast refuses (a frame that is not masked, a message too large, text that is no UTF-8)
// ends it with the close code of RFC 6455 section 7.4.1.
//
// Source: RFC 6455; RFC 7118.
#pragma once

#include "http/host.h"
#include "http/stream_types.h"

namespace missive::http {

// What a request that is upgraded hands on.
struct Upgrade {
  std::shared_ptr<Host> host;
  Seat seat;
  Request request;
  const WebSocketRoute* route;
  net::Address local;
  net::Address peer;
};

void accept_web_socket(Upgrade upgrade, PlainStream stream, BeastRequest handshake);
void accept_web_socket(Upgrade upgrade, SecureStream stream, BeastRequest handshake);

}  // namespace missive::http

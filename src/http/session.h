// One HTTP connection, plain or TLS, request after request. Internal to the server.
//
// Reads a request whole, within limits of size and time, has it answered, and goes on with the
// next one; what a client sends ahead waits in the buffer, so answers keep the order. A slow
// request is answered 408, an idle connection closed. Where a route says so the connection
// becomes a WebSocket (web_socket.h) and leaves the session.
//
// Source: RFC 7230 sections 6.3, 6.6; RFC 7231 section 5.1.1.
#pragma once

#include "http/host.h"

namespace missive::http {

// Takes over a connected descriptor, on the host's shard.
void start_session(std::shared_ptr<Host> host, int fd, const net::Address& peer, bool secure,
                   Seat seat);

}  // namespace missive::http

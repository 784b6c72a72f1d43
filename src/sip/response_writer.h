// The text of a response to a request (RFC 3261 section 8.2.6, RFC 3581 section 4).
//
// Via (with received and rport filled in), From, To (with our tag), Call-ID and CSeq are
// copied from the request, so the same response can be written again from a
// retransmission of it; nothing but the status needs to be remembered.
#pragma once

#include <string>
#include <string_view>

#include "net/address.h"
#include "sip/request_user.h"

namespace missive::sip {

// Appends the response to `out`. `to_tag` is added where the request's To has none.
void write_response(std::string& out, const Packet& request, const net::Address& source,
                    std::string_view to_tag, const Response& response);

// The same in two steps, for a response whose status comes later than its request: first what
// every response to it repeats, and then the response made of that.
void write_repeated_headers(std::string& out, const Packet& request, const net::Address& source,
                            std::string_view to_tag);
void write_response(std::string& out, std::string_view repeated, const Response& response);

// Where the response goes over an unreliable transport: RFC 3261 section 18.2.2 with rport.
net::Address response_address(const Packet& request, const net::Address& source);

}  // namespace missive::sip

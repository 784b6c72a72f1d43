// Who answers requests that come in.
//
// The transaction layer shows each new request to its users in turn until one handles
// it; a retransmission never gets this far. A user answers by filling the Response it is
// given and returning true. Users also hear of connections that are gone.
#pragma once

#include <string>

#include "net/address.h"

namespace missive::sip {

class Packet;
class Transport;

struct IncomingRequest {
  const Packet& packet;
  Transport& transport;
  const net::Address& from;
};

struct Response {
  int status = 500;
  std::string reason;      // empty: the one of the RFC
  std::string headers;     // whole lines, each with its CRLF
  bool drop = false;       // no answer, no memory of it: a retransmission is a new request
  bool to_source = false;  // goes where the request came from even without rport
};

class RequestUser {
 public:
  virtual ~RequestUser() = default;
  virtual bool on_request(const IncomingRequest& request, Response& response) = 0;
  virtual void on_connection_lost(Transport&, const net::Address& /*peer*/) {}
};

}  // namespace missive::sip

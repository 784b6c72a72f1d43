// Who answers requests that come in.
//
// The transaction layer shows each new request to its users in turn until one handles
// it; a retransmission never gets this far. A user answers by filling the Response it is
// given and returning true.
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
  std::string reason;   // empty: the one of the RFC
  std::string headers;  // whole lines, each with its CRLF
};

class RequestUser {
 public:
  virtual ~RequestUser() = default;
  virtual bool on_request(const IncomingRequest& request, Response& response) = 0;
};

}  // namespace missive::sip

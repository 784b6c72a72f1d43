// Who answers requests that come in.
//
// The transaction layer shows each new request to its users in turn until one handles
// it; a retransmission never gets this far. A user answers by filling the Response it is
// given and returning true, or later: TransactionLayer::postpone() inside of on_request(), and
// answer() when the answer is known. Users also hear of connections that are gone.
#pragma once

#include <cstdint>
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
  bool postponed = false;  // set by TransactionLayer::postpone(): the rest says nothing
};

// Names a request that is answered later.
struct PostponedRequest {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
};

class RequestUser {
 public:
  virtual ~RequestUser() = default;
  virtual bool on_request(const IncomingRequest& request, Response& response) = 0;
  virtual void on_connection_lost(Transport&, const net::Address& /*peer*/) {}
};

}  // namespace missive::sip

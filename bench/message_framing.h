// How SIP messages follow each other on a connection.
//
// Sans-I/O: the owner keeps the octets that are not consumed yet and shows them. StreamFraming is
// that of TCP and TLS, cut by Content-Length (RFC 3261 section 18.3); WebSocketFraming is in
// web_socket.h. A stream that cannot be followed is a std::runtime_error. One for each connection.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace missive::bench {

struct Cut {
  std::size_t size = 0;      // octets that are done with; 0: more have to come
  std::string_view message;  // empty: there was something else; valid until the next next()
};

class MessageFraming {
 public:
  virtual ~MessageFraming() = default;
  // What stands at the front of `unread`. What the other end must be told goes to `out`.
  virtual Cut next(std::string_view unread, std::string& out) = 0;
  virtual void append(std::string& out, std::string_view message) = 0;
};

class StreamFraming final : public MessageFraming {
 public:
  Cut next(std::string_view unread, std::string& out) override;
  void append(std::string& out, std::string_view message) override { out.append(message); }
};

}  // namespace missive::bench

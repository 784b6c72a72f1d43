// Where one SIP message ends and the next begins on a stream (RFC 3261 section 18.3,
// keep-alives by RFC 5626 section 3.5.1).
//
// Sans-I/O: the owner of the connection keeps the octets that are not consumed yet
// and shows them; the framer says what stands at their front. It remembers how far
// it has looked, so a message that arrives in many pieces is scanned once. One
// framer per connection; what it says does not depend on how the octets were cut
// into reads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace missive::sip {

struct FramerLimits {
  std::size_t header_octets = 64 << 10;  // start line, headers and the empty line
  std::size_t body_octets = 1 << 20;
};

struct Frame {
  enum class Kind {
    need_more,  // `size` is how much the message will have, 0 while that is unknown
    message,    // `size` octets, for Packet::parse()
    line_end,   // a CRLF (`size` 2) between messages: a pong, or nothing at all
    ping,       // the second CRLF of a keep-alive (`size` 2); answer it with one CRLF
    error       // the stream cannot be followed any further; close it
  };
  Kind kind = Kind::need_more;
  std::size_t size = 0;
  std::string error;
};

class StreamFramer {
 public:
  explicit StreamFramer(const FramerLimits& limits = {}) : limits_(limits) {}

  // `unread` begins where the last frame ended, or is what was shown last time with
  // more behind it. After anything but need_more and error the caller drops `size`
  // octets and asks again.
  Frame next(std::string_view unread);

 private:
  Frame next_line_end(std::string_view unread);
  Frame find_headers(std::string_view unread);
  Frame finish(std::string_view unread);
  Frame fail(std::string text);

  FramerLimits limits_;
  std::size_t scanned_ = 0;  // octets of `unread` known to hold no end of headers
  std::size_t size_ = 0;     // of the message, once its headers are complete
  bool after_line_end_ = false;
  bool failed_ = false;
};

}  // namespace missive::sip

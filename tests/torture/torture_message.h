// A torture message from tests/torture/messages, taken apart and judged.
#pragma once

#include <string>
#include <string_view>

#include "sip/parser.h"

namespace missive::sip::test {

// The octets of messages/<name>.sip as they would be received: the file has LF line
// ends where the wire has CRLF, and <hex>00FF</hex> where an octet is no text (the
// notation of RFC 4475 section 2.2). An unreadable file fails the test.
std::string torture_octets(std::string_view name);

struct Torture {
  explicit Torture(std::string_view name);

  // "ok", "unreadable" when the parser refuses it and nothing can be answered, or
  // the status of the answer and why.
  std::string verdict() const;

  std::string octets;  // what the packet looks into
  Packet packet;
  base::Result<void> parsed;
};

}  // namespace missive::sip::test

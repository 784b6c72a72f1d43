// Message text for the tests of this folder.
#pragma once

#include <string>
#include <string_view>

namespace missive::sip::test {

// Written with '\n' in the test, with CRLF on the wire.
inline std::string crlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

inline const std::string message_request = crlf(
    "MESSAGE sip:bob@example.com SIP/2.0\n"
    "Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKabc\n"
    "Max-Forwards: 70\n"
    "From: \"Alice\" <sip:alice@example.com>;tag=a1\n"
    "To: <sip:bob@example.com>\n"
    "Call-ID: 1234@192.0.2.1\n"
    "CSeq: 7 MESSAGE\n"
    "Content-Type: text/plain\n"
    "Content-Length: 5\n"
    "\n"
    "hello");

inline const std::string ok_response = crlf(
    "SIP/2.0 200 OK\n"
    "Via: SIP/2.0/UDP 192.0.2.1:5060;rport=5062;branch=z9hG4bKabc;received=192.0.2.7\n"
    "From: \"Alice\" <sip:alice@example.com>;tag=a1\n"
    "To: <sip:bob@example.com>;tag=b2\n"
    "Call-ID: 1234@192.0.2.1\n"
    "CSeq: 7 MESSAGE\n"
    "Content-Length: 0\n"
    "\n");

}  // namespace missive::sip::test

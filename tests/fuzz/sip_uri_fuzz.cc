// parse_uri(), parse_host_port() and the escapes on any octets.
//
// Checked: what parses, written again, parses to an equivalent URI; a user that was
// unescaped and escaped again is equivalent; equivalence is reflexive.
#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz_check.h"
#include "sip/uri.h"

using namespace missive;
using fuzz::check;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto host = sip::parse_host_port(text)) fuzz::check_inside(host->host, text);
  check(sip::unescape(sip::escape_user(text)) == text);

  const auto uri = sip::parse_uri(text);
  if (!uri) {
    check(!uri.error().text.empty());
    return 0;
  }
  for (const auto part :
       {uri->scheme, uri->user, uri->password, uri->host, uri->params, uri->headers, uri->opaque}) {
    fuzz::check_inside(part, text);
  }
  check(sip::equivalent(*uri, *uri));
  (void)uri->param("transport");

  const auto written = uri->str();
  const auto again = sip::parse_uri(written);
  check(again && sip::equivalent(*uri, *again));

  if (uri->user.empty()) return 0;
  auto escaped = *uri;
  const auto user = sip::escape_user(sip::unescape(uri->user));
  escaped.user = user;
  const auto plain = escaped.str();
  check(sip::parse_uri(plain).has_value());
  return 0;
}

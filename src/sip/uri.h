// URIs: sip and sips taken apart, any other scheme kept whole (RFC 3261 section 19.1).
//
// A Uri is a set of views into the text it was parsed from; the caller keeps that
// text alive. Nothing is unescaped on parsing: ask unescape() for the user a
// person would read. parse_uri() is strict by section 25.1: what the grammar does
// not derive is an error whose text says which part is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sip/host.h"

namespace missive::sip {

struct Uri {
  std::string_view scheme;    // as written
  std::string_view user;      // escaped, as written; empty when there is none
  std::string_view password;  // escaped, as written
  std::string_view host;      // an IPv6 address is without its brackets
  bool host_is_ipv6 = false;
  std::optional<std::uint16_t> port;
  std::string_view params;   // without the leading ';'
  std::string_view headers;  // without the '?'
  std::string_view opaque;   // of schemes other than sip and sips: all after the ':'

  bool sip() const;   // sip or sips
  bool sips() const;  // sips
  // The value of a uri-parameter as written, "" for one without a value. Names
  // are compared without regard to case.
  std::optional<std::string_view> param(std::string_view name) const;
  std::string str() const;
};

base::Result<Uri> parse_uri(std::string_view text);

// The comparison of RFC 3261 section 19.1.4; two URIs of another scheme are the
// same when their text is (the scheme without regard to case).
bool equivalent(const Uri& a, const Uri& b);

// `text` as a user part: what may not stand for itself becomes %HH.
std::string escape_user(std::string_view text);
// %HH become their octet, once; a '%' that begins no escape stays.
std::string unescape(std::string_view text);

}  // namespace missive::sip

// Base64 by RFC 4648 section 4, strict on the way in.
//
// decode() takes the standard alphabet with full padding only: no line ends, no
// blanks, no missing '=', no stray bits after the last octet. What is no Base64
// is an error, never garbage. The work is OpenSSL's.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace missive::base {

Result<std::string> base64_decode(std::string_view text);
std::string base64_encode(std::string_view octets);

}  // namespace missive::base

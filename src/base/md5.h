// MD5 (RFC 1321) in hexadecimal, for names that Asterisk makes with it and the Key of an AMI
// Challenge; it protects nothing that is worth something.
//
// Pure; any thread. The work is OpenSSL's.
#pragma once

#include <string>
#include <string_view>

namespace missive::base {

// 32 digits in lower case.
std::string md5_hex(std::string_view text);

}  // namespace missive::base

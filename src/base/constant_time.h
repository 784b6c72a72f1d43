// Comparing secrets, in a time that does not tell where two differ.
//
// Pure; any thread. The work is OpenSSL's.
#pragma once

#include <openssl/crypto.h>

#include <string_view>

namespace missive::base {

inline bool same_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace missive::base

#include "pjsip/line_token.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

#include "base/random.h"

namespace missive::pjsip {
namespace {

using Key = std::array<std::uint64_t, 4>;

Key draw_key() {
  base::RandomSource random;
  Key key{};
  for (auto& word : key) word = random.next();
  return key;
}

}  // namespace

std::string line_token(std::string_view registration) {
  static const Key key = draw_key();
  constexpr std::size_t octets_shown = 8;
  std::array<unsigned char, EVP_MAX_MD_SIZE> octets;
  unsigned size = 0;
  if (::HMAC(EVP_sha256(), key.data(), sizeof key,
             reinterpret_cast<const unsigned char*>(registration.data()), registration.size(),
             octets.data(), &size) == nullptr) {
    throw std::runtime_error("OpenSSL does not provide HMAC-SHA256");
  }
  static constexpr std::string_view hex = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < octets_shown; ++i) out += {hex[octets[i] >> 4], hex[octets[i] & 15]};
  return out;
}

}  // namespace missive::pjsip

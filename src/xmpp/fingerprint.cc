#include "xmpp/fingerprint.h"

#include <openssl/evp.h>

#include <array>

namespace missive::xmpp {

std::string fingerprint(std::initializer_list<std::string_view> parts) {
  constexpr std::size_t size = 16;
  std::string all;
  for (const auto part : parts) all.append(part).push_back('\0');
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(all.data(), all.size(), digest.data(), &length, EVP_sha256(), nullptr);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace missive::xmpp

#include "base/md5.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/evp.h>

#include <array>

namespace missive::base {

std::string md5_hex(std::string_view text) {
  // EVP_md5() would be looked up anew, under a lock, for each text.
  static const EVP_MD* const md5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
  std::array<unsigned char, 16> octets{};
  if (md5 != nullptr) EVP_Digest(text.data(), text.size(), octets.data(), nullptr, md5, nullptr);
  return fmt::format("{:02x}", fmt::join(octets, ""));
}

}  // namespace missive::base

#include "base/base64.h"

#include <openssl/evp.h>

#include "base/text.h"

namespace missive::base {
namespace {

constexpr bool in_alphabet(char c) { return is_alpha(c) || is_digit(c) || c == '+' || c == '/'; }

const unsigned char* octets_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string base64_encode(std::string_view octets) {
  std::string out((octets.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with a NUL
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     octets_of(octets), static_cast<int>(octets.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

Result<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) {
    return fail("Base64 has {} characters; a multiple of 4 is needed ('=' pads)", text.size());
  }
  auto digits = text;
  for (int i = 0; i < 2 && digits.ends_with('='); ++i) digits.remove_suffix(1);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (!in_alphabet(digits[i])) {
      return fail("character {} ('{}') is not Base64", i + 1, printable(digits.substr(i, 1)));
    }
  }
  std::string out(text.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), octets_of(text),
                                     static_cast<int>(text.size()));
  if (length < 0) return fail("the text is not Base64");
  out.resize(static_cast<std::size_t>(length) - (text.size() - digits.size()));
  // RFC 4648 section 3.5: bits that pad must be zero, or two texts would mean one body.
  if (digits.size() != text.size() && base64_encode(out) != text) {
    return fail("the last Base64 character carries bits that belong to no octet");
  }
  return out;
}

}  // namespace missive::base

// URIENCODE URIDECODE BASE64_ENCODE BASE64_DECODE MD5 SHA1 UUID
#include <openssl/evp.h>

#include <array>
#include <string>
#include <utility>

#include "base/base64.h"
#include "base/random.h"
#include "base/text.h"
#include "dialplan/functions/arguments.h"
#include "sip/uri.h"

namespace missive::dialplan {
namespace {

using Text = base::Result<std::string>;

constexpr std::string_view lower_hex = "0123456789abcdef", upper_hex = "0123456789ABCDEF";

void append_hex(std::string& out, unsigned char octet, std::string_view digits) {
  out += digits[octet >> 4];
  out += digits[octet & 15];
}

Text read_uriencode(Run&, std::string_view text) {
  static constexpr std::string_view marks = "-_.!~*'()";  // RFC 2396 section 2.3
  std::string out;
  for (const char c : text) {
    if (base::is_alpha(c) || base::is_digit(c) || marks.find(c) != marks.npos) {
      out += c;
    } else {
      append_hex(out += '%', static_cast<unsigned char>(c), upper_hex);
    }
  }
  return limited(std::move(out));
}

Text read_uridecode(Run&, std::string_view text) { return sip::unescape(text); }

Text read_base64_encode(Run&, std::string_view text) { return limited(base::base64_encode(text)); }

// Line ends and missing padding are forgiven.
Text read_base64_decode(Run&, std::string_view text) {
  std::string packed;
  for (const char c : text) {
    if (!base::is_blank(c) && c != '\r' && c != '\n') packed += c;
  }
  while (packed.size() % 4 != 0 && packed.size() % 4 != 1) packed += '=';
  auto octets = base::base64_decode(packed);
  if (!octets) return base::fail("\"{}\" is no Base64", base::printable(text, 60));
  return octets;
}

Text digest(std::string_view text, const EVP_MD* kind) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> octets{};
  unsigned length = 0;
  if (EVP_Digest(text.data(), text.size(), octets.data(), &length, kind, nullptr) != 1) {
    return base::fail("OpenSSL has no such digest: it may run in FIPS mode");
  }
  std::string out;
  for (unsigned i = 0; i < length; ++i) append_hex(out, octets[i], lower_hex);
  return out;
}

Text read_md5(Run&, std::string_view text) { return digest(text, EVP_md5()); }
Text read_sha1(Run&, std::string_view text) { return digest(text, EVP_sha1()); }

Text read_uuid(Run& run, std::string_view) {
  thread_local base::RandomSource random;  // the run may be on a worker's thread
  return std::string(random.uuid(run.shared().clock.wall()));
}

}  // namespace

void add_encoding_functions(FunctionTable& table) {
  table.add({"URIENCODE", read_uriencode});
  table.add({"URIDECODE", read_uridecode});
  table.add({"BASE64_ENCODE", read_base64_encode});
  table.add({"BASE64_DECODE", read_base64_decode});
  table.add({"MD5", read_md5});
  table.add({"SHA1", read_sha1});
  table.add({"UUID", read_uuid});
}

}  // namespace missive::dialplan

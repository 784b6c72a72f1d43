// parse_challenge() on any octets, and the answer to what it takes.
//
// Checked: a challenge that parses can be answered, the answer is one line, and
// read as a challenge it has the same realm, nonce and opaque.
#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz_check.h"
#include "sip/digest.h"

using namespace missive;
using fuzz::check;

namespace {

bool has_control(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto challenge = sip::parse_challenge(text);
  if (!challenge) {
    check(!challenge.error().text.empty());
    return 0;
  }
  sip::Credentials credentials;
  credentials.username = "alice";
  credentials.password = "secret";
  check(sip::choose_challenge({&*challenge, 1}, credentials) == &*challenge);
  const auto value = sip::authorization(*challenge, credentials,
                                        {"MESSAGE", "sip:bob@example.com", "hello", "0a4f113b", 1});
  check(value && !has_control(*value));
  if (has_control(challenge->realm + challenge->nonce + challenge->opaque.value_or(""))) return 0;
  const auto again = sip::parse_challenge(*value);
  check(again && again->realm == challenge->realm && again->nonce == challenge->nonce &&
        again->opaque == challenge->opaque && again->algorithm == challenge->algorithm);
  return 0;
}

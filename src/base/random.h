// Unguessable octets and the identifiers made of them.
//
// Tags, branches, Call-IDs and nonces keep strangers from answering for a peer
// (RFC 3261 section 19.3), so they come from OpenSSL's generator, drawn a page at
// a time. One RandomSource per thread; it is not shared.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace missive::base {

// The 36 characters of a UUID.
struct Uuid {
  std::array<char, 36> text;
  operator std::string_view() const { return {text.data(), text.size()}; }
};

class RandomSource {
 public:
  std::uint64_t next();
  // In [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

  // Writes `length` characters of [0-9a-v], 5 random bits each, to `out`.
  void write_token(char* out, std::size_t length);
  std::string token(std::size_t length);

  // A version 7 UUID (RFC 9562): sorts by time, unique without a registry.
  Uuid uuid(WallTime now);

 private:
  std::array<std::uint64_t, 512> pool_{};
  std::size_t used_ = pool_.size();
};

}  // namespace missive::base

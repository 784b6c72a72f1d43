#include "base/random.h"

#include <openssl/rand.h>

#include <stdexcept>

namespace missive::base {

std::uint64_t RandomSource::next() {
  if (used_ == pool_.size()) {
    if (RAND_bytes(reinterpret_cast<unsigned char*>(pool_.data()), sizeof(pool_)) != 1) {
      throw std::runtime_error("the system's random generator failed");
    }
    used_ = 0;
  }
  return pool_[used_++];
}

void RandomSource::write_token(char* out, std::size_t length) {
  static constexpr std::string_view alphabet = "0123456789abcdefghijklmnopqrstuv";
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < length; ++i) {
    if (i % 12 == 0) bits = next();  // 12 characters use 60 of 64 bits
    out[i] = alphabet[bits & 31];
    bits >>= 5;
  }
}

std::string RandomSource::token(std::size_t length) {
  std::string out(length, '\0');
  write_token(out.data(), length);
  return out;
}

Uuid RandomSource::uuid(WallTime now) {
  static constexpr std::string_view hex = "0123456789abcdef";
  const auto ms = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
  const std::uint64_t high = (ms << 16) | 0x7000 | (next() & 0x0FFF);
  const std::uint64_t low = (next() & 0x3FFFFFFFFFFFFFFF) | 0x8000000000000000;
  Uuid out{};
  out.text.fill('-');
  std::size_t at = 0;
  for (int nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) ++at;
    const std::uint64_t word = nibble < 16 ? high : low;
    out.text[at++] = hex[(word >> (60 - 4 * (nibble % 16))) & 15];
  }
  return out;
}

}  // namespace missive::base

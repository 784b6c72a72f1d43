#include "pjsip/nonce.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "base/random.h"

namespace missive::pjsip {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t time_digits = 12;
constexpr std::size_t serial_digits = 8;
constexpr std::size_t signed_digits = time_digits + serial_digits;
constexpr std::size_t signature_octets = 16;
constexpr std::size_t nonce_digits = signed_digits + 2 * signature_octets;

std::optional<std::uint64_t> parse_hex(std::string_view digits) {
  std::uint64_t value = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, 16);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

}  // namespace

Nonces::Nonces(const base::Clock& clock, std::size_t capacity)
    : clock_(clock), slot_capacity_(std::max<std::size_t>(1, capacity / slots)) {
  base::RandomSource random;
  for (auto& word : key_) word = random.next();
  serial_ = static_cast<std::uint32_t>(random.next());
}

std::string Nonces::sign(std::string_view text, std::string_view realm) const {
  std::string subject(text);
  subject += realm;
  std::array<unsigned char, EVP_MAX_MD_SIZE> octets;
  unsigned size = 0;
  if (::HMAC(EVP_sha256(), key_.data(), sizeof key_,
             reinterpret_cast<const unsigned char*>(subject.data()), subject.size(), octets.data(),
             &size) == nullptr) {
    throw std::runtime_error("OpenSSL does not provide HMAC-SHA256");
  }
  static constexpr std::string_view hex = "0123456789abcdef";
  std::string out;
  out.reserve(2 * signature_octets);
  for (std::size_t i = 0; i < signature_octets; ++i)
    out += {hex[octets[i] >> 4], hex[octets[i] & 15]};
  return out;
}

std::string Nonces::make(std::string_view realm) {
  const auto time =
      std::chrono::duration_cast<milliseconds>(clock_.now().time_since_epoch()).count();
  auto nonce = fmt::format("{:012x}{:08x}", static_cast<std::uint64_t>(time),
                           serial_.fetch_add(1, std::memory_order_relaxed));
  nonce += sign(nonce, realm);
  return nonce;
}

std::optional<Nonces::Reading> Nonces::read(std::string_view nonce, std::string_view realm) const {
  // A nonce of another length costs the same as one of ours.
  const bool right_length = nonce.size() == nonce_digits;
  const auto text = nonce.substr(0, signed_digits);
  const auto signature = sign(text, realm);
  if (!right_length ||
      ::CRYPTO_memcmp(signature.data(), nonce.data() + signed_digits, signature.size()) != 0) {
    return std::nullopt;
  }
  const auto time = parse_hex(text.substr(0, time_digits));
  const auto serial = parse_hex(text.substr(time_digits));
  if (!time || !serial) return std::nullopt;
  return Reading{*time << 32 | *serial,
                 base::TimePoint{milliseconds{static_cast<milliseconds::rep>(*time)}}};
}

// What is too old for any use, and the oldest where there is no room.
void Nonces::forget(Slot& slot, base::TimePoint now) const {
  while (!slot.order.empty()) {
    const auto& oldest = slot.order.front();
    const bool too_old = oldest.forget_at <= now;
    if (!too_old && slot.uses.size() < slot_capacity_) break;
    slot.forgotten = std::max(slot.forgotten, oldest.made);
    slot.uses.erase(oldest.id);
    slot.order.pop_front();
  }
}

bool Nonces::use(const Reading& nonce, std::uint32_t nc, std::chrono::seconds lifetime) {
  const auto now = clock_.now();
  if (now - nonce.made >= lifetime || nc == 0) return false;
  auto& slot = slots_[nonce.id % slots];
  const std::lock_guard lock(slot.mutex);
  const auto known = slot.uses.find(nonce.id);
  if (known == slot.uses.end()) {
    forget(slot, now);
    if (nonce.made <= slot.forgotten) return false;
    slot.uses.emplace(nonce.id, Uses{nc, 1});
    slot.order.push_back(Remembered{nonce.id, nonce.made, nonce.made + lifetime});
    return true;
  }
  auto& uses = known->second;
  if (nc > uses.highest) {
    const auto ahead = nc - uses.highest;
    uses.seen = ahead < 64 ? uses.seen << ahead | 1 : 1;
    uses.highest = nc;
    return true;
  }
  const auto behind = uses.highest - nc;
  if (behind >= 64 || (uses.seen >> behind & 1) != 0) return false;
  uses.seen |= std::uint64_t{1} << behind;
  return true;
}

std::size_t Nonces::size() const {
  std::size_t size = 0;
  for (const auto& slot : slots_) {
    const std::lock_guard lock(slot.mutex);
    size += slot.uses.size();
  }
  return size;
}

}  // namespace missive::pjsip

#include "pjsip/message_key.h"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace missive::pjsip {
namespace {

constexpr std::size_t key_octets = 16;

// With its length in front, so that no two lists of texts read alike.
void append(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

}  // namespace

std::string message_key(std::string_view endpoint, const sip::Packet& request) {
  std::string text;
  text.reserve(256);
  append(text, endpoint);
  append(text, request.call_id());
  const auto cseq = request.cseq();
  append(text, cseq ? std::to_string(cseq->number) : std::string{});
  const auto& from = request.from();
  append(text, from ? from->tag() : std::string_view{});
  const auto& uri = request.uri();
  if (uri) append(text, uri->sip() ? uri->user : uri->opaque);

  // EVP_sha256() would be looked up anew, under a lock, for each message.
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::array<unsigned char, EVP_MAX_MD_SIZE> octets;
  if (sha256 == nullptr ||
      EVP_Digest(text.data(), text.size(), octets.data(), nullptr, sha256, nullptr) != 1) {
    throw std::runtime_error("OpenSSL does not provide SHA-256");
  }
  return {reinterpret_cast<const char*>(octets.data()), key_octets};
}

}  // namespace missive::pjsip

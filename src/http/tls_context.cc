#include "http/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <fstream>

namespace missive::http {
namespace {

// What OpenSSL has to say, and forgets by being asked.
std::string reason() {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  const auto* text = ERR_reason_error_string(code);
  return text != nullptr ? text : "OpenSSL gives no reason";
}

std::uint64_t options_of(const TlsSettings& settings) {
  std::uint64_t out = SSL_OP_NO_SSLv3 | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                      SSL_OP_IGNORE_UNEXPECTED_EOF;
  if (settings.disable_v1) out |= SSL_OP_NO_TLSv1;
  if (settings.disable_v11) out |= SSL_OP_NO_TLSv1_1;
  if (settings.disable_v12) out |= SSL_OP_NO_TLSv1_2;
  if (settings.server_cipher_order) out |= SSL_OP_CIPHER_SERVER_PREFERENCE;
  return out;
}

base::Result<void> check_readable(const std::string& file) {
  if (std::ifstream(file).good()) return {};
  return base::fail("{} cannot be read; check that it exists and its permissions", file);
}

}  // namespace

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

base::Result<std::shared_ptr<const TlsContext>> TlsContext::load(const TlsSettings& settings) {
  const auto& certificate = settings.certificate_file;
  const auto& key = settings.private_key_file.empty() ? certificate : settings.private_key_file;
  for (const auto* file : {&certificate, &key}) {
    if (auto readable = check_readable(*file); !readable) return tl::unexpected(readable.error());
  }
  ERR_clear_error();
  std::shared_ptr<TlsContext> out(new TlsContext(SSL_CTX_new(TLS_server_method())));
  auto* const context = out->context_;
  if (context == nullptr) return base::fail("no TLS is to be had: {}", reason());
  SSL_CTX_set_options(context, options_of(settings));
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  // OpenSSL's own would ask on the terminal.
  SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return -1; });
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return base::fail("{} holds no certificate in PEM that can be used: {}", certificate, reason());
  }
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return base::fail("{} holds no private key in PEM that fits the certificate: {}", key,
                      reason());
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    return base::fail("the key in {} is not the one of the certificate in {}", key, certificate);
  }
  if (!settings.cipher.empty() && SSL_CTX_set_cipher_list(context, settings.cipher.c_str()) != 1) {
    return base::fail("tlscipher: '{}' names no cipher that OpenSSL has: {}", settings.cipher,
                      reason());
  }
  return std::shared_ptr<const TlsContext>(std::move(out));
}

}  // namespace missive::http

#include "certificate.h"

#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace missive::bench {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

constexpr long lifetime_seconds = 24 * 60 * 60;

void must(bool ok) {
  if (!ok) throw std::runtime_error("OpenSSL cannot make a certificate");
}

void add_extension(X509* certificate, int name, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, name, value);
  must(extension != nullptr);
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  must(added);
}

Certificate self_signed(EVP_PKEY* key) {
  constexpr long version_3 = 2;
  Certificate certificate(X509_new(), X509_free);
  must(certificate != nullptr);
  must(X509_set_version(certificate.get(), version_3) == 1);
  must(ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1) == 1);
  must(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -lifetime_seconds) != nullptr);
  must(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), lifetime_seconds) != nullptr);
  must(X509_set_pubkey(certificate.get(), key) == 1);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* text = reinterpret_cast<const unsigned char*>("127.0.0.1");
  must(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC, text, -1, -1, 0) == 1);
  must(X509_set_issuer_name(certificate.get(), name) == 1);
  add_extension(certificate.get(), NID_subject_alt_name, "IP:127.0.0.1");
  must(X509_sign(certificate.get(), key, EVP_sha256()) > 0);
  return certificate;
}

template <class Write>
void write_pem(const std::filesystem::path& path, Write write) {
  File file(std::fopen(path.c_str(), "w"), std::fclose);
  const bool written = file != nullptr && write(file.get()) == 1 && std::fflush(file.get()) == 0;
  if (!written) throw std::runtime_error(fmt::format("cannot write {}", path.string()));
}

}  // namespace

void write_certificate(const std::filesystem::path& certificate, const std::filesystem::path& key) {
  const Key pair(EVP_EC_gen("P-256"), EVP_PKEY_free);
  must(pair != nullptr);
  const auto own = self_signed(pair.get());
  write_pem(certificate, [&own](std::FILE* file) { return PEM_write_X509(file, own.get()); });
  write_pem(key, [&pair](std::FILE* file) {
    return PEM_write_PKCS8PrivateKey(file, pair.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

}  // namespace missive::bench

// Certificates for tests, made when they run, in a folder that goes with the authority.
//
// Every certificate is a PEM file with its key in it. Keys are of P-256, made in well under a
// millisecond. Of use to all folders of tests/unit, hence all in this header.
#pragma once

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace missive::test {

struct CertificateWish {
  std::string common_name = "test";
  std::string names;  // as openssl.cnf writes a subjectAltName: "DNS:example.org,IP:127.0.0.1"
  long valid_from = -3600;  // in seconds from now
  long valid_to = 3600;
  std::string password;  // of the key; empty: not encrypted
};

class TestAuthority {
 public:
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

  explicit TestAuthority(const std::string& name = "test authority") : name_(name) {
    std::string pattern = (std::filesystem::temp_directory_path() / "missive-tls-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    certificate_ = make({.common_name = name}, *key_, nullptr);
    write("ca.pem", certificate_.get(), nullptr, {});
  }
  ~TestAuthority() { std::filesystem::remove_all(folder_); }
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  std::string path(const std::string& file) const { return (folder_ / file).string(); }
  std::string ca() const { return path("ca.pem"); }

  // Signed by this authority; the path of the file. An existing file is replaced.
  std::string issue(const std::string& file, const CertificateWish& wish) const {
    const auto key = new_key();
    write(file, make(wish, *key, this).get(), key.get(), wish.password);
    return path(file);
  }
  std::string self_signed(const std::string& file, const CertificateWish& wish) const {
    const auto key = new_key();
    write(file, make(wish, *key, nullptr).get(), key.get(), wish.password);
    return path(file);
  }
  std::string write_text(const std::string& file, const std::string& text) const {
    std::FILE* out = std::fopen(path(file).c_str(), "w");
    std::fputs(text.c_str(), out);
    std::fclose(out);
    return path(file);
  }
  // One that is in no file.
  static Certificate in_memory(const CertificateWish& wish) {
    const auto key = new_key();
    return make(wish, *key, nullptr);
  }

 private:
  static Key new_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

  // Without an authority it signs itself, and may sign others.
  static Certificate make(const CertificateWish& wish, EVP_PKEY& key,
                          const TestAuthority* authority) {
    Certificate out(X509_new(), X509_free);
    static long serial = 1;
    X509_set_version(out.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(out.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(out.get()), wish.valid_from);
    X509_gmtime_adj(X509_getm_notAfter(out.get()), wish.valid_to);
    X509_set_pubkey(out.get(), &key);
    auto* subject = X509_get_subject_name(out.get());
    if (!wish.common_name.empty()) {
      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(wish.common_name.data()),
                                 static_cast<int>(wish.common_name.size()), -1, 0);
    }
    const X509* issuer = authority != nullptr ? authority->certificate_.get() : out.get();
    X509_set_issuer_name(out.get(), X509_get_subject_name(issuer));
    if (authority == nullptr) extend(*out, NID_basic_constraints, "critical,CA:TRUE");
    if (!wish.names.empty()) extend(*out, NID_subject_alt_name, wish.names);
    X509_sign(out.get(), authority != nullptr ? authority->key_.get() : &key, EVP_sha256());
    return out;
  }
  static void extend(X509& certificate, int kind, const std::string& value) {
    auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    ASSERT_NE(extension, nullptr) << value;
    X509_add_ext(&certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  void write(const std::string& file, X509* certificate, EVP_PKEY* key,
             const std::string& password) const {
    std::FILE* out = std::fopen(path(file).c_str(), "w");
    ASSERT_NE(out, nullptr);
    PEM_write_X509(out, certificate);
    if (key != nullptr && password.empty()) {
      PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    } else if (key != nullptr) {
      PEM_write_PrivateKey(out, key, EVP_aes_128_cbc(),
                           reinterpret_cast<const unsigned char*>(password.data()),
                           static_cast<int>(password.size()), nullptr, nullptr);
    }
    std::fclose(out);
  }

  const std::string name_;
  std::filesystem::path folder_;
  Key key_ = new_key();
  Certificate certificate_{nullptr, X509_free};
};

}  // namespace missive::test

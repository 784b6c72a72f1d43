// What TLS connections are made with: certificate, key, authorities, versions, ciphers.
//
// One serves both roles: the certificate is shown to who connects, and to who asks for ours when
// we connect. The files are read when it is made and at reload(); a session keeps what it began
// with, so nothing is dropped by a reload, and a file that cannot be used leaves in force what was.
// Errors name the option, the file and what is wrong with it. Held by shared_ptr, used from any
// thread.
//
// `method` is the lowest version spoken (1.2 unless the option asks for less or more); later ones
// always are. Without ca_list_file and ca_list_path the system's authorities vouch for servers.
//
// Source: Asterisk documentation, res_pjsip, "transport" (the options); RFC 8996 (TLS before 1.2);
// openssl SSL_CTX_new(3).
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace missive::net {

// Named as the options of pjsip.conf.
struct TlsOptions {
  std::string cert_file;      // PEM: the certificate, then those between it and its authority
  std::string priv_key_file;  // PEM; empty: the key is in cert_file too
  std::string ca_list_file;   // PEM: the authorities that are trusted
  std::string ca_list_path;   // a folder of them, with the names of `openssl rehash`
  std::string cipher;         // OpenSSL's names, separated by commas or colons; empty: its default
  std::string password;       // of the key
  std::string method = "default";
  bool verify_client = false;        // a certificate that a client shows must be good
  bool verify_server = false;        // a server's must be good, and for the domain
  bool require_client_cert = false;  // a client must show one, and it must be good
  bool allow_wildcard_certs = false;
  bool client_only = false;  // no connections are accepted: cert_file may be missing

  bool asks_clients() const { return verify_client || require_client_cert; }
  bool operator==(const TlsOptions&) const = default;
};

class TlsContext {
 public:
  // What a session begins with; never changes.
  struct Snapshot {
    TlsOptions options;
    std::shared_ptr<ssl_ctx_st> native;
  };

  static base::Result<std::shared_ptr<TlsContext>> create(TlsOptions options);

  // Reads the files anew, with the same options or with others.
  base::Result<void> reload();
  base::Result<void> reload(TlsOptions options);

  std::shared_ptr<const Snapshot> snapshot() const;

 private:
  explicit TlsContext(std::shared_ptr<const Snapshot> first) : current_(std::move(first)) {}

  mutable std::mutex mutex_;  // held for the copy of a pointer, once a connection
  std::shared_ptr<const Snapshot> current_;
};

}  // namespace missive::net

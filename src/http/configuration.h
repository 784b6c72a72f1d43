// http.conf as the HTTP server uses it.
//
// Immutable once loaded and shared between threads; a reload makes a new one. A missing file
// means that there is no HTTP server. What is wrong goes to `problems` with file and line; with
// an error among them the result is not to be put into force. Paths of files are taken from the
// configuration folder on when they are not absolute; the certificate and key of an enabled
// server are tried on loading, so that `missive check` names what is wrong with them.
//
// Source: Asterisk documentation, http.conf.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "conf/conf.h"
#include "net/address.h"

namespace missive::http {

// What a TlsContext is made of.
struct TlsSettings {
  std::string certificate_file;  // PEM; the chain behind the certificate may follow it
  std::string private_key_file;  // PEM; empty: it is in the certificate's file
  std::string cipher;            // OpenSSL's list; empty: OpenSSL's choice
  bool disable_v1 = true;
  bool disable_v11 = false;
  bool disable_v12 = false;
  bool server_cipher_order = true;

  bool operator==(const TlsSettings&) const = default;
};

// A path that the browser is sent on from, to another one or to a whole URL.
struct Redirect {
  std::string from;
  std::string to;
};

struct Configuration {
  bool enabled = false;
  std::optional<net::Address> bind;      // none: plain HTTP is not served
  std::optional<net::Address> tls_bind;  // none: HTTPS is not served
  TlsSettings tls;
  std::string prefix;            // "" or "/asterisk": what every path begins with
  std::string server_name;       // of the Server header; empty: no such header
  unsigned session_limit = 100;  // connections at a time that are no WebSockets
  std::chrono::milliseconds session_inactivity{30'000};  // for a whole request to arrive
  std::chrono::milliseconds session_keep_alive{15'000};  // to the next one; 0: one request each
  bool status_page = false;                              // /httpstatus
  std::vector<Redirect> redirects;

  static base::Result<std::shared_ptr<const Configuration>> load(
      const std::filesystem::path& folder, conf::Problems& problems);
  static std::shared_ptr<const Configuration> from(const conf::File& file,
                                                   const std::filesystem::path& folder,
                                                   conf::Problems& problems);
};

}  // namespace missive::http

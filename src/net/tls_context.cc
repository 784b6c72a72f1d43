#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <optional>
#include <system_error>
#include <vector>

#include "base/text.h"

namespace missive::net {
namespace {

std::string openssl_reason() {
  const auto code = ERR_peek_error();  // the first says what happened, the rest where
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return reason != nullptr ? reason : "OpenSSL gives no reason";
}

std::string reason_of(int error) { return std::generic_category().message(error); }

base::Result<int> lowest_version(std::string_view method) {
  struct Version {
    std::string_view name;
    int number;
  };
  // sslv23 is the old name of "whatever both sides speak".
  static constexpr std::array<Version, 8> versions{{{"", TLS1_2_VERSION},
                                                    {"default", TLS1_2_VERSION},
                                                    {"unspecified", TLS1_2_VERSION},
                                                    {"sslv23", TLS1_2_VERSION},
                                                    {"tlsv1", TLS1_VERSION},
                                                    {"tlsv1_1", TLS1_1_VERSION},
                                                    {"tlsv1_2", TLS1_2_VERSION},
                                                    {"tlsv1_3", TLS1_3_VERSION}}};
  for (const auto& version : versions) {
    if (base::iequals(method, version.name)) return version.number;
  }
  const bool broken = base::iequals(method, "sslv2") || base::iequals(method, "sslv3");
  return base::fail("method {} {}; tlsv1_2 or default would be right", base::printable(method, 40),
                    broken ? "is broken and not spoken" : "is not known");
}

base::Result<void> check_readable(std::string_view option, const std::string& file) {
  struct stat about {};
  if (::stat(file.c_str(), &about) != 0 || ::access(file.c_str(), R_OK) != 0) {
    return base::fail("{} {}: {}", option, file, reason_of(errno));
  }
  if (S_ISDIR(about.st_mode)) return base::fail("{} {}: is a folder", option, file);
  return {};
}

// Never OpenSSL's own, which would ask on the terminal.
int give_password(char* to, int room, int, void* password) {
  const auto& text = *static_cast<const std::string*>(password);
  if (text.empty() || text.size() > static_cast<std::size_t>(room)) return -1;
  std::memcpy(to, text.data(), text.size());
  return static_cast<int>(text.size());
}

class Loader {
 public:
  explicit Loader(const TlsOptions& options) : options_(options) {}

  base::Result<std::shared_ptr<SSL_CTX>> load() {
    ERR_clear_error();
    context_.reset(SSL_CTX_new(TLS_method()), SSL_CTX_free);
    if (!context_) throw std::bad_alloc();
    set_behaviour();
    SSL_CTX_set_default_passwd_cb(context(), give_password);
    SSL_CTX_set_default_passwd_cb_userdata(context(), const_cast<std::string*>(&options_.password));
    for (const auto step : {&Loader::set_versions, &Loader::set_ciphers, &Loader::load_certificate,
                            &Loader::load_key, &Loader::load_authorities}) {
      if (auto done = (this->*step)(); !done) return tl::unexpected(done.error());
    }
    SSL_CTX_set_default_passwd_cb_userdata(context(), nullptr);
    SSL_CTX_set_default_passwd_cb(context(), nullptr);
    return context_;
  }

 private:
  SSL_CTX* context() { return context_.get(); }

  void set_behaviour() {
    SSL_CTX_set_options(context(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                       SSL_OP_CIPHER_SERVER_PREFERENCE);
    // An idle connection gives its record buffers back: 34 KB each, and most are idle.
    SSL_CTX_set_mode(context(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context(), SSL_SESS_CACHE_OFF);
    if (!options_.asks_clients()) return;
    // A resumed session would not show the certificate again.
    SSL_CTX_set_options(context(), SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context(), 0);
  }

  base::Result<void> set_versions() {
    const auto lowest = lowest_version(options_.method);
    if (!lowest) return tl::unexpected(lowest.error());
    SSL_CTX_set_min_proto_version(context(), *lowest);
    SSL_CTX_set_max_proto_version(context(), 0);
    // Their signatures are of SHA-1 and MD5, below every level but the lowest.
    if (*lowest < TLS1_2_VERSION) SSL_CTX_set_security_level(context(), 0);
    return {};
  }

  // Those of TLS 1.3 have a list of their own.
  base::Result<void> set_ciphers() {
    if (options_.cipher.empty()) return {};
    std::string list, suites;
    auto separated = options_.cipher;
    std::replace(separated.begin(), separated.end(), ':', ',');
    for (const auto name : base::split_list(separated)) {
      const std::string text(name);
      const bool suite = base::istarts_with(name, "TLS_");
      const bool command = !base::is_alpha(name[0]);  // !aNULL, @SECLEVEL=1
      const int known = suite     ? SSL_CTX_set_ciphersuites(context(), text.c_str())
                        : command ? 1
                                  : SSL_CTX_set_cipher_list(context(), text.c_str());
      if (known != 1) {
        ERR_clear_error();
        return base::fail("cipher {} is not known; `openssl ciphers` lists those that are",
                          base::printable(name, 80));
      }
      auto& to = suite ? suites : list;
      to += to.empty() ? text : ":" + text;
    }
    const bool set =
        SSL_CTX_set_cipher_list(context(), list.empty() ? "DEFAULT" : list.c_str()) == 1 &&
        (suites.empty() || SSL_CTX_set_ciphersuites(context(), suites.c_str()) == 1);
    if (!set) return base::fail("cipher {}: {}", base::printable(list), openssl_reason());
    return {};
  }

  base::Result<void> load_certificate() {
    const auto& file = options_.cert_file;
    if (file.empty()) {
      if (options_.client_only) return {};
      return base::fail("cert_file is missing: a server has to show a certificate");
    }
    if (auto readable = check_readable("cert_file", file); !readable) return readable;
    if (SSL_CTX_use_certificate_chain_file(context(), file.c_str()) != 1) {
      return base::fail("cert_file {}: {}", file, openssl_reason());
    }
    return {};
  }

  base::Result<void> load_key() {
    if (options_.cert_file.empty()) return {};
    const bool own = !options_.priv_key_file.empty();
    const auto& file = own ? options_.priv_key_file : options_.cert_file;
    const std::string_view option = own ? "priv_key_file" : "cert_file";
    if (auto readable = check_readable(option, file); !readable) return readable;
    if (SSL_CTX_use_PrivateKey_file(context(), file.c_str(), SSL_FILETYPE_PEM) != 1) {
      return cannot_load_key(option, file);
    }
    if (SSL_CTX_check_private_key(context()) != 1) {
      return base::fail("{} {}: {}", option, file, openssl_reason());
    }
    return {};
  }

  base::Result<void> cannot_load_key(std::string_view option, const std::string& file) {
    const auto reason = openssl_reason();
    const auto about = [&reason](std::string_view word) {
      return reason.find(word) != reason.npos;
    };
    if (about("mismatch")) {
      return base::fail("{} {}: the key is not that of cert_file {}", option, file,
                        options_.cert_file);
    }
    if (about("no start line") || about("unsupported")) {
      return base::fail("{} {}: holds no private key in PEM form{}", option, file,
                        option == "cert_file" ? ", and priv_key_file is not set" : "");
    }
    return base::fail(
        "{} {}: {}{}", option, file, reason,
        about("interrupted") || about("password") ? "; password= has to open it" : "");
  }

  base::Result<void> load_authorities() {
    const auto& file = options_.ca_list_file;
    const auto& path = options_.ca_list_path;
    if (file.empty() && path.empty()) return trust_the_system();
    if (!file.empty()) {
      if (auto readable = check_readable("ca_list_file", file); !readable) return readable;
      if (SSL_CTX_load_verify_file(context(), file.c_str()) != 1) {
        return base::fail("ca_list_file {}: {}", file, openssl_reason());
      }
    }
    if (!path.empty()) {
      struct stat about {};
      const bool there = ::stat(path.c_str(), &about) == 0;
      if (there && !S_ISDIR(about.st_mode)) {
        return base::fail("ca_list_path {}: is no folder", path);
      }
      if (!there || ::access(path.c_str(), R_OK | X_OK) != 0) {
        return base::fail("ca_list_path {}: {}", path, reason_of(errno));
      }
      if (SSL_CTX_load_verify_dir(context(), path.c_str()) != 1) {
        return base::fail("ca_list_path {}: {}", path, openssl_reason());
      }
    }
    // So that a client knows which of its certificates to show.
    if (options_.asks_clients() && !file.empty()) {
      SSL_CTX_set_client_CA_list(context(), SSL_load_client_CA_file(file.c_str()));
    }
    return {};
  }

  base::Result<void> trust_the_system() {
    if (options_.asks_clients()) {
      return base::fail(
          "{} needs ca_list_file or ca_list_path: the authorities that vouch for clients",
          options_.require_client_cert ? "require_client_cert" : "verify_client");
    }
    if (options_.verify_server) SSL_CTX_set_default_verify_paths(context());
    return {};
  }

  const TlsOptions& options_;
  std::shared_ptr<SSL_CTX> context_;
};

base::Result<std::shared_ptr<const TlsContext::Snapshot>> load(TlsOptions options) {
  auto native = Loader(options).load();
  if (!native) return tl::unexpected(native.error());
  auto out = std::make_shared<TlsContext::Snapshot>();
  out->options = std::move(options);
  out->native = std::move(*native);
  return out;
}

}  // namespace

base::Result<std::shared_ptr<TlsContext>> TlsContext::create(TlsOptions options) {
  auto first = load(std::move(options));
  if (!first) return tl::unexpected(first.error());
  return std::shared_ptr<TlsContext>(new TlsContext(std::move(*first)));
}

base::Result<void> TlsContext::reload() { return reload(snapshot()->options); }

base::Result<void> TlsContext::reload(TlsOptions options) {
  auto next = load(std::move(options));
  if (!next) return tl::unexpected(next.error());
  const std::lock_guard lock(mutex_);
  current_.swap(*next);  // the old one goes after the lock
  return {};
}

std::shared_ptr<const TlsContext::Snapshot> TlsContext::snapshot() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

}  // namespace missive::net

// The octets of one TCP connection, plain or through TLS, read and written without waiting.
//
// A closed connection and whatever else ends the run is a std::runtime_error with its reason.
// Move-only; owned and used by one thread. Source: RFC 8446, through OpenSSL.
#pragma once

#include <openssl/ssl.h>

#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include "connecting.h"
#include "socket.h"

namespace missive::bench {

// What TLS clients share: they accept one certificate, that of `certificate` (PEM).
class TlsClients {
 public:
  explicit TlsClients(const std::filesystem::path& certificate);
  SSL_CTX* context() const { return context_.get(); }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
};

class Channel {
 public:
  explicit Channel(Fd connected);
  // Waits for the handshake.
  Channel(Fd connected, const TlsClients& clients, Deadline deadline);

  int fd() const { return fd_.get(); }
  // As many octets as are there, at most space.size(): when it is less, there are no more.
  std::size_t read(std::span<char> space);
  // As many octets as go out now.
  std::size_t write(std::string_view octets);
  // TLS has to write before it can go on reading.
  bool wants_write() const { return ssl_ != nullptr && SSL_want_write(ssl_.get()); }

 private:
  std::size_t read_plain(std::span<char> space);
  std::size_t read_secure(std::span<char> space);
  std::size_t write_plain(std::string_view octets);
  std::size_t write_secure(std::string_view octets);
  // Whether the operation is to be tried again later; throws when it has failed.
  bool is_early(int result, std::string_view what) const;

  Fd fd_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
};

}  // namespace missive::bench

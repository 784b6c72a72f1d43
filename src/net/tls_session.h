// One side of one TLS connection, without a socket: octets in, octets out.
//
// take() is given what came from the wire (it must live until read() gave 0); read() gives the
// plain octets, and goes through the handshake first; write() encrypts. What is to go to the
// wire is appended to wire(), also by read(): its owner sends and erases it. After state() is
// `closed` (the peer said so) nothing more is read, after `failed` nothing is done at all.
//
// The handshake ends well only when the peer's certificate is as the context asks: as a client
// with verify_server, good and for `domain`; as a server with verify_client or
// require_client_cert, good. What it said is kept for good_for(). On its owner's thread.
//
// Source: RFC 8446; RFC 5246; RFC 5922 section 7; openssl ssl(7), BIO_meth_new(3).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/tls_context.h"
#include "net/tls_names.h"

struct bio_st;
struct ssl_st;
struct x509_store_ctx_st;

namespace missive::net {

enum class TlsRole { server, client };

class TlsSession {
 public:
  enum class State { handshake, open, closed, failed };
  static constexpr std::size_t record_size = 16 * 1024;  // the most that one record carries

  // `domain`: whom a client means, a host name or an address as in a URI; it is asked for by name
  // (SNI) and, with verify_server, the certificate must be for it. A server has no use for it.
  TlsSession(const TlsContext& context, TlsRole role, std::string_view domain = {});
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // A client's first octets.
  void begin() { shake_hands(); }
  void take(std::string_view octets) { input_ = octets; }
  // 0: all that was taken is used up, or state() says why there is no more.
  std::size_t read(char* to, std::size_t room);
  // How much of it was encrypted: at most record_size, 0 unless state() is `open` or `closed`.
  std::size_t write(std::string_view plain);
  std::string& wire() { return wire_; }
  // Tells the peer that nothing more comes. Once.
  void close();

  State state() const { return state_; }
  // Why it failed, as the end of "TLS handshake with 192.0.2.1:5061 failed: ".
  const std::string& error() const { return error_; }

  bool verifies_servers() const { return context_->options.verify_server; }
  // Whether the peer has shown a good certificate that is for `domain`. The error is what is
  // wrong with it: "is not for example.org but for example.net".
  base::Result<void> good_for(std::string_view domain) const;

 private:
  static int on_certificate(int good, x509_store_ctx_st* store);
  static int on_bio_write(bio_st* bio, const char* data, int size);
  static int on_bio_read(bio_st* bio, char* data, int room);
  static const void* bio_method();

  bool shake_hands();
  void look_at_peer();
  void fail(std::string why) {
    state_ = State::failed;
    error_ = std::move(why);
  }
  void fail_by(int result);
  std::string reason() const;

  const std::shared_ptr<const TlsContext::Snapshot> context_;
  const TlsRole role_;
  const std::string domain_;
  ssl_st* ssl_;
  State state_ = State::handshake;
  std::string_view input_;
  std::string wire_;
  std::string error_;
  std::string bad_certificate_;  // what is wrong with one of the peer's
  CertificateNames names_;
  bool has_certificate_ = false;
  bool verified_ = false;
  bool said_goodbye_ = false;
};

}  // namespace missive::net

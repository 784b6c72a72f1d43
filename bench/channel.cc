#include "channel.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <poll.h>

#include <csignal>
#include <stdexcept>

namespace missive::bench {
namespace {

constexpr std::string_view closed = "the server has closed the connection of a phone";

[[noreturn]] void fail(std::string_view what) {
  char reason[256] = "no reason is known";
  if (const auto error = ERR_get_error(); error != 0) {
    ERR_error_string_n(error, reason, sizeof reason);
  }
  throw std::runtime_error(fmt::format("{}: {}", what, reason));
}

void set_non_blocking(int fd) {
  require(::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK) == 0, "fcntl");
}

}  // namespace

TlsClients::TlsClients(const std::filesystem::path& certificate)
    : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
  if (context_ == nullptr) fail("cannot make a TLS client");
  if (SSL_CTX_load_verify_file(context_.get(), certificate.c_str()) != 1) {
    fail(fmt::format("cannot read {}", certificate.string()));
  }
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context_.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context_.get(), 1);  // one read() for many records
  std::signal(SIGPIPE, SIG_IGN);              // OpenSSL writes without MSG_NOSIGNAL
}

Channel::Channel(Fd connected) : fd_(std::move(connected)), ssl_(nullptr, SSL_free) {
  set_non_blocking(fd());
}

Channel::Channel(Fd connected, const TlsClients& clients, Deadline deadline)
    : fd_(std::move(connected)), ssl_(SSL_new(clients.context()), SSL_free) {
  set_non_blocking(fd());
  if (ssl_ == nullptr || SSL_set_fd(ssl_.get(), fd()) != 1) fail("cannot make a TLS client");
  for (;;) {
    ERR_clear_error();
    const int result = SSL_connect(ssl_.get());
    if (result == 1) return;
    is_early(result, "TLS handshake");
    wait_for(fd(), wants_write() ? POLLOUT : POLLIN, deadline, "TLS handshake");
  }
}

std::size_t Channel::read(std::span<char> space) {
  return ssl_ == nullptr ? read_plain(space) : read_secure(space);
}

std::size_t Channel::write(std::string_view octets) {
  return ssl_ == nullptr ? write_plain(octets) : write_secure(octets);
}

std::size_t Channel::read_plain(std::span<char> space) {
  const auto got = ::recv(fd(), space.data(), space.size(), 0);
  if (got > 0) return static_cast<std::size_t>(got);
  if (got == 0) throw std::runtime_error(std::string(closed));
  require(errno == EAGAIN || errno == EINTR, "reading at a phone");
  return 0;
}

// Record after record: what OpenSSL holds already would wake no poll().
std::size_t Channel::read_secure(std::span<char> space) {
  std::size_t done = 0;
  while (done < space.size()) {
    const auto rest = space.subspan(done);
    std::size_t got = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), rest.data(), rest.size(), &got);
    done += got;
    if (result != 1 && is_early(result, "reading at a phone")) break;
  }
  return done;
}

std::size_t Channel::write_plain(std::string_view octets) {
  const auto sent = ::send(fd(), octets.data(), octets.size(), MSG_NOSIGNAL);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  require(errno == EAGAIN || errno == EINTR, "writing at a phone");
  return 0;
}

std::size_t Channel::write_secure(std::string_view octets) {
  std::size_t done = 0;
  while (done < octets.size()) {
    const auto rest = octets.substr(done);
    std::size_t sent = 0;
    ERR_clear_error();
    const int result = SSL_write_ex(ssl_.get(), rest.data(), rest.size(), &sent);
    done += sent;
    if (result != 1 && is_early(result, "writing at a phone")) break;
  }
  return done;
}

bool Channel::is_early(int result, std::string_view what) const {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return true;
    case SSL_ERROR_ZERO_RETURN:
      throw std::runtime_error(std::string(closed));
    default:
      fail(fmt::format("{} over TLS", what));
  }
}

}  // namespace missive::bench

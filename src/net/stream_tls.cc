// What a Stream does differently when there is TLS in it.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "net/stream.h"

namespace missive::net {
namespace {

constexpr std::size_t raw_room = 16 * 1024;
constexpr unsigned reads_per_turn = 4;
constexpr std::size_t enough_encrypted = 64 * 1024;  // that waits for the socket
constexpr std::size_t kept_wire = 32 * 1024;         // more is given back when it is empty
constexpr unsigned reads_before_refusal = 16;        // of what need not be read any more

}  // namespace

std::shared_ptr<Stream> Stream::adopt(Shard& shard, int fd, const Address& peer,
                                      std::unique_ptr<TlsSession> session, base::Duration within) {
  auto out = adopt(shard, fd, peer);
  auto* self = out.get();
  out->tls_.reset(new Tls{std::move(session), 0, within,
                          CallbackTimer([self] { self->handshake_failed("timed out"); })});
  return out;
}

void Stream::read_tls() {
  std::array<char, raw_room> raw;
  for (unsigned i = 0; i < reads_per_turn; ++i) {
    const auto got = ::recv(fd_, raw.data(), raw.size(), MSG_DONTWAIT);
    if (got < 0) {
      const int error = errno;
      if (error == EINTR) continue;
      if (error == EAGAIN || error == EWOULDBLOCK) return;
      const auto text = std::generic_category().message(error);
      return tls_->handshaking() ? handshake_failed(text) : finish(text);
    }
    if (got == 0) return tls_->handshaking() ? handshake_failed("closed by peer") : end_of_input();
    const auto size = static_cast<std::size_t>(got);
    if (!take_tls({raw.data(), size}) || size < raw.size() || !may_read()) return;
  }
}

// Decrypts what came and shows it; false when nothing more is to be read.
bool Stream::take_tls(std::string_view octets) {
  auto& session = *tls_->session;
  const bool was_handshaking = tls_->handshaking();
  session.take(octets);
  std::size_t got = 0;
  do {
    if (in_used_ == in_.size()) in_.resize(std::max(raw_room, in_.size() * 2));
    got = session.read(in_.data() + in_used_, in_.size() - in_used_);
    in_used_ += got;
  } while (got > 0);
  if (!session.wire().empty()) flush_later();

  using State = TlsSession::State;
  const auto state = session.state();
  if (was_handshaking) {
    if (state == State::handshake) return true;
    if (state == State::failed) {
      handshake_failed(session.error());
      return false;
    }
    if (!established()) return false;
  }
  // What may not be shown now stays, and is when reading goes on.
  const bool shown = in_used_ > 0 && !paused_ && !closing_;
  if (shown && !deliver()) return false;
  if (state == State::failed) finish("TLS error: " + session.error());
  if (state == State::closed) end_of_input();
  return state == State::open;
}

// The handshake is done; false when the handler closed the stream on hearing it.
bool Stream::established() {
  tls_->timer.cancel();
  flush_later();
  handler_->on_established();
  return handler_ != nullptr && is_open();
}

void Stream::write_tls() {
  auto& tls = *tls_;
  for (;;) {
    encrypt_some();
    auto& wire = tls.session->wire();
    if (wire.empty()) break;
    if (!put(wire, tls.wire_sent)) return;
    write_blocked_ = tls.unsent() > 0;
    if (write_blocked_) break;
    tls.wire_sent = 0;
    wire.clear();
    if (wire.capacity() > kept_wire) std::string().swap(wire);
  }
  drop_sent();
  if (tls.session->state() != TlsSession::State::failed) return;
  tls.timer.armed() ? handshake_failed(tls.session->error())
                    : finish("TLS error: " + tls.session->error());
}

void Stream::encrypt_some() {
  auto& session = *tls_->session;
  while (sent_ < out_.size() && tls_->unsent() < enough_encrypted) {
    const auto done = session.write(std::string_view(out_).substr(sent_));
    if (done == 0) break;
    sent_ += done;
  }
  if (sent_ == out_.size() && (closing_ || end_of_input_)) session.close();
}

// The alert that says why goes out first. What the peer has sent meanwhile is read, so that the
// kernel does not answer it with a reset that would make the peer lose the alert.
void Stream::handshake_failed(std::string_view why) {
  const auto& wire = tls_->session->wire();
  if (tls_->unsent() > 0) {
    ::send(fd_, wire.data() + tls_->wire_sent, tls_->unsent(), MSG_DONTWAIT | MSG_NOSIGNAL);
    ::shutdown(fd_, SHUT_WR);
    std::array<char, raw_room> rubbish;
    for (unsigned i = 0; i < reads_before_refusal; ++i) {
      if (::recv(fd_, rubbish.data(), rubbish.size(), MSG_DONTWAIT) <= 0) break;
    }
  }
  finish(fmt::format("TLS handshake with {} failed: {}", peer_.str(), why));
}

// Closing at once: nothing waits for the close_notify, and nothing is cut short by it.
void Stream::say_goodbye() {
  tls_->timer.cancel();
  if (unsent() > 0) return;
  auto& session = *tls_->session;
  session.close();
  const auto& wire = session.wire();
  if (!wire.empty()) ::send(fd_, wire.data(), wire.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace missive::net

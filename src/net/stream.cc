#include "net/stream.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "net/socket_options.h"

namespace missive::net {
namespace {

constexpr std::size_t first_room = 16 * 1024;
constexpr std::size_t kept_room = 64 * 1024;      // more is given back when it is empty
constexpr std::size_t kept_output = 1024 * 1024;  // likewise
constexpr unsigned reads_per_turn = 4;
constexpr base::Duration linger_time = std::chrono::seconds{5};

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

std::string text_of(int error) { return std::generic_category().message(error); }

}  // namespace

std::shared_ptr<Stream> Stream::adopt(Shard& shard, int fd, const Address& peer) {
  return std::shared_ptr<Stream>(new Stream(shard, fd, peer));
}

Stream::Stream(Shard& shard, int fd, const Address& peer)
    : shard_(shard), fd_(fd), peer_(peer), close_timer_([this] {
        const auto self = shared_from_this();
        lingering_ ? close_now() : finish("closed");
      }) {
  set_no_delay(fd_);
  socklen_t size = Address::capacity();
  ::getsockname(fd_, local_.data(), &size);
}

Stream::~Stream() { close_now(); }

void Stream::start(StreamHandler& handler) {
  handler_ = &handler;
  if (tls_) {
    tls_->session->begin();
    shard_.arm(tls_->timer, tls_->within);
    flush_later();
  }
  update_interest();
}

void Stream::send(std::string_view octets) {
  if (!is_open() || closing_) return;
  out_.append(octets);
  flush_later();
}

void Stream::flush_later() {
  if (is_open()) shard_.at_turn_end(*this);
}

void Stream::pause_reading(bool pause) {
  if (paused_ == pause) return;
  paused_ = pause;
  if (!pause) show_again();
  // A pause that is over within the turn costs no system call.
  flush_later();
}

// Nothing may come that would show the handler what it left lying.
void Stream::show_again() {
  if (in_used_ == 0) return;
  show_again_ = true;
  flush_later();
}

void Stream::close_after_flush(base::Duration within) {
  if (!is_open() || closing_) return;
  closing_ = true;
  shard_.keep(shared_from_this());
  shard_.arm(close_timer_, within);
  flush_later();
  update_interest();
}

void Stream::close_now() {
  handler_ = nullptr;
  if (!is_open()) return;
  if (tls_) say_goodbye();
  close_timer_.cancel();
  shard_.forget(*this);
  shard_.poller().forget(*this);
  ::close(std::exchange(fd_, -1));
  const auto last = shard_.release(*this);  // `this` may go with it
}

// Closes and says so.
void Stream::finish(std::string_view reason) {
  const auto self = shared_from_this();
  auto* const handler = handler_;
  close_now();
  if (handler != nullptr) handler->on_closed(reason);
}

bool Stream::may_read() const {
  if (handler_ == nullptr || end_of_input_) return false;
  if (tls_ && tls_->handshaking()) return true;  // whatever waits, waits for that
  return !paused_ && !closing_ && unsent() <= high_water_;
}

void Stream::update_interest() {
  if (!is_open()) return;
  const bool read = lingering_ || may_read();
  const std::uint32_t events =
      (read ? std::uint32_t{EPOLLIN} : 0u) | (write_blocked_ ? std::uint32_t{EPOLLOUT} : 0u);
  shard_.poller().watch(*this, fd_, events);
  held_back_ = unsent() > high_water_;
}

void Stream::on_ready(std::uint32_t events) {
  const auto self = shared_from_this();
  if (lingering_) return discard_some();
  if (write_blocked_ && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) {
    write_blocked_ = false;
    flush_later();
  }
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 && may_read()) {
    tls_ ? read_tls() : read_some();
  }
}

void Stream::read_some() {
  for (unsigned i = 0; i < reads_per_turn; ++i) {
    if (in_used_ == in_.size()) in_.resize(std::max(first_room, in_.size() * 2));
    const auto room = in_.size() - in_used_;
    const auto got = ::recv(fd_, in_.data() + in_used_, room, MSG_DONTWAIT);
    if (got < 0) {
      const int error = errno;
      if (error == EINTR) continue;
      if (!would_block(error)) finish(text_of(error));
      return;
    }
    if (got == 0) return end_of_input();
    in_used_ += static_cast<std::size_t>(got);
    // Less than there was room for: that was all, and asking again would be for nothing.
    if (!deliver() || static_cast<std::size_t>(got) < room || !may_read()) return;
  }
}

// Shows the handler what there is; false when it closed the stream.
bool Stream::deliver() {
  const auto used = std::min(handler_->on_data({in_.data(), in_used_}), in_used_);
  if (handler_ == nullptr || !is_open()) return false;
  held_back_ = held_back_ || unsent() > high_water_;
  in_used_ -= used;
  if (in_used_ == 0) {
    if (in_.size() > kept_room) std::string().swap(in_);
  } else if (used > 0) {
    std::copy_n(in_.begin() + static_cast<std::ptrdiff_t>(used), in_used_, in_.begin());
  }
  return true;
}

// What this turn still has to say goes out before the handler hears of it.
void Stream::end_of_input() {
  end_of_input_ = true;
  update_interest();
  flush_later();
}

void Stream::on_turn_end() {
  const auto self = shared_from_this();
  if (std::exchange(show_again_, false) && handler_ != nullptr && !paused_ && !closing_) {
    if (!deliver()) return;
  }
  if (!write_blocked_) tls_ ? write_tls() : write_some();
  if (!is_open() || lingering_) return;
  if (closing_) {
    unsent() == 0 ? linger() : update_interest();
    return;
  }
  if (end_of_input_ && handler_ != nullptr) {
    auto* const handler = std::exchange(handler_, nullptr);
    unsent() == 0 ? close_now() : close_after_flush(linger_time);
    handler->on_closed("closed by peer");
    return;
  }
  const bool was_held_back = held_back_;
  update_interest();
  if (was_held_back && !held_back_) show_again();
}

void Stream::write_some() {
  if (unsent() == 0 || !put(out_, sent_)) return;
  write_blocked_ = unsent() > 0;
  drop_sent();
}

// Writes what the socket takes of `octets` from `sent` on; false when the stream broke.
bool Stream::put(const std::string& octets, std::size_t& sent) {
  ssize_t put = 0;
  do {
    put = ::send(fd_, octets.data() + sent, octets.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (put < 0 && errno == EINTR);
  if (put < 0 && !would_block(errno)) {
    finish(text_of(errno));
    return false;
  }
  sent += put < 0 ? 0 : static_cast<std::size_t>(put);
  return true;
}

void Stream::drop_sent() {
  if (sent_ == out_.size()) {
    out_.clear();
    sent_ = 0;
    if (out_.capacity() > kept_output) std::string().swap(out_);
  } else if (sent_ > out_.size() / 2) {
    out_.erase(0, sent_);
    sent_ = 0;
  }
}

// All is written. Closing a socket that has unread input would make the peer lose what it
// has not read yet, so the other half stays open until the peer closes it, or the timer.
void Stream::linger() {
  auto* const handler = std::exchange(handler_, nullptr);
  if (end_of_input_) {
    close_now();
  } else {
    lingering_ = true;
    ::shutdown(fd_, SHUT_WR);
    std::string().swap(in_);
    in_used_ = 0;
    update_interest();
  }
  if (handler != nullptr) handler->on_closed("closed");
}

void Stream::discard_some() {
  std::array<char, first_room> rubbish;
  const auto got = ::recv(fd_, rubbish.data(), rubbish.size(), MSG_DONTWAIT);
  if (got > 0 || (got < 0 && (would_block(errno) || errno == EINTR))) return;
  close_now();
}

}  // namespace missive::net

#include "sip_connection.h"

#include <poll.h>

#include <cstring>
#include <stdexcept>

namespace missive::bench {
namespace {

constexpr std::size_t input_octets = 256 << 10;  // a few times the longest message

}  // namespace

SipConnection::SipConnection(Channel channel, std::unique_ptr<MessageFraming> framing)
    : channel_(std::move(channel)), framing_(std::move(framing)), input_(input_octets) {}

bool SipConnection::receive() {
  std::memmove(input_.data(), input_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (end_ == input_.size()) throw std::runtime_error("the server sends a message without an end");
  end_ += channel_.read(std::span(input_).subspan(end_));
  return end_ == input_.size();
}

std::optional<std::string_view> SipConnection::next() {
  while (begin_ < end_) {
    const auto cut = framing_->next({input_.data() + begin_, end_ - begin_}, output_);
    if (cut.size == 0) return std::nullopt;
    begin_ += cut.size;
    if (!cut.message.empty()) return cut.message;
  }
  return std::nullopt;
}

bool SipConnection::flush() {
  if (written_ < output_.size()) {
    written_ += channel_.write(std::string_view(output_).substr(written_));
  }
  if (written_ < output_.size()) return false;
  output_.clear();
  written_ = 0;
  return true;
}

short SipConnection::wanted() const {
  const bool waits = written_ < output_.size() || channel_.wants_write();
  return waits ? POLLIN | POLLOUT : POLLIN;
}

}  // namespace missive::bench

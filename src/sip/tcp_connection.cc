#include "sip/tcp_connection.h"

#include <algorithm>

#include "net/socket_options.h"

namespace missive::sip {

TcpConnection::TcpConnection(net::Shard& shard, const net::Address& from, const net::Address& peer,
                             const TcpOptions& options, TcpConnectionOwner& owner)
    : shard_(shard),
      peer_(peer),
      options_(options),
      owner_(owner),
      framer_(options.framer),
      upkeep_([this] { look_after(); }) {
  connector_ = std::make_unique<net::Connector>(shard, from, peer, options.connect_timeout,
                                                [this](const base::Result<int>& fd) {
                                                  if (!fd) return end(fd.error());
                                                  open(*fd);
                                                });
}

TcpConnection::TcpConnection(net::Shard& shard, int fd, const net::Address& peer,
                             const TcpOptions& options, TcpConnectionOwner& owner)
    : shard_(shard),
      peer_(peer),
      options_(options),
      owner_(owner),
      framer_(options.framer),
      upkeep_([this] { look_after(); }) {
  open(fd);
}

TcpConnection::~TcpConnection() {
  if (stream_) stream_->close_now();
}

void TcpConnection::open(int fd) {
  net::set_type_of_service(fd, peer_.family(), options_.tos);
  stream_ = net::Stream::adopt(shard_, fd, peer_);
  last_used_ = last_pinged_ = shard_.now();
  look_after();
  stream_->start(*this);
  if (!waiting_octets_.empty()) stream_->send(std::exchange(waiting_octets_, {}));
  for (auto* observer : take_waiting()) owner_.on_sent(observer);
}

std::size_t TcpConnection::unsent() const {
  return stream_ ? stream_->unsent() : waiting_octets_.size();
}

void TcpConnection::send(std::string_view message, net::SendObserver* observer) {
  last_used_ = shard_.now();
  if (stream_) {
    stream_->send(message);
    return owner_.on_sent(observer);
  }
  waiting_octets_ += message;
  if (observer != nullptr) waiting_.push_back(observer);
}

std::vector<net::SendObserver*> TcpConnection::take_waiting() {
  return std::exchange(waiting_, {});
}

void TcpConnection::forget(net::SendObserver& observer) { std::erase(waiting_, &observer); }

void TcpConnection::end(const base::Error& error) {
  if (std::exchange(ended_, true)) return;
  upkeep_.cancel();
  if (stream_) stream_->close_now();
  owner_.on_ended(*this, error);
}

// The timer is not moved for every message: when it fires, it looks when the last was.
void TcpConnection::look_after() {
  const auto now = shard_.now();
  auto wake = base::TimePoint::max();
  if (options_.idle_timeout > base::Duration::zero()) {
    const auto end_at = std::max(last_used_ + options_.idle_timeout, kept_until_);
    if (now >= end_at) return end({"closed for being idle"});
    wake = end_at;
  }
  if (options_.keep_alive > base::Duration::zero()) {
    auto next = std::max(last_used_, last_pinged_) + options_.keep_alive;
    if (now >= next) {
      stream_->send("\r\n\r\n");
      last_pinged_ = now;
      next = now + options_.keep_alive;
    }
    wake = std::min(wake, next);
  }
  if (wake != base::TimePoint::max()) shard_.timers().arm(upkeep_, wake);
}

std::size_t TcpConnection::on_data(std::string_view data) {
  std::size_t used = 0;
  last_used_ = shard_.now();
  while (used < data.size() && !ended_) {
    const auto frame = framer_.next(data.substr(used));
    switch (frame.kind) {
      case Frame::Kind::need_more:
        return used;
      case Frame::Kind::message:
        owner_.on_frame(*this, data.substr(used, frame.size));
        break;
      case Frame::Kind::line_end:
        break;
      case Frame::Kind::ping:
        stream_->send("\r\n");
        break;
      case Frame::Kind::error:
        end({frame.error});
        return data.size();
    }
    used += frame.size;
  }
  return used;
}

void TcpConnection::on_closed(std::string_view reason) { end({std::string(reason)}); }

}  // namespace missive::sip

#include "sip/tcp_connection.h"

#include <algorithm>

namespace missive::sip {

TcpConnection::TcpConnection(net::Shard& shard, const net::Address& from, const net::Address& peer,
                             const TcpOptions& options, std::string_view domain,
                             TcpConnectionOwner& owner)
    : shard_(shard),
      peer_(peer),
      options_(options),
      domain_(domain),
      owner_(owner),
      framer_(options.framer),
      upkeep_([this] { look_after(); }),
      accepted_(false) {
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
      upkeep_([this] { look_after(); }),
      accepted_(true) {
  open(fd);
}

TcpConnection::~TcpConnection() {
  if (stream_) stream_->close_now();
}

void TcpConnection::open(int fd) {
  net::set_type_of_service(fd, peer_.family(), options_.tos);
  if (options_.probes) net::set_keep_alive(fd, *options_.probes);
  if (options_.tls) {
    const auto role = accepted_ ? net::TlsRole::server : net::TlsRole::client;
    stream_ = net::Stream::adopt(shard_, fd, peer_,
                                 std::make_unique<net::TlsSession>(*options_.tls, role, domain_),
                                 options_.handshake_timeout);
  } else {
    stream_ = net::Stream::adopt(shard_, fd, peer_);
  }
  last_used_ = last_pinged_ = shard_.now();
  look_after();
  stream_->start(*this);
  if (!options_.tls) send_waiting();
}

// It stands: what waited for that goes out, unless the other end is not who it is for.
void TcpConnection::send_waiting() {
  ready_ = true;
  const auto octets = std::exchange(waiting_octets_, {});
  std::string_view rest = octets;
  for (const auto& waiting : std::exchange(waiting_, {})) {
    if (const auto good = good_for(waiting.domain); !good) {
      owner_.on_not_sent(waiting.observer, good.error());
    } else {
      stream_->send(rest.substr(0, waiting.size));
      owner_.on_sent(waiting.observer);
    }
    rest.remove_prefix(waiting.size);
  }
}

base::Result<void> TcpConnection::good_for(std::string_view domain) {
  if (!options_.tls || !ready_ || domain.empty() || domain == known_good_) return {};
  const auto& session = *stream_->tls();
  if (!session.verifies_servers()) return {};
  if (const auto good = session.good_for(domain); !good) {
    return base::fail("the certificate of {} {}", peer_.str(), good.error().text);
  }
  known_good_ = domain;
  return {};
}

std::size_t TcpConnection::unsent() const {
  return ready_ ? stream_->unsent() : waiting_octets_.size();
}

void TcpConnection::send(std::string_view message, std::string_view domain,
                         net::SendObserver* observer) {
  last_used_ = shard_.now();
  if (ready_) {
    stream_->send(message);
    return owner_.on_sent(observer);
  }
  waiting_octets_ += message;
  waiting_.push_back({observer, message.size(), std::string(domain)});
}

std::vector<net::SendObserver*> TcpConnection::take_waiting() {
  std::vector<net::SendObserver*> out;
  for (const auto& waiting : std::exchange(waiting_, {})) out.push_back(waiting.observer);
  return out;
}

void TcpConnection::forget(net::SendObserver& observer) {
  for (auto& waiting : waiting_) {
    if (waiting.observer == &observer) waiting.observer = nullptr;
  }
}

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

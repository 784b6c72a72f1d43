#include "http/server.h"

#include <unistd.h>

#include "base/log.h"
#include "http/host.h"
#include "http/session.h"

namespace missive::http {
namespace {

// What an accepted descriptor needs on its way to its shard.
class Accepted {
 public:
  Accepted(int fd, std::shared_ptr<Host> host, Seat seat, const net::Address& peer, bool secure)
      : fd_(fd), host_(std::move(host)), seat_(std::move(seat)), peer_(peer), secure_(secure) {}
  Accepted(Accepted&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        host_(std::move(other.host_)),
        seat_(std::move(other.seat_)),
        peer_(other.peer_),
        secure_(other.secure_) {}
  Accepted& operator=(Accepted&&) = delete;
  ~Accepted() {
    if (fd_ >= 0) ::close(fd_);
  }

  void operator()() {
    start_session(std::move(host_), std::exchange(fd_, -1), peer_, secure_, std::move(seat_));
  }

 private:
  int fd_;
  std::shared_ptr<Host> host_;
  Seat seat_;
  net::Address peer_;
  bool secure_;
};

base::Result<std::shared_ptr<const TlsContext>> tls_of(const Configuration& configuration) {
  if (!configuration.enabled || !configuration.tls_bind) return nullptr;
  return TlsContext::load(configuration.tls);
}

}  // namespace

Server::Server(std::vector<net::Shard*> shards, Routes routes, const ServerOptions& options)
    : counters_(std::make_shared<Counters>()) {
  const auto shared = std::make_shared<const Routes>(std::move(routes));
  for (auto* shard : shards) {
    hosts_.push_back(std::make_shared<Host>(*shard, options, shared, counters_));
  }
}

Server::~Server() {
  // Connections and their hosts hold each other.
  for (const auto& host : hosts_) std::exchange(host->connections, {}).clear();
}

base::Result<void> Server::open(Configured configuration) {
  const auto tls = tls_of(*configuration);
  if (!tls) return tl::unexpected(tls.error());
  configuration_ = configuration;
  if (configuration->enabled && configuration->bind) {
    auto opened = listen(*configuration->bind, false);
    if (!opened) return tl::unexpected(opened.error());
    plain_ = std::move(*opened);
    local_ = plain_->local();
  }
  if (*tls) {
    auto opened = listen(*configuration->tls_bind, true);
    if (!opened) return tl::unexpected(opened.error());
    secure_ = std::move(*opened);
    tls_local_ = secure_->local();
  }
  for (const auto& host : hosts_) {
    host->configuration = configuration;
    host->tls = *tls;
    host->local = local_;
    host->tls_local = tls_local_;
    // Made before the shard waits for the first time, which is cheaper than to interrupt it.
    if (plain_ || secure_) host->shard.loop();
  }
  return {};
}

base::Result<std::unique_ptr<net::Listener>> Server::listen(const net::Address& bind, bool secure) {
  return net::Listener::open(
      hosts_.front()->shard, bind,
      [this, secure](int fd, const net::Address& peer) { deal(fd, peer, secure); });
}

base::Result<void> Server::reload(Configured configuration) {
  const auto tls = tls_of(*configuration);
  if (!tls) return tl::unexpected(tls.error());
  const auto bind_of = [](const Configuration& of, const auto& address) {
    return of.enabled ? address : std::nullopt;
  };
  if (bind_of(*configuration, configuration->bind) !=
          bind_of(*configuration_, configuration_->bind) ||
      bind_of(*configuration, configuration->tls_bind) !=
          bind_of(*configuration_, configuration_->tls_bind)) {
    log::warning("http.conf: where HTTP is served changes with the next start, not by a reload");
  }
  configuration_ = configuration;
  for (const auto& host : hosts_) {
    host->shard.post([host, configuration, context = *tls] {
      host->configuration = configuration;
      if (context) host->tls = context;
    });
  }
  return {};
}

void Server::close_all() {
  hosts_.front()->shard.post([this] {
    plain_.reset();
    secure_.reset();
  });
  for (const auto& host : hosts_) {
    host->shard.post([host] {
      std::vector<std::shared_ptr<Closable>> all;
      for (const auto& [key, connection] : host->connections) all.push_back(connection);
      for (const auto& connection : all) connection->shut_down();
    });
  }
}

std::size_t Server::sessions() const { return counters_->sessions(); }
std::size_t Server::web_sockets() const { return counters_->web_sockets(); }
std::vector<Page> Server::pages() const { return hosts_.front()->routes->list(); }

void Server::deal(int fd, const net::Address& peer, bool secure) {
  const auto& first = *hosts_.front();
  const auto limit = first.configuration->session_limit;
  switch (counters_->admit(peer, limit, first.options.max_per_address)) {
    case Counters::Verdict::too_many_sessions:
      log::warning("refused an HTTP connection from {}: {} are open (sessionlimit)", peer.str(),
                   limit);
      ::close(fd);
      return;
    case Counters::Verdict::too_many_of_address:
      log::warning("refused an HTTP connection from {}: it has {} open", peer.str(),
                   first.options.max_per_address);
      ::close(fd);
      return;
    case Counters::Verdict::admitted:
      break;
  }
  auto& host = hosts_[next_++ % hosts_.size()];
  host->shard.post(Accepted(fd, host, Seat(counters_, peer), peer, secure));
}

}  // namespace missive::http

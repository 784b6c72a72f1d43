// What the connections of one shard have in common: settings, routes, limits, and the list of
// them. Internal to the server.
//
// A Host belongs to its shard's thread, but for what Counters says. The connections are owned
// here; each takes itself off the list when it ends. A WebSocket is on the list too, while its
// owner holds it.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "http/configuration.h"
#include "http/request.h"
#include "http/routes.h"
#include "http/server.h"
#include "http/tls_context.h"

namespace missive::http {

// How many there are, all shards together; any thread. The lock is taken once for a connection's
// beginning and once for its end.
class Counters {
 public:
  enum class Verdict { admitted, too_many_sessions, too_many_of_address };

  Verdict admit(const net::Address& peer, std::size_t session_limit, std::size_t per_address);
  void leave(const net::Address& peer, bool web_socket);
  // A session becomes a WebSocket, unless there are `limit` of them.
  bool upgrade(std::size_t limit);
  std::size_t sessions() const { return sessions_.load(std::memory_order_relaxed); }
  std::size_t web_sockets() const { return web_sockets_.load(std::memory_order_relaxed); }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> by_ip_;
  std::atomic<std::size_t> sessions_{0};  // that are no WebSockets
  std::atomic<std::size_t> web_sockets_{0};
};

// A place among those who are counted; given up when destroyed.
class Seat {
 public:
  Seat(std::shared_ptr<Counters> counters, const net::Address& peer)
      : counters_(std::move(counters)), peer_(peer) {}
  Seat(Seat&&) noexcept = default;
  Seat& operator=(Seat&&) = delete;
  ~Seat() {
    if (counters_) counters_->leave(peer_, web_socket_);
  }

  bool upgrade(std::size_t limit) { return web_socket_ = counters_->upgrade(limit); }

 private:
  std::shared_ptr<Counters> counters_;
  net::Address peer_;
  bool web_socket_ = false;
};

// A connection as the list knows it.
class Closable {
 public:
  virtual ~Closable() = default;
  // The server stops: says goodbye and ends soon.
  virtual void shut_down() = 0;
};

struct Host {
  Host(net::Shard& on, const ServerOptions& with, std::shared_ptr<const Routes> to,
       std::shared_ptr<Counters> counted)
      : shard(on), options(with), routes(std::move(to)), counters(std::move(counted)) {}

  void add(std::shared_ptr<Closable> connection) {
    auto* const key = connection.get();
    connections.emplace(key, std::move(connection));
  }
  void remove(Closable& connection) { connections.erase(&connection); }

  net::Shard& shard;
  const ServerOptions options;
  const std::shared_ptr<const Routes> routes;
  const std::shared_ptr<Counters> counters;
  // These two change with a reload.
  std::shared_ptr<const Configuration> configuration;
  std::shared_ptr<const TlsContext> tls;
  net::Address local;  // of the listeners, for the status page
  net::Address tls_local;
  std::unordered_map<Closable*, std::shared_ptr<Closable>> connections;
};

// "Mon, 23 Nov 2026 02:04:25 GMT" (RFC 7231 section 7.1.1.1).
std::string http_date(base::WallTime time);

}  // namespace missive::http

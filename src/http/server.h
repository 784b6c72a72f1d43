// The HTTP server: plain and TLS listeners, requests to handlers, WebSockets to their owners.
//
// Connections are accepted on the first shard and dealt to all of them in turn; each then lives
// on its shard, where handlers are called too. open(), reload(), close_all() and the destructor
// are for one thread at a time; the counts are for any. The server is destroyed
// before its shards and while none of them runs; the WebSockets it has handed out may outlive
// it, on shards that live.
//
// Source: RFC 7230, RFC 6455; Asterisk documentation, http.conf.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "http/configuration.h"
#include "http/routes.h"
#include "net/listener.h"

namespace missive::http {

struct ServerOptions {
  std::size_t max_header = 16 << 10;     // octets of a request line and its header
  std::size_t max_body = 1 << 20;        // octets of a request's body
  std::size_t max_message = 192 << 10;   // octets of one WebSocket message
  std::size_t max_unsent = 16 << 20;     // octets that wait for one WebSocket's peer
  std::size_t max_web_sockets = 20'000;  // at a time
  std::size_t max_per_address = 2'000;   // connections of one IP address, of both kinds
  base::Duration ping_interval = std::chrono::seconds{30};  // of a quiet WebSocket; 0: none
  base::Duration pong_timeout = std::chrono::seconds{20};   // for any sign of life after that
  base::Duration close_timeout = std::chrono::seconds{5};   // for the peer to close too
};

struct Host;
class Counters;
class TlsContext;

class Server {
 public:
  // `shards`: at least one.
  Server(std::vector<net::Shard*> shards, Routes routes, const ServerOptions& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Listens as the configuration says; with enabled=no nowhere. Before the shards run.
  base::Result<void> open(std::shared_ptr<const Configuration> configuration);
  // Everything but where it listens: certificates for connections from now on, limits, status
  // page, redirects. A new address needs a restart, which the log says. On an error nothing has
  // changed.
  base::Result<void> reload(std::shared_ptr<const Configuration> configuration);
  // No new connections; those there are end soon, WebSockets with "going away".
  void close_all();

  // Where it listens, with the port the kernel chose; unset where it does not.
  const net::Address& local() const { return local_; }
  const net::Address& tls_local() const { return tls_local_; }
  std::size_t sessions() const;  // HTTP connections
  std::size_t web_sockets() const;
  std::vector<Page> pages() const;  // of its routes; any thread

 private:
  using Configured = std::shared_ptr<const Configuration>;

  base::Result<std::unique_ptr<net::Listener>> listen(const net::Address& bind, bool secure);
  void deal(int fd, const net::Address& peer, bool secure);

  std::shared_ptr<Counters> counters_;
  std::vector<std::shared_ptr<Host>> hosts_;  // one for each shard
  Configured configuration_;
  net::Address local_;
  net::Address tls_local_;
  // On the first shard's thread, once it runs.
  std::unique_ptr<net::Listener> plain_;
  std::unique_ptr<net::Listener> secure_;
  std::size_t next_ = 0;
};

}  // namespace missive::http

// Which handler a path belongs to.
//
// A route is found by the longest path that is the request's own or a folder of it: "/ari" has
// "/ari" and "/ari/x", not "/arid". Built before the server opens, immutable and shared by all
// threads then: handlers are called on the thread of the connection's shard, on several shards
// at the same time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/request.h"
#include "net/message_socket.h"
#include "net/shard.h"

namespace missive::http {

struct Route {
  std::string path;
  std::string description;           // as a list shows it
  std::vector<std::string> methods;  // others are answered 405; HEAD comes along with GET
  bool below = false;                // what is below the path too
  std::function<void(net::Shard&, Request, Responder)> handle;
};

// Where a WebSocket may be opened.
struct WebSocketRoute {
  std::string path;
  std::string description;
  std::vector<std::string> sub_protocols;  // the client must ask for one of them; empty: any
  // The socket is the callee's, to be started in this call or later on the same shard.
  std::function<void(net::Shard&, std::unique_ptr<net::MessageSocket>, const Request&)> accepted;
  // A refusal, where a request may be refused for what the route knows (credentials).
  std::function<std::optional<Response>(net::Shard&, const Request&)> refuse;
};

// A line of the list of what is served.
struct Page {
  std::string path, description;
};

class Routes {
 public:
  // Nothing, or one of these.
  using Found = std::variant<std::monostate, const Route*, const WebSocketRoute*>;

  void add(Route route) { routes_.push_back(std::move(route)); }
  void add(WebSocketRoute route) { web_sockets_.push_back(std::move(route)); }

  // References stay valid until the next add().
  Found find(std::string_view path) const;
  // All of them, WebSockets among them, sorted by path.
  std::vector<Page> list() const;

 private:
  std::vector<Route> routes_;
  std::vector<WebSocketRoute> web_sockets_;
};

// Why a request may not become a WebSocket on that route, as the answer to it: no upgrade asked
// for or a version other than 13 (426), no key or no sub-protocol we have (400). Nothing when it
// may. Source: RFC 6455 section 4.2; RFC 7118 section 4.1.
std::optional<Response> refusal_of_upgrade(const Request& request, const WebSocketRoute& route);
// The one of the client's sub-protocols that is used: its first one that the route has.
std::string_view chosen_sub_protocol(const Request& request, const WebSocketRoute& route);

}  // namespace missive::http

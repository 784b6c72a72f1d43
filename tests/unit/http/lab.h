// A server on loopback, driven by hand, and what a client of plain sockets needs.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>

#include "http/server.h"
#include "unit/net/loop_helper.h"

namespace missive::http {

using namespace std::chrono_literals;
using net::PlainSocket;

// The value of a field of an answer's header, "" when it is not there.
inline std::string field_of(const std::string& answer, const std::string& name) {
  const auto at = answer.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const auto from = at + name.size() + 4;
  return answer.substr(from, answer.find("\r\n", from) - from);
}

inline std::string body_of(const std::string& answer) {
  const auto end = answer.find("\r\n\r\n");
  return end == std::string::npos ? std::string() : answer.substr(end + 4);
}

class ServerLab : public testing::Test {
 protected:
  static Configuration plain() {
    Configuration out;
    out.enabled = true;
    out.bind = *net::Address::from_ip("127.0.0.1", 0);
    out.server_name = "lab";
    return out;
  }

  void open(const Configuration& configuration) {
    server = std::make_unique<Server>(std::vector<net::Shard*>{&shard}, std::move(routes), options);
    const auto opened = server->open(std::make_shared<const Configuration>(configuration));
    ASSERT_TRUE(opened) << opened.error().text;
  }
  void add(const std::string& path, std::function<void(const Request&, Responder)> handle,
           std::vector<std::string> methods = {"GET"}, bool below = false) {
    Route route;
    route.path = path;
    route.methods = std::move(methods);
    route.below = below;
    route.handle = [handle = std::move(handle)](net::Shard&, const Request& request,
                                                Responder responder) {
      handle(request, std::move(responder));
    };
    routes.add(std::move(route));
  }
  template <class Condition>
  bool until(Condition condition) {
    return net::run_until(shard, condition);
  }
  PlainSocket connect() { return net::tcp_connect(server->local()); }

  // The next answer, whole; "" when the connection ends before.
  std::string answer(const PlainSocket& from) {
    std::string out;
    until([&] {
      for (auto more = wanted(out); more > 0; more = wanted(out)) {
        const auto got = from.read_now(more);
        if (got.empty()) return from.at_end();
        out += got;
      }
      return true;
    });
    return out;
  }
  std::string ask(const PlainSocket& over, std::string_view request) {
    over.send(request);
    return answer(over);
  }
  bool closed(const PlainSocket& socket) {
    return until([&] {
      socket.read_now();
      return socket.at_end();
    });
  }
  // The clock moves, and what that means happens.
  void advance(base::Duration by) {
    net::run_idle(shard);
    clock.advance(by);
    net::run_idle(shard);
  }

  // How much more of an answer may be read without reading beyond it; 0: it is whole.
  static std::size_t wanted(const std::string& answer) {
    const auto header = answer.find("\r\n\r\n");
    if (header == std::string::npos) return 1;
    const auto length = field_of(answer, "Content-Length");
    return header + 4 + (length.empty() ? 0 : std::stoul(length)) - answer.size();
  }

  base::ManualClock clock;
  net::Shard shard{0, clock};
  Routes routes;
  ServerOptions options;
  std::unique_ptr<Server> server;
};

}  // namespace missive::http

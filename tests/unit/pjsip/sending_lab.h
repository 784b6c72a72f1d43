// What sends requests, on a network in memory: the transports `udp`, `tcp` and `tls` of the
// configuration, and a locator that knows the hosts one.test to three.test and many.test, which has
// the addresses of all three. Time is turned by hand.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pjsip/request_attempt.h"
#include "sip/server_locator.h"
#include "sip/transport_set.h"
#include "unit/pjsip/configured.h"
#include "unit/sip/loop_lab.h"

namespace missive::pjsip::test {

using sip::LoopTransport;
using sip::test::address;

constexpr std::string_view lab_transports =
    "[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:5070\n"
    "[tcp]\ntype=transport\nprotocol=tcp\nbind=127.0.0.1:5070\n";
constexpr std::string_view lab_tls =
    "[tls]\ntype=transport\nprotocol=tls\nbind=127.0.0.1:5071\ncert_file=c\npriv_key_file=k\n";

// TLS without the TLS: says who was asked for, and refuses what it is told to.
class FakeTls final : public sip::Transport {
 public:
  explicit FakeTls(net::Shard& shard, sip::MessageReceiver& receiver)
      : Transport({.id = "tls", .tos = 0, .external = {}}),
        inner(shard, address("127.0.0.1:5071"), true, receiver) {}

  std::string_view protocol() const override { return "TLS"; }
  bool reliable() const override { return true; }
  net::Address local() const override { return inner.local(); }
  void send(std::string_view message, const net::Address& to,
            net::SendObserver* observer) override {
    if (to != closed) return inner.send(message, to, observer);
    if (observer != nullptr) failing.push_back(observer);
  }
  void forget(net::SendObserver& observer) override {
    inner.forget(observer);
    std::erase(failing, &observer);
  }
  // Those who wait for the connection to `closed` hear that it is refused.
  void refuse() {
    while (!failing.empty()) {
      auto* observer = failing.back();
      failing.pop_back();
      observer->on_send_failed({"connection refused"});
    }
  }
  base::Result<void> admit(const net::Address& to, std::string_view domain) override {
    admitted.push_back(fmt::format("{} {}", to.str(), domain));
    if (to == refused) return base::fail("the certificate of {} is not for {}", to.str(), domain);
    return {};
  }

  LoopTransport inner;
  std::vector<std::string> admitted;
  net::Address refused;  // by its certificate
  net::Address closed;   // nobody listens there
  std::vector<net::SendObserver*> failing;
};

// `127.0.0.N` for the host number N - 1.
inline std::string hosts_file() {
  static const std::string path = [] {
    auto name = (std::filesystem::temp_directory_path() / "missive-hosts-XXXXXX").string();
    const int fd = ::mkstemp(name.data());
    if (fd >= 0) ::close(fd);
    std::ofstream(name) << "127.0.0.2 one.test many.test\n127.0.0.3 two.test many.test\n"
                           "127.0.0.4 three.test many.test\n";
    static const struct Remover {
      ~Remover() { std::filesystem::remove(path); }
      std::string path;
    } remover{name};
    return name;
  }();
  return path;
}

struct SendingLab {
  explicit SendingLab(const sip::TransactionLimits& limits = {}, unsigned index = 0)
      : shard(index, clock), layer(shard, sip::Timers{}, limits) {
    udp = add("udp", false);
    tcp = add("tcp", true);
    auto secure = std::make_unique<FakeTls>(shard, layer);
    tls = secure.get();
    transports.add(std::move(secure));
  }
  LoopTransport* add(const std::string& id, bool reliable, const char* local = "127.0.0.1:5070") {
    auto loop =
        std::make_unique<LoopTransport>(shard, address(local), reliable, layer,
                                        sip::TransportOptions{.id = id, .tos = 0, .external = {}});
    auto* out = loop.get();
    transports.add(std::move(loop));
    return out;
  }
  RequestAttempt::Means means() { return {layer, transports, locator}; }

  void settle() { sip::test::settle(shard); }
  void pass(base::Duration time) { sip::test::pass(shard, clock, time); }
  // The phone at `sent.to` answers by the transport it was asked by.
  void answer(LoopTransport& transport, const LoopTransport::Sent& sent, int status,
              const std::string& headers = {}) {
    // A copy: what is sent because of it goes to the same list.
    const auto packet = sent;
    transport.deliver(sip::test::answer_to(packet.text, status, headers), packet.to);
    settle();
  }

  base::ManualClock clock;
  net::Shard shard;
  sip::TransactionLayer layer;
  sip::TransportSet transports;
  LoopTransport* udp;
  LoopTransport* tcp;
  FakeTls* tls;
  base::RandomSource random;
  net::Resolver resolver{shard, [] {
                           net::ResolverOptions options;
                           options.hosts_file = hosts_file();
                           return options;
                         }()};
  sip::ServerLocator locator{resolver, random};
};

// The value of a header of a request that was sent; "?" when there is none.
inline std::string value_of(const LoopTransport::Sent& sent, const std::string& name) {
  const auto at = sent.text.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "?";
  const auto begin = at + name.size() + 4;
  return sent.text.substr(begin, sent.text.find("\r\n", begin) - begin);
}

}  // namespace missive::pjsip::test

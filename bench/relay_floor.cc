// relay_floor: the least work that can stand between two phones: a stateless proxy.
//
// A request gets another Request-URI, the phone's, and one more Via; a response loses its
// topmost Via and goes to the port that the next one names. Nothing is parsed beyond that,
// nothing is kept or checked. recvmmsg, copy, sendmmsg: what it costs is the price of the
// sockets, which no server on the same road can go below. For loopback and the load of
// relay only.
#include <poll.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <exception>

#include "datagram_batch.h"
#include "ledger.h"
#include "socket.h"

namespace missive::bench {
namespace {

constexpr std::size_t batch_slots = 64;
constexpr std::size_t head_octets = 4096;

class Proxy {
 public:
  Proxy(std::uint16_t sip_port, sockaddr_in phone, std::size_t body_size)
      : udp_(bind_udp(sip_port)),
        phone_(phone),
        in_(batch_slots, head_octets + body_size),
        out_(batch_slots, head_octets + body_size + 256),
        uri_(" sip:phone@127.0.0.1:" + std::to_string(ntohs(phone.sin_port)) + " SIP/2.0\r\n"),
        via_("Via: SIP/2.0/UDP 127.0.0.1:" + std::to_string(sip_port) + ";branch=z9hG4bKfloor") {}

  [[noreturn]] void serve() {
    for (;;) {
      pollfd wanted{udp_.get(), POLLIN, 0};
      ::poll(&wanted, 1, -1);
      std::size_t count = 0;
      do {
        count = in_.receive(udp_.get());
        std::size_t used = 0;
        for (std::size_t i = 0; i < count; ++i) {
          if (forward(in_.received(i), used)) ++used;
        }
        if (used > 0) out_.send(udp_.get(), used);
      } while (count == in_.slots());
    }
  }

 private:
  bool forward(std::string_view datagram, std::size_t slot) {
    const auto line = datagram.find("\r\n");
    if (line == std::string_view::npos) return false;
    at_ = begin_ = out_.data(slot);
    const bool done = datagram.starts_with("SIP/2.0 ") ? response(datagram, line + 2, slot)
                                                       : request(datagram, line + 2, slot);
    out_.set_length(slot, static_cast<std::size_t>(at_ - begin_));
    return done;
  }

  bool request(std::string_view datagram, std::size_t headers, std::size_t slot) {
    put(datagram.substr(0, datagram.find(' ')));
    put(uri_);
    put(via_);
    char digits[number_digits];
    write_number(digits, branch_++);
    put({digits, number_digits});
    put("\r\n");
    put(datagram.substr(headers));
    out_.peer(slot) = phone_;
    return true;
  }

  // Both Vias are those of proxy and load, so it is known how they are written.
  bool response(std::string_view datagram, std::size_t headers, std::size_t slot) {
    const auto next = datagram.find("\r\n", headers);
    if (next == std::string_view::npos) return false;
    const auto rest = datagram.substr(next + 2);
    constexpr std::string_view sent_by = "Via: SIP/2.0/UDP 127.0.0.1:";
    if (!rest.starts_with(sent_by)) return false;
    std::uint16_t port = 0;
    for (auto i = sent_by.size(); i < rest.size() && rest[i] >= '0' && rest[i] <= '9'; ++i) {
      port = static_cast<std::uint16_t>(port * 10 + (rest[i] - '0'));
    }
    put(datagram.substr(0, headers));
    put(rest);
    out_.peer(slot) = loopback(port);
    return true;
  }

  void put(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }

  Fd udp_;
  sockaddr_in phone_;
  DatagramBatch in_;
  DatagramBatch out_;
  std::string uri_;
  std::string via_;
  std::uint32_t branch_ = 0;
  char* begin_ = nullptr;
  char* at_ = nullptr;
};

}  // namespace
}  // namespace missive::bench

int main(int argc, char** argv) {
  CLI::App options{"a stateless SIP proxy with nothing in it, on 127.0.0.1"};
  std::uint16_t sip_port = 0;
  std::string to;
  std::size_t body_size = 100;
  options.add_option("--sip-port", sip_port, "UDP port to listen on")->required();
  options.add_option("--to", to, "the phone, as 127.0.0.1:PORT")->required();
  options.add_option("--body-size", body_size, "octets of a body")
      ->check(CLI::Range(10, 60000))
      ->capture_default_str();
  CLI11_PARSE(options, argc, argv);
  const auto phone = missive::bench::parse_address(to);
  if (!phone) {
    std::fprintf(stderr, "relay_floor: --to '%s' is no address and port such as 127.0.0.1:5060\n",
                 to.c_str());
    return 1;
  }
  try {
    missive::bench::Proxy(sip_port, *phone, body_size).serve();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "relay_floor: %s\n", error.what());
    return 1;
  }
}

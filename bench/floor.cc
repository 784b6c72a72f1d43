// floor: the least work that can stand between an AMI MessageSend and a SIP MESSAGE.
//
// It keeps no state, parses nothing and checks nothing: the first action of a
// connection gets the fixed answer to a login, every later one (up to an empty
// line) puts one prepared MESSAGE into a sendmmsg batch and one prepared answer
// into one write. 200s are received and dropped. What it costs is the price of
// the sockets alone, which no server on the same road can go below. For loopback
// and the load of message_send only.
#include <poll.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "datagram_batch.h"
#include "socket.h"

namespace missive::bench {
namespace {

constexpr std::size_t id_digits = 10;
constexpr std::size_t batch_slots = 64;
constexpr std::string_view action_end = "\r\n\r\n";
constexpr std::string_view id_header = "\r\nActionID: ";

std::string_view find(std::string_view in, std::string_view what) {
  const void* at = memmem(in.data(), in.size(), what.data(), what.size());
  if (at == nullptr) return {};
  const auto offset = static_cast<std::size_t>(static_cast<const char*>(at) - in.data());
  return in.substr(offset);
}

// The MESSAGE, written once into every slot; only digits change afterwards.
class PreparedMessages {
 public:
  PreparedMessages(std::uint16_t sip_port, std::vector<sockaddr_in> phones, std::size_t body_size)
      : batch_(batch_slots, 2048 + body_size), phones_(std::move(phones)) {
    const std::string digits(id_digits, '0');
    const std::string port = std::to_string(sip_port);
    std::string text =
        "MESSAGE sip:phone0@127.0.0.1:" + std::to_string(ntohs(phones_.front().sin_port)) +
        " SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:" + port + ";rport;branch=z9hG4bKfloor";
    branch_ = text.size();
    text += digits + "\r\nFrom: <sip:crm@example.net>;tag=floor\r\nTo: <sip:phone0@127.0.0.1>" +
            "\r\nContact: <sip:crm@127.0.0.1:" + port + ">\r\nCall-ID: floor";
    call_id_ = text.size();
    text += digits +
            "\r\nCSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\nUser-Agent: floor\r\n"
            "Content-Type: text/plain\r\nContent-Length: " +
            std::to_string(body_size) + "\r\n\r\n";
    body_ = text.size();
    text += std::string(body_size, 'x');
    for (std::size_t i = 0; i < batch_slots; ++i) {
      std::memcpy(batch_.data(i), text.data(), text.size());
      batch_.set_length(i, text.size());
    }
  }

  // `id` goes into the body too: the load knows each MESSAGE by it.
  void put(std::string_view id, int udp) {
    if (used_ == batch_slots) flush(udp);
    batch_.peer(used_) = phones_[running_ % phones_.size()];
    char* slot = batch_.data(used_++);
    char digits[id_digits];
    std::uint64_t number = running_++;
    for (std::size_t i = id_digits; i-- > 0; number /= 10)
      digits[i] = static_cast<char>('0' + number % 10);
    std::memcpy(slot + branch_, digits, id_digits);
    std::memcpy(slot + call_id_, digits, id_digits);
    if (id.size() == id_digits) std::memcpy(slot + body_, id.data(), id_digits);
  }
  void flush(int udp) {
    if (used_ > 0) batch_.send(udp, used_);
    used_ = 0;
  }

 private:
  DatagramBatch batch_;
  std::vector<sockaddr_in> phones_;
  std::size_t branch_ = 0;
  std::size_t call_id_ = 0;
  std::size_t body_ = 0;
  std::size_t used_ = 0;
  std::uint64_t running_ = 0;
};

// Writes all of it; the client always reads, so waiting here ends.
void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      pollfd ready{fd, POLLOUT, 0};
      ::poll(&ready, 1, 1000);
    } else if (errno != EINTR) {
      return;
    }
  }
}

// One AMI connection. What one read() left unfinished waits for the next.
class Connection {
 public:
  explicit Connection(Fd fd) : fd_(std::move(fd)), input_(256 << 10) {
    set_no_delay(fd_.get());
    write_all(fd_.get(), "Asterisk Call Manager/9.0.0\r\n");
  }

  // False when the peer has gone, or sends an action larger than the buffer.
  bool read(PreparedMessages& messages, int udp) {
    const auto got = ::read(fd_.get(), input_.data() + used_, input_.size() - used_);
    if (got <= 0) return got < 0 && (errno == EAGAIN || errno == EINTR);
    used_ += static_cast<std::size_t>(got);
    std::string_view rest(input_.data(), used_);
    replies_.clear();
    for (auto end = find(rest, action_end); !end.empty(); end = find(rest, action_end)) {
      const auto length = static_cast<std::size_t>(end.data() - rest.data()) + action_end.size();
      answer(rest.substr(0, length), messages, udp);
      rest.remove_prefix(length);
    }
    messages.flush(udp);
    write_all(fd_.get(), replies_);
    std::memmove(input_.data(), rest.data(), rest.size());
    used_ = rest.size();
    return used_ < input_.size();
  }

 private:
  void answer(std::string_view action, PreparedMessages& messages, int udp) {
    auto id = find(action, id_header);
    if (!id.empty()) {
      id.remove_prefix(id_header.size());
      id = id.substr(0, id.find('\r'));
    }
    replies_.append("Response: Success\r\nActionID: ").append(id);
    if (!logged_in_) {
      logged_in_ = true;
      replies_.append("\r\nMessage: Authentication accepted\r\n\r\n");
      return;
    }
    replies_.append("\r\nMessage: Message successfully sent\r\n\r\n");
    messages.put(id, udp);
  }

  Fd fd_;
  std::vector<char> input_;
  std::size_t used_ = 0;
  std::string replies_;
  bool logged_in_ = false;
};

void serve(std::uint16_t ami_port, std::uint16_t sip_port, std::vector<sockaddr_in> phones,
           std::size_t body_size) {
  const Fd listener = listen_tcp(ami_port);
  const Fd udp = bind_udp(sip_port);
  PreparedMessages messages(local_port(udp), std::move(phones), body_size);
  DatagramBatch answers(batch_slots, 2048);
  std::unordered_map<int, Connection> connections;
  Poller poller;
  poller.add(listener.get(), EPOLLIN, static_cast<std::uint64_t>(listener.get()));
  poller.add(udp.get(), EPOLLIN, static_cast<std::uint64_t>(udp.get()));
  for (;;) {
    for (const auto& event : poller.wait(-1)) {
      const int fd = static_cast<int>(event.data.u64);
      if (fd == udp.get()) {
        while (answers.receive(fd) == answers.slots()) {
        }
      } else if (fd == listener.get()) {
        Fd client(::accept4(fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        const int id = client.get();
        if (id < 0) continue;
        poller.add(id, EPOLLIN, static_cast<std::uint64_t>(id));
        connections.emplace(id, Connection(std::move(client)));
      } else if (const auto found = connections.find(fd); found != connections.end()) {
        if (!found->second.read(messages, udp.get())) connections.erase(found);
      }
    }
  }
}

}  // namespace
}  // namespace missive::bench

int main(int argc, char** argv) {
  CLI::App options{"the least work between AMI MessageSend and SIP MESSAGE, on 127.0.0.1"};
  std::uint16_t ami_port = 0;
  std::uint16_t sip_port = 0;
  std::vector<std::string> to;
  std::size_t body_size = 100;
  options.add_option("--ami-port", ami_port, "TCP port to listen on")->required();
  options.add_option("--sip-port", sip_port, "UDP port to send from")->required();
  options.add_option("--to", to, "the phones by turns, as 127.0.0.1:PORT")->required();
  options.add_option("--body-size", body_size, "octets of a body")
      ->check(CLI::Range(10, 60000))
      ->capture_default_str();
  CLI11_PARSE(options, argc, argv);
  std::vector<sockaddr_in> phones;
  for (const auto& text : to) {
    const auto phone = missive::bench::parse_address(text);
    if (!phone) {
      std::fprintf(stderr, "floor: --to '%s' is no address and port such as 127.0.0.1:5060\n",
                   text.c_str());
      return 1;
    }
    phones.push_back(*phone);
  }
  try {
    missive::bench::serve(ami_port, sip_port, std::move(phones), body_size);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "floor: %s\n", error.what());
    return 1;
  }
  return 0;
}

#include "registrations.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "config_files.h"
#include "ledger.h"

namespace missive::bench {
namespace {

constexpr std::size_t batch_slots = 64;
constexpr std::size_t answer_octets = 2048;
constexpr std::int64_t t1 = 500'000'000;
constexpr std::string_view call_id = "Call-ID: register-";

// 100 to 699; 0 where `text` is no response.
int status_of(std::string_view text) {
  if (!text.starts_with("SIP/2.0 ") || text.size() < 12) return 0;
  return base::parse_number<int>(text.substr(8, 3)).value_or(0);
}

}  // namespace

Registrations::Registrations(std::uint32_t users, std::uint32_t window, sockaddr_in server,
                             std::vector<std::uint16_t> phone_ports)
    : users_(users),
      window_(window),
      server_(server),
      phone_ports_(std::move(phone_ports)),
      socket_(bind_udp(0)),
      in_(batch_slots, answer_octets) {}

bool Registrations::turn() {
  const bool moved = take_answers();
  fill(now_ns());
  return moved;
}

bool Registrations::take_answers() {
  const auto before = done_;
  std::size_t count = 0;
  do {
    count = in_.receive(fd());
    for (std::size_t i = 0; i < count; ++i) {
      if (take(in_.received(i))) ++done_;
    }
  } while (count == in_.slots());
  return done_ != before;
}

// Whether it is the first 2xx to a REGISTER that waits for one.
bool Registrations::take(std::string_view answer) {
  const auto status = status_of(answer);
  if (status >= 300) {
    throw std::runtime_error("a REGISTER is refused: " + base::printable(answer));
  }
  const auto at = answer.find(call_id);
  if (status < 200 || at == std::string_view::npos) return false;
  const auto name = answer.substr(at + call_id.size(), recipient_name(0).size());
  const auto found = std::find_if(waiting_.begin(), waiting_.end(), [name](const Waiting& one) {
    return recipient_name(one.user) == name;
  });
  if (found == waiting_.end()) return false;
  *found = waiting_.back();
  waiting_.pop_back();
  return true;
}

void Registrations::fill(std::int64_t now) {
  for (auto& one : waiting_) {
    if (now < one.again) continue;
    one.again = now + t1;
    send(one.user);
  }
  for (; waiting_.size() < window_ && next_ < users_; ++next_) {
    waiting_.push_back({next_, now + t1});
    send(next_);
  }
}

void Registrations::send(std::uint32_t user) {
  const auto request = fmt::format(
      "REGISTER sip:127.0.0.1:{1} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{2};branch=z9hG4bKr{0}\r\n"
      "Max-Forwards: 70\r\nFrom: <sip:{0}@127.0.0.1>;tag=r{0}\r\nTo: <sip:{0}@127.0.0.1>\r\n"
      "{4}{0}\r\nCSeq: 1 REGISTER\r\nContact: <sip:{0}@127.0.0.1:{3}>\r\n"
      "Expires: 7200\r\nContent-Length: 0\r\n\r\n",
      recipient_name(user), ntohs(server_.sin_port), local_port(socket_),
      phone_ports_[user % phone_ports_.size()], call_id);
  ::sendto(fd(), request.data(), request.size(), 0, reinterpret_cast<const sockaddr*>(&server_),
           sizeof server_);
}

}  // namespace missive::bench

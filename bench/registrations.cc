#include "registrations.h"

#include <algorithm>

#include "ledger.h"
#include "register_request.h"

namespace missive::bench {
namespace {

constexpr std::size_t batch_slots = 64;
constexpr std::size_t answer_octets = 2048;
constexpr std::int64_t t1 = 500'000'000;

}  // namespace

Registrations::Registrations(std::uint32_t users, std::uint32_t window, sockaddr_in server,
                             std::vector<std::uint16_t> phone_ports, Name name)
    : users_(users),
      window_(window),
      server_(server),
      phone_ports_(std::move(phone_ports)),
      name_(name),
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
  const auto name = registered_user(answer);
  if (name.empty()) return false;
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const Waiting& one) { return name_(one.user) == name; });
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
  const auto request =
      write_register({name_(user), sip::Protocol::udp, ntohs(server_.sin_port), local_port(socket_),
                      phone_ports_[user % phone_ports_.size()]});
  ::sendto(fd(), request.data(), request.size(), 0, reinterpret_cast<const sockaddr*>(&server_),
           sizeof server_);
}

}  // namespace missive::bench

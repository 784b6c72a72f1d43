#include "relay_driver.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "config_files.h"
#include "registrations.h"

namespace missive::bench {
namespace {

constexpr std::size_t batch_slots = 64;
constexpr std::size_t head_octets = 2048;
constexpr std::string_view branch_of_messages = ";branch=z9hG4bK";
constexpr std::int64_t t1 = 500'000'000;
constexpr std::int64_t t2 = 4'000'000'000;

// 100 to 699; 0 where `text` is no response.
int status_of(std::string_view text) {
  if (!text.starts_with("SIP/2.0 ") || text.size() < 12) return 0;
  return base::parse_number<int>(text.substr(8, 3)).value_or(0);
}

}  // namespace

RelayDriver::Sender::Sender(Fd the_socket, std::size_t octets)
    : socket(std::move(the_socket)), out(batch_slots, octets) {}

RelayDriver::RelayDriver(const RelayLoad& load, sockaddr_in server, Ledger& ledger,
                         UdpPhones& phones)
    : load_(load),
      server_(server),
      ledger_(ledger),
      phones_(phones),
      in_(batch_slots, head_octets + load.body_size) {
  for (std::uint32_t i = 0; i < load_.sockets; ++i) {
    senders_.emplace_back(bind_udp(0), head_octets + load_.body_size);
    polled_.push_back({senders_.back().socket.get(), POLLIN, 0});
  }
  for (std::size_t i = 0; i < phones_.size(); ++i) polled_.push_back({phones_.fd(i), POLLIN, 0});
  for (std::uint32_t i = 0; i < load_.pairs; ++i) make_pair(i);
  phones_.on_arrival(
      [this](std::uint32_t number, std::string_view) { note(number, &Waiting::arrived); });
}

void RelayDriver::make_pair(std::uint32_t index) {
  Pair pair;
  pair.next = index;
  const std::string digits(number_digits, '0');
  const auto from = sender_name(index);
  const auto to = recipient_name(index);
  const auto port = local_port(senders_[index % load_.sockets].socket);
  auto& text = pair.text;
  const auto number = [&] {
    pair.numbers.push_back(text.size());
    text += digits;
  };
  text = fmt::format("MESSAGE sip:{}@127.0.0.1:{} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{}{}", to,
                     ntohs(server_.sin_port), port, branch_of_messages);
  number();
  text += fmt::format(
      ";rport\r\nMax-Forwards: 70\r\nFrom: <sip:{}@127.0.0.1>;tag=load\r\n"
      "To: <sip:{}@127.0.0.1>\r\nCall-ID: ",
      from, to);
  number();
  text += fmt::format(
      "@127.0.0.1\r\nCSeq: 1 MESSAGE\r\nUser-Agent: load\r\nContent-Type: text/plain\r\n"
      "Content-Length: {}\r\n\r\n",
      load_.body_size);
  number();
  text += std::string(load_.body_size - number_digits, 'x');
  pairs_.push_back(std::move(pair));
}

// The floor asks the phone, so the phones answer meanwhile.
void RelayDriver::register_recipients(const std::function<void()>& still_alive) {
  constexpr std::uint32_t window = 16;
  Registrations registrations(load_.pairs, window, server_, phones_.ports());
  auto moved = now_ns();
  while (!registrations.finished()) {
    still_alive();
    pollfd wanted{registrations.fd(), POLLIN, 0};
    ::poll(&wanted, 1, 1);
    if (registrations.turn()) moved = now_ns();
    for (std::size_t i = 0; i < phones_.size(); ++i) phones_.serve(i);
    if (now_ns() - moved > std::chrono::nanoseconds(stall_limit).count()) {
      throw std::runtime_error("the server answers no REGISTER");
    }
  }
}

void RelayDriver::run() {
  constexpr int spins = 500;
  constexpr int nap_ms = 1;
  constexpr std::int64_t look_again = 100'000'000;
  for (std::uint32_t i = 0; i < load_.pairs; ++i) fill(i);
  for (auto& sender : senders_) flush(sender);
  auto looked = now_ns();
  for (int idle = 0; !finished();) {
    idle = turn(idle < spins ? 0 : nap_ms) ? 0 : idle + 1;
    const auto now = now_ns();
    if (now - looked < look_again) continue;
    looked = now;
    send_again();
    const auto moved = std::max({first_sent_, last_reply_, phones_.counts().last});
    if (now - moved > std::chrono::nanoseconds(stall_limit).count()) {
      stalled_ = true;
      return;
    }
  }
}

void RelayDriver::settle(std::chrono::milliseconds time) {
  const auto end = now_ns() + std::chrono::nanoseconds(time).count();
  while (now_ns() < end) turn(1);
}

bool RelayDriver::turn(int milliseconds) {
  const int ready = ::poll(polled_.data(), polled_.size(), milliseconds);
  require(ready >= 0 || errno == EINTR, "poll");
  if (ready <= 0) return false;
  for (std::size_t i = 0; i < phones_.size(); ++i) {
    if (polled_[senders_.size() + i].revents != 0) phones_.serve(i);
  }
  for (std::size_t i = 0; i < senders_.size(); ++i) {
    if (polled_[i].revents != 0) take_answers(senders_[i]);
  }
  for (auto& sender : senders_) flush(sender);
  return true;
}

void RelayDriver::fill(std::uint32_t pair) {
  auto& own = pairs_[pair];
  for (; own.waiting.size() < load_.window && own.next < load_.messages; own.next += load_.pairs) {
    const auto now = now_ns();
    if (first_sent_ == 0) first_sent_ = now;
    ledger_.sent(own.next, now);
    own.waiting.push_back({own.next, false, false, now + t1, t1});
    put(pair, own.next);
    ++sent_;
  }
}

void RelayDriver::put(std::uint32_t pair, std::uint32_t number) {
  auto& sender = senders_[pair % load_.sockets];
  if (sender.used == batch_slots) flush(sender);
  const auto& own = pairs_[pair];
  char* slot = sender.out.data(sender.used);
  std::memcpy(slot, own.text.data(), own.text.size());
  for (const auto at : own.numbers) write_number(slot + at, number);
  sender.out.set_length(sender.used, own.text.size());
  sender.out.peer(sender.used) = server_;
  ++sender.used;
}

void RelayDriver::flush(Sender& sender) {
  if (sender.used > 0) sender.out.send_runs(sender.socket.get(), sender.used);
  sender.used = 0;
}

void RelayDriver::take_answers(Sender& sender) {
  std::size_t count = 0;
  do {
    count = in_.receive(sender.socket.get());
    const auto now = now_ns();
    for (std::size_t i = 0; i < count; ++i) take_answer(in_.received(i), now);
  } while (count == in_.slots());
}

void RelayDriver::take_answer(std::string_view answer, std::int64_t now) {
  const auto status = status_of(answer);
  if (status >= 100 && status < 200) return;
  const auto branch = answer.find(branch_of_messages);
  std::optional<std::uint32_t> number;
  if (status != 0 && branch != std::string_view::npos) {
    number = read_number(answer.substr(branch + branch_of_messages.size()));
  }
  if (!number || !ledger_.knows(*number)) {
    if (counts_.strange++ == 0) counts_.first_strange = base::printable(answer);
    return;
  }
  if (!ledger_.replied(*number, now)) return;  // the answer to what was sent again
  last_reply_ = now;
  if (status < 300) {
    ++counts_.success;
  } else {
    if (counts_.error++ == 0) counts_.first_error = base::printable(answer);
    note(*number, &Waiting::arrived);  // it never will
  }
  note(*number, &Waiting::answered);
}

void RelayDriver::note(std::uint32_t number, bool Waiting::*what) {
  const auto pair = number % load_.pairs;
  auto& waiting = pairs_[pair].waiting;
  const auto found = std::find_if(waiting.begin(), waiting.end(),
                                  [number](const Waiting& one) { return one.number == number; });
  if (found == waiting.end()) return;
  (*found).*what = true;
  if (!found->answered || !found->arrived) return;
  *found = waiting.back();
  waiting.pop_back();
  ++done_;
  fill(pair);
}

void RelayDriver::send_again() {
  const auto now = now_ns();
  for (std::uint32_t i = 0; i < load_.pairs; ++i) {
    for (auto& one : pairs_[i].waiting) {
      if (one.answered || now < one.again) continue;
      one.interval = std::min(one.interval * 2, t2);
      one.again = now + one.interval;
      ++retransmissions_;
      put(i, one.number);
    }
  }
  for (auto& sender : senders_) flush(sender);
}

}  // namespace missive::bench

#include "ami_driver.h"

#include <fmt/format.h>

#include <algorithm>

namespace missive::bench {
namespace {

constexpr std::string_view action_end = "\r\n\r\n";

std::string destination_of(const Load& load, std::uint32_t number) {
  const auto name = load.recipient(number % load.phones);
  return load.xmpp ? fmt::format("xmpp:{}@{}", name, xmpp_domain) : "pjsip:" + name;
}

std::string sender_of(const Load& load, std::uint32_t number) {
  if (load.xmpp) return std::string(xmpp_account);
  if (load.senders == 1) return "sip:crm@example.net";
  return fmt::format("sip:crm{}@example.net", number % load.senders);
}

}  // namespace

AmiDriver::AmiDriver(const Load& load, sockaddr_in server, const Credentials& credentials,
                     Ledger& ledger, Phones& phones, const std::function<void()>& still_alive)
    : load_(load), ledger_(ledger), phones_(phones) {
  build_templates();
  for (std::uint32_t i = 0; i < load_.connections; ++i) {
    Line line;
    line.connection =
        std::make_unique<AmiConnection>(server, credentials, stall_limit, still_alive);
    polled_.push_back({line.connection->fd(), POLLIN, 0});
    lines_.push_back(std::move(line));
  }
  for (std::size_t i = 0; i < phones_.size(); ++i) polled_.push_back({phones_.fd(i), POLLIN, 0});
}

// The body stands last, so that its number's place is known from the end.
void AmiDriver::build_templates() {
  const std::string digits(number_digits, '0');
  const std::string filler(load_.body_size - number_digits, 'x');
  const std::string head = "Action: MessageSend\r\nActionID: ";
  id_offset_ = head.size();
  for (std::uint32_t i = 0; i < std::max(load_.phones, load_.senders); ++i) {
    templates_.push_back(fmt::format("{}{}\r\nDestination: {}\r\nFrom: {}\r\nBody: {}{}{}", head,
                                     digits, destination_of(load_, i), sender_of(load_, i), digits,
                                     filler, action_end));
  }
}

void AmiDriver::run() {
  constexpr int spins = 500;
  constexpr int nap_ms = 1;
  for (std::size_t i = 0; i < lines_.size(); ++i) fill(lines_[i], polled_[i]);
  for (int idle = 0; !finished();) {
    idle = turn(idle < spins ? 0 : nap_ms) ? 0 : idle + 1;
    if (idle < spins) continue;
    const auto moved = std::max({first_sent_, last_reply_, phones_.counts().last});
    if (now_ns() - moved > std::chrono::nanoseconds(stall_limit).count()) {
      stalled_ = true;
      return;
    }
  }
}

void AmiDriver::settle(std::chrono::milliseconds time) {
  const auto end = now_ns() + std::chrono::nanoseconds(time).count();
  while (now_ns() < end) turn(1);
}

bool AmiDriver::turn(int milliseconds) {
  const int ready = ::poll(polled_.data(), polled_.size(), milliseconds);
  require(ready >= 0 || errno == EINTR, "poll");
  if (ready <= 0) return false;
  for (std::size_t i = 0; i < phones_.size(); ++i) {
    pollfd& polled = polled_[lines_.size() + i];
    if (polled.revents != 0) polled.events = phones_.serve(i);
  }
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (polled_[i].revents == 0) continue;
    if ((polled_[i].revents & ~POLLOUT) != 0) take_replies(lines_[i]);
    fill(lines_[i], polled_[i]);
  }
  return true;
}

void AmiDriver::fill(Line& line, pollfd& wanted) {
  AmiConnection& connection = *line.connection;
  const bool has_room = (wanted.events & POLLOUT) == 0;
  if (line.in_flight < load_.in_flight && next_ < load_.messages && has_room) {
    const auto now = now_ns();
    if (first_sent_ == 0) first_sent_ = now;
    for (; line.in_flight < load_.in_flight && next_ < load_.messages; ++line.in_flight, ++next_) {
      const std::string& action = templates_[next_ % templates_.size()];
      connection.append(action);
      char* copy = connection.last(action.size());
      write_number(copy + id_offset_, next_);
      write_number(copy + action.size() - load_.body_size - action_end.size(), next_);
      ledger_.sent(next_, now);
    }
  }
  wanted.events = connection.flush() ? POLLIN : POLLIN | POLLOUT;
}

void AmiDriver::take_replies(Line& line) {
  if (!line.connection->read()) return;
  const auto now = now_ns();
  while (const auto reply = line.connection->next()) count(line, *reply, now);
}

void AmiDriver::count(Line& line, const Reply& reply, std::int64_t now) {
  if (reply.is_event()) {
    ++counts_.events;
    return;
  }
  const auto number = read_number(reply.action_id);
  if (!number || line.in_flight == 0 || !ledger_.replied(*number, now)) {
    if (counts_.strange++ == 0) counts_.first_strange = base::printable(reply.text);
    return;
  }
  --line.in_flight;
  last_reply_ = now;
  if (*number < line.next_reply) ++counts_.out_of_order;
  line.next_reply = std::max(line.next_reply, *number + 1);
  if (reply.response == "Success") {
    ++counts_.success;
  } else if (counts_.error++ == 0) {
    counts_.first_error = base::printable(reply.text);
  }
}

bool AmiDriver::finished() const {
  if (counts_.all() != load_.messages) return false;
  return !load_.arrives || phones_.counts().distinct >= counts_.success;
}

}  // namespace missive::bench

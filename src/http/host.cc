#include "http/host.h"

#include <ctime>

namespace missive::http {

Counters::Verdict Counters::admit(const net::Address& peer, std::size_t session_limit,
                                  std::size_t per_address) {
  const std::lock_guard lock(mutex_);
  if (sessions_.load(std::memory_order_relaxed) >= session_limit) {
    return Verdict::too_many_sessions;
  }
  auto& of_address = by_ip_[peer.ip()];
  if (of_address >= per_address) return Verdict::too_many_of_address;
  ++of_address;
  ++sessions_;
  return Verdict::admitted;
}

void Counters::leave(const net::Address& peer, bool web_socket) {
  const std::lock_guard lock(mutex_);
  const auto of_address = by_ip_.find(peer.ip());
  if (of_address != by_ip_.end() && --of_address->second == 0) by_ip_.erase(of_address);
  --(web_socket ? web_sockets_ : sessions_);
}

bool Counters::upgrade(std::size_t limit) {
  const std::lock_guard lock(mutex_);
  if (web_sockets_.load(std::memory_order_relaxed) >= limit) return false;
  ++web_sockets_;
  --sessions_;
  return true;
}

std::string http_date(base::WallTime time) {
  static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                     days.at(static_cast<std::size_t>(parts.tm_wday)), parts.tm_mday,
                     months.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace missive::http

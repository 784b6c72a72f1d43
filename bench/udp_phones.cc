#include "udp_phones.h"

#include <poll.h>

namespace missive::bench {
namespace {

constexpr std::size_t batch_slots = 64;
constexpr std::size_t head_octets = 4096;  // more than any head a server writes here

}  // namespace

UdpPhones::UdpPhones(std::uint32_t count, std::uint16_t first_port, std::size_t body_size,
                     Ledger& ledger)
    : Phones(ledger),
      in_(batch_slots, head_octets + body_size),
      out_(batch_slots, head_octets + body_size + answer_extra) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto port = first_port == 0 ? 0 : first_port + i;
    sockets_.push_back(bind_udp(static_cast<std::uint16_t>(port)));
  }
}

std::vector<std::uint16_t> UdpPhones::ports() const {
  std::vector<std::uint16_t> ports;
  for (const auto& socket : sockets_) ports.push_back(local_port(socket));
  return ports;
}

short UdpPhones::serve(std::size_t socket) {
  const int own = fd(socket);
  std::size_t count = 0;
  do {
    count = in_.receive(own);
    const auto now = now_ns();
    std::size_t answers = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (answer_slot(i, answers, now)) ++answers;
    }
    count_answered(out_.send_runs(own, answers));
  } while (count == in_.slots());
  return POLLIN;
}

// Whether it has put an answer into out_slot.
bool UdpPhones::answer_slot(std::size_t slot, std::size_t out_slot, std::int64_t now) {
  const auto request = in_.received(slot);
  if (in_.cut(slot)) {
    count_strange(request);
    return false;
  }
  const auto length = answer(request, now, out_.data(out_slot));
  if (length == 0) return false;
  out_.set_length(out_slot, length);
  out_.peer(out_slot) = in_.peer(slot);
  return true;
}

}  // namespace missive::bench

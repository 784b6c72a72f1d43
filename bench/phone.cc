#include "phone.h"

#include <cstring>

namespace missive::bench {
namespace {

constexpr std::size_t batch_slots = 64;
constexpr std::size_t head_octets = 4096;  // more than any head a server writes here
constexpr std::string_view header_end = "\r\n\r\n";

enum class Echoed { no, via, from, to, call_id, cseq };

bool is_named(std::string_view line, std::size_t colon, std::string_view name, char compact) {
  if (colon == 1) return compact != 0 && base::to_lower(line[0]) == compact;
  return colon == name.size() && base::iequals(line.substr(0, colon), name);
}

Echoed kind_of(std::string_view line) {
  auto colon = line.find(':');
  if (colon == std::string_view::npos) return Echoed::no;
  while (colon > 0 && base::is_blank(line[colon - 1])) --colon;
  if (colon == 0) return Echoed::no;
  switch (base::to_lower(line[0])) {
    case 'v':
      return is_named(line, colon, "via", 'v') ? Echoed::via : Echoed::no;
    case 'f':
      return is_named(line, colon, "from", 'f') ? Echoed::from : Echoed::no;
    case 't':
      return is_named(line, colon, "to", 't') ? Echoed::to : Echoed::no;
    case 'i':
      return is_named(line, colon, "", 'i') ? Echoed::call_id : Echoed::no;
    case 'c':
      if (is_named(line, colon, "call-id", 0)) return Echoed::call_id;
      return is_named(line, colon, "cseq", 0) ? Echoed::cseq : Echoed::no;
    default:
      return Echoed::no;
  }
}

class Output {
 public:
  explicit Output(char* at) : begin_(at), at_(at) {}
  void put(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  std::size_t length() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  char* begin_;
  char* at_;
};

}  // namespace

std::size_t write_ok(std::string_view request, char* out) {
  const auto first_end = request.find("\r\n");
  if (first_end == std::string_view::npos || request.starts_with("SIP/2.0 ")) return 0;
  if (!request.substr(0, first_end).ends_with(" SIP/2.0")) return 0;
  request.remove_prefix(first_end + 2);
  Output output(out);
  output.put("SIP/2.0 200 OK\r\n");
  unsigned seen = 0;
  bool echo = false;
  for (;;) {
    const auto end = request.find("\r\n");
    if (end == std::string_view::npos) return 0;
    if (end == 0) break;
    const auto line = request.substr(0, end);
    request.remove_prefix(end + 2);
    if (base::is_blank(line[0])) {  // a folded line goes with the one before
      if (echo) {
        output.put(line);
        output.put("\r\n");
      }
      continue;
    }
    const auto kind = kind_of(line);
    echo = kind != Echoed::no;
    if (!echo) continue;
    const unsigned bit = 1U << static_cast<unsigned>(kind);
    const bool wants_tag = kind == Echoed::to && (seen & bit) == 0;
    seen |= bit;
    output.put(line);
    if (wants_tag && line.find(";tag=") == std::string_view::npos) output.put(";tag=phone");
    output.put("\r\n");
  }
  output.put("Content-Length: 0\r\n\r\n");
  constexpr unsigned all = 0b111110;
  return seen == all ? output.length() : 0;
}

Phones::Phones(std::uint32_t count, std::uint16_t first_port, std::size_t body_size, Ledger& ledger)
    : ledger_(ledger),
      in_(batch_slots, head_octets + body_size),
      out_(batch_slots, head_octets + body_size + 64) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto port = first_port == 0 ? 0 : first_port + i;
    sockets_.push_back(bind_udp(static_cast<std::uint16_t>(port)));
  }
}

std::vector<std::uint16_t> Phones::ports() const {
  std::vector<std::uint16_t> ports;
  for (const auto& socket : sockets_) ports.push_back(local_port(socket));
  return ports;
}

void Phones::drain(int fd) {
  std::size_t count = 0;
  do {
    count = in_.receive(fd);
    const auto now = now_ns();
    std::size_t answers = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (answer(i, answers, now)) ++answers;
    }
    counts_.answered += out_.send_runs(fd, answers);
  } while (count == in_.slots());
}

// Whether it has put an answer into out_slot.
bool Phones::answer(std::size_t slot, std::size_t out_slot, std::int64_t now) {
  const auto request = in_.received(slot);
  const auto length = in_.cut(slot) ? 0 : write_ok(request, out_.data(out_slot));
  if (length == 0) {
    count_strange(request);
    return false;
  }
  out_.set_length(out_slot, length);
  out_.peer(out_slot) = in_.peer(slot);
  if (!request.starts_with("MESSAGE ")) {
    ++counts_.others;
    return true;
  }
  const auto number = read_number(request.substr(request.find(header_end) + header_end.size()));
  if (!number || !ledger_.knows(*number)) {
    count_strange(request);
  } else if (ledger_.arrived(*number, now)) {
    ++counts_.distinct;
    counts_.last = now;
    if (arrival_) arrival_(*number, request);
  } else {
    ++counts_.duplicates;
  }
  return true;
}

void Phones::count_strange(std::string_view datagram) {
  if (counts_.strange++ == 0) counts_.first_strange = base::printable(datagram);
}

}  // namespace missive::bench

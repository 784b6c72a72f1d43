#include "phone.h"

#include <cstring>

#include "base/text.h"

namespace missive::bench {
namespace {

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

std::size_t Phones::answer(std::string_view request, std::int64_t now, char* out) {
  const auto length = write_ok(request, out);
  if (length == 0) {
    count_strange(request);
    return 0;
  }
  if (!request.starts_with("MESSAGE ")) {
    ++counts_.others;
    return length;
  }
  count_message(request.substr(request.find(header_end) + header_end.size()), request, now);
  return length;
}

void Phones::count_message(std::string_view body, std::string_view text, std::int64_t now) {
  const auto number = read_number(body);
  if (!number || !ledger_.knows(*number)) {
    count_strange(text);
  } else if (ledger_.arrived(*number, now)) {
    ++counts_.distinct;
    counts_.last = now;
    if (arrival_) arrival_(*number, text);
  } else {
    ++counts_.duplicates;
  }
}

void Phones::count_strange(std::string_view text) {
  if (counts_.strange++ == 0) counts_.first_strange = base::printable(text);
}

}  // namespace missive::bench

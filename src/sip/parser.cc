#include "sip/parser.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/text.h"
#include "sip/chars.h"

namespace missive::sip {

namespace {

// The first control character, eight octets a step: header values hold none but
// the line end, and this is where most of the time of a parse would go.
char* find_control(char* at, char* end) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t highs = 0x8080808080808080;
  for (; end - at >= 8; at += 8) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof(word));
    const std::uint64_t below_space = (word - ones * 0x20) & ~word;
    const std::uint64_t del = word ^ (ones * 0x7F);
    const std::uint64_t is_del = (del - ones) & ~del;
    const std::uint64_t hits = (below_space | is_del) & highs;
    if (hits == 0) continue;
    // A borrow can make a hit false only behind a true one, so the first is exact.
    if constexpr (std::endian::native == std::endian::little)
      return at + std::countr_zero(hits) / 8;
    break;
  }
  while (at != end && !base::is_control(*at)) ++at;
  return at;
}

std::string_view view(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

// Headers whose value has quoted strings, in which RFC 3261 lets a backslash
// precede a control character.
bool has_quoted_name(HeaderId id) {
  return id == HeaderId::From || id == HeaderId::To || id == HeaderId::Contact;
}

bool is_sip_version(std::string_view text) {
  if (!base::istarts_with(text, "SIP/")) return false;
  const auto number = text.substr(4);
  const auto dot = number.find('.');
  if (dot == std::string_view::npos) return false;
  const auto digits = [](std::string_view part) { return parse_decimal(part, 999).has_value(); };
  return digits(number.substr(0, dot)) && digits(number.substr(dot + 1));
}

}  // namespace

// Reads one message from front to back into a packet.
class MessageReader {
 public:
  MessageReader(std::span<char> message, const ParserLimits& limits, Packet& packet)
      : begin_(message.data()),
        at_(message.data()),
        end_(message.data() + message.size()),
        limits_(limits),
        packet_(packet) {}

  base::Result<void> run();

 private:
  base::Result<void> read_start_line();
  base::Result<void> read_request_line(std::string_view line);
  base::Result<void> read_status_line(std::string_view line);
  base::Result<void> read_headers();
  bool read_header();
  char* end_of_value(HeaderId id, char* value);
  char* end_of_quoted_value(char* value);
  bool try_unfold(char* line_end);
  void skip_line(char* from);
  base::Result<void> read_body();
  bool at_line_end(const char* at) const {
    return end_ - at >= 2 && at[0] == '\r' && at[1] == '\n';
  }

  // Keeps the first thing found wrong and lets reading go on, so that what a 400
  // is made of is there.
  template <class... Args>
  bool defect(fmt::format_string<Args...> text, Args&&... args) {
    if (!defect_) defect_ = base::Error{fmt::format(text, std::forward<Args>(args)...)};
    return false;
  }

  char* const begin_;
  char* at_;
  char* const end_;
  const ParserLimits& limits_;
  Packet& packet_;
  std::optional<base::Error> defect_;
};

base::Result<void> MessageReader::run() {
  while (at_line_end(at_)) at_ += 2;
  if (auto line = read_start_line(); !line) return line;
  if (auto headers = read_headers(); !headers) return headers;
  if (auto body = read_body(); !body && !defect_) return body;
  if (defect_) return tl::unexpected(std::move(*defect_));
  return {};
}

base::Result<void> MessageReader::read_start_line() {
  char* stop = find_control(at_, end_);
  while (stop != end_ && *stop == '\t') stop = find_control(stop + 1, end_);
  if (at_ == end_) return base::fail("the message is empty");
  if (!at_line_end(stop)) {
    return base::fail("the start line '{}' does not end with CRLF",
                      base::printable(view(at_, stop), 80));
  }
  const auto line = view(at_, stop);
  at_ = stop + 2;
  return base::istarts_with(line, "SIP/") ? read_status_line(line) : read_request_line(line);
}

// What is wrong with the Request-URI or the version is for validate_request() to
// say, as it has a status for it: here the line is only cut at its first and last
// space.
base::Result<void> MessageReader::read_request_line(std::string_view line) {
  auto rest = line;
  const auto method = chars::take_run(rest, chars::token);
  if (method.empty() || rest.empty() || rest.front() != ' ') {
    return base::fail("'{}' is neither a SIP request line nor a SIP status line",
                      base::printable(line, 80));
  }
  rest.remove_prefix(1);
  packet_.is_request_ = true;
  packet_.method_name_ = method;
  packet_.method_ = parse_method(method);
  const auto space = rest.rfind(' ');
  if (space != std::string_view::npos && is_sip_version(rest.substr(space + 1))) {
    packet_.version_ = rest.substr(space + 1);
    rest = rest.substr(0, space);
  }
  packet_.request_uri_ = rest;
  return {};
}

base::Result<void> MessageReader::read_status_line(std::string_view line) {
  constexpr std::string_view start = "SIP/2.0 ";
  const auto code = line.substr(std::min(line.size(), start.size()), 4);
  const bool sound = base::istarts_with(line, start) && code.size() == 4 && code[0] >= '1' &&
                     code[0] <= '6' && base::is_digit(code[1]) && base::is_digit(code[2]) &&
                     code[3] == ' ';
  if (!sound) {
    return base::fail(
        "'{}' is no status line; it is 'SIP/2.0', a status from 100 to 699 and a"
        " reason phrase",
        base::printable(line, 80));
  }
  packet_.version_ = line.substr(0, 7);
  packet_.status_ = (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
  packet_.reason_ = line.substr(start.size() + 4);
  return {};
}

base::Result<void> MessageReader::read_headers() {
  while (!at_line_end(at_)) {
    if (at_ == end_) return base::fail("the message ends before the empty line after the headers");
    if (static_cast<std::size_t>(at_ - begin_) > limits_.header_octets) break;
    if (packet_.headers_.size() == limits_.headers) {
      return base::fail("the message has more than {} headers", limits_.headers);
    }
    char* const line = at_;
    if (!read_header()) skip_line(line);
  }
  if (static_cast<std::size_t>(at_ - begin_) > limits_.header_octets) {
    return base::fail("the headers are longer than {} octets", limits_.header_octets);
  }
  at_ += 2;
  return {};
}

bool MessageReader::read_header() {
  char* p = at_;
  while (p != end_ && chars::is(*p, chars::token)) ++p;
  const auto name = view(at_, p);
  while (p != end_ && base::is_blank(*p)) ++p;
  if (name.empty() || p == end_ || *p != ':') {
    return defect("the header line '{}' is malformed; it is 'Name: value'",
                  base::printable(view(at_, std::min(end_, at_ + 40)), 40));
  }
  const auto id = header_id(name);
  char* const value = p + 1;
  char* const stop = end_of_value(id, value);
  if (stop == end_) return defect("the header {} does not end with CRLF", name);
  if (!at_line_end(stop)) {
    return defect("the header {} holds the control character {:#04x}", name,
                  static_cast<unsigned>(static_cast<unsigned char>(*stop)));
  }
  const char* first = value;
  const char* last = stop;
  while (first != last && base::is_blank(*first)) ++first;
  while (last != first && base::is_blank(last[-1])) --last;
  packet_.headers_.push_back({id, name, view(first, last)});
  at_ = stop + 2;
  return true;
}

// The CRLF that ends the value, or the control character that may not be there.
char* MessageReader::end_of_value(HeaderId id, char* value) {
  char* p = value;
  while (true) {
    p = find_control(p, end_);
    if (p == end_) return p;
    if (*p == '\t') {
      ++p;
    } else if (!try_unfold(p)) {
      break;
    }
  }
  return at_line_end(p) || !has_quoted_name(id) ? p : end_of_quoted_value(value);
}

// The same, minding quoted pairs. A control character in quotes is no harm but to those who show
// the name: it becomes a space.
char* MessageReader::end_of_quoted_value(char* value) {
  bool in_quotes = false;
  for (char* p = value; p != end_; ++p) {
    if (*p == '"') {
      in_quotes = !in_quotes;
    } else if (*p == '\\' && in_quotes && p + 1 != end_ && p[1] != '\r' && p[1] != '\n') {
      ++p;
    } else if (base::is_control(*p) && *p != '\t' && !try_unfold(p)) {
      if (!in_quotes || *p == '\r' || *p == '\n') return p;
      *p = ' ';
    }
  }
  return end_;
}

// A line end followed by a blank is only a blank (RFC 3261 section 7.3.1).
bool MessageReader::try_unfold(char* line_end) {
  if (!at_line_end(line_end) || end_ - line_end < 3 || !base::is_blank(line_end[2])) return false;
  line_end[0] = line_end[1] = ' ';
  return true;
}

void MessageReader::skip_line(char* from) {
  auto* line_feed =
      static_cast<char*>(std::memchr(from, '\n', static_cast<std::size_t>(end_ - from)));
  at_ = line_feed != nullptr ? line_feed + 1 : end_;
}

base::Result<void> MessageReader::read_body() {
  packet_.body_ = view(at_, end_);
  std::optional<std::uint32_t> length;
  for (const auto& header : packet_.headers_) {
    if (header.id != HeaderId::ContentLength) continue;
    const auto value = parse_content_length(header.value);
    if (!value) return tl::unexpected(value.error());
    if (length && *length != *value) {
      return base::fail("Content-Length is given twice, as {} and {}", *length, *value);
    }
    length = *value;
  }
  if (!length) return {};
  if (*length > packet_.body_.size()) {
    return base::fail("Content-Length is {} but the body has {} octets", *length,
                      packet_.body_.size());
  }
  packet_.body_ = packet_.body_.substr(0, *length);
  return {};
}

base::Result<void> Packet::parse(std::span<char> message, const ParserLimits& limits) {
  clear();
  return MessageReader(message, limits, *this).run();
}

}  // namespace missive::sip

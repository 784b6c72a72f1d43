#include "sip/framer.h"

#include <optional>

#include "base/text.h"
#include "sip/chars.h"
#include "sip/packet.h"

namespace missive::sip {

namespace {

// Takes the line at the front off, with the lines folded into it.
std::string_view take_line(std::string_view& headers) {
  std::size_t end = headers.find("\r\n");
  while (end != std::string_view::npos && end + 2 < headers.size() &&
         base::is_blank(headers[end + 2])) {
    end = headers.find("\r\n", end + 2);
  }
  const auto line = headers.substr(0, end);
  headers.remove_prefix(end == std::string_view::npos ? headers.size() : end + 2);
  return line;
}

// `headers` is a start line and header lines, each with its CRLF.
base::Result<std::uint32_t> content_length(std::string_view headers) {
  std::optional<std::uint32_t> length;
  take_line(headers);
  while (!headers.empty()) {
    auto line = take_line(headers);
    const char first = line.empty() ? '\0' : base::to_lower(line.front());
    if (first != 'c' && first != 'l') continue;
    const auto name = chars::take_run(line, chars::token);
    if (header_id(name) != HeaderId::ContentLength || !chars::take(line, ':')) continue;
    const auto value = parse_content_length(base::trim(line));
    if (!value) return value;
    if (length && *length != *value) {
      return base::fail("Content-Length is given twice, as {} and {}", *length, *value);
    }
    length = *value;
  }
  if (length) return *length;
  return base::fail("a message on a stream has no Content-Length");
}

}  // namespace

Frame StreamFramer::next(std::string_view unread) {
  if (failed_) return fail("the stream was given up before");
  if (unread.empty()) return {};
  if (size_ > 0) return finish(unread);
  if (scanned_ == 0) {
    if (unread.front() == '\r') return next_line_end(unread);
    if (!chars::is(unread.front(), chars::token)) {
      return fail(fmt::format("a SIP message cannot begin with '{}'",
                              base::printable(unread.substr(0, 1))));
    }
  }
  after_line_end_ = false;
  return find_headers(unread);
}

Frame StreamFramer::next_line_end(std::string_view unread) {
  if (unread.size() < 2) return {};
  if (unread[1] != '\n') return fail("a carriage return without a line feed between messages");
  after_line_end_ = !after_line_end_;
  return {after_line_end_ ? Frame::Kind::line_end : Frame::Kind::ping, 2, {}};
}

Frame StreamFramer::find_headers(std::string_view unread) {
  while (true) {
    const auto line_feed = unread.find('\n', scanned_);
    if (line_feed == std::string_view::npos) {
      scanned_ = unread.size();
      if (scanned_ > limits_.header_octets) break;
      return {};
    }
    if (line_feed == 0 || unread[line_feed - 1] != '\r') {
      return fail("a line ends with a line feed alone; SIP lines end with CRLF");
    }
    scanned_ = line_feed + 1;
    if (scanned_ > limits_.header_octets) break;
    if (line_feed < 3 || unread[line_feed - 2] != '\n') continue;
    const auto length = content_length(unread.substr(0, scanned_ - 2));
    if (!length) return fail(length.error().text);
    if (*length > limits_.body_octets) {
      return fail(fmt::format("Content-Length is {} but at most {} octets are taken", *length,
                              limits_.body_octets));
    }
    size_ = scanned_ + *length;
    return finish(unread);
  }
  return fail(fmt::format("the headers are longer than {} octets", limits_.header_octets));
}

Frame StreamFramer::finish(std::string_view unread) {
  if (unread.size() < size_) return {Frame::Kind::need_more, size_, {}};
  const auto size = size_;
  size_ = scanned_ = 0;
  return {Frame::Kind::message, size, {}};
}

Frame StreamFramer::fail(std::string text) {
  failed_ = true;
  return {Frame::Kind::error, 0, std::move(text)};
}

}  // namespace missive::sip

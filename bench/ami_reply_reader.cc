#include "ami_reply_reader.h"

#include <cstring>

namespace missive::bench {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view block_end = "\r\n\r\n";

std::size_t position(std::string_view in, std::string_view what) {
  const void* at = memmem(in.data(), in.size(), what.data(), what.size());
  if (at == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(at) - in.data());
}

// The value of `name` ("ActionID: ") where the line is that header.
bool take(std::string_view line, std::string_view name, std::string_view& value) {
  if (!line.starts_with(name)) return false;
  value = line.substr(name.size());
  return true;
}

Reply parse(std::string_view block) {
  Reply reply{{}, {}, block};
  while (!block.empty()) {
    const auto end = position(block, line_end);
    const auto line = block.substr(0, end);
    take(line, "Response: ", reply.response) || take(line, "ActionID: ", reply.action_id);
    if (end == std::string_view::npos) break;
    block.remove_prefix(end + line_end.size());
  }
  return reply;
}

}  // namespace

std::span<char> AmiReplyReader::space() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (buffer_.size() - end_ < buffer_.size() / 2) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  return {buffer_.data() + end_, buffer_.size() - end_};
}

std::optional<Reply> AmiReplyReader::next() {
  const auto end = position(unread(), block_end);
  if (end == std::string_view::npos) return std::nullopt;
  const auto block = unread().substr(0, end);
  begin_ += end + block_end.size();
  return parse(block);
}

std::optional<std::string_view> AmiReplyReader::banner() {
  const auto end = position(unread(), line_end);
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = unread().substr(0, end);
  begin_ += end + line_end.size();
  return line;
}

}  // namespace missive::bench

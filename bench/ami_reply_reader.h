// Cuts what an AMI server writes into replies, wherever the stream was split.
//
// The reader owns the buffer: read into space(), tell commit() how much came, then
// take next() until it is empty. A Reply's views hold until the next space(). A
// block without `Response:` is an event. Lines end in CRLF, a block in an empty
// line, as Asterisk writes them. Not thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace missive::bench {

struct Reply {
  std::string_view response;  // empty for an event
  std::string_view action_id;
  std::string_view text;  // the whole block, for complaints

  bool is_event() const { return response.empty(); }
};

class AmiReplyReader {
 public:
  explicit AmiReplyReader(std::size_t octets = 1 << 20) : buffer_(octets) {}

  // Empty when one block has filled the buffer: no AMI server does that.
  std::span<char> space();
  void commit(std::size_t octets) { end_ += octets; }
  std::optional<Reply> next();
  // The first line of a connection, which is no block; nothing until it is whole.
  std::optional<std::string_view> banner();

 private:
  std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }

  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace missive::bench

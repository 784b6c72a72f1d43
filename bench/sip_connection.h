// One connection of a phone: SIP messages in and out, read and written in batches.
//
// All that waits is taken with one read, and what was appended goes out with one write; nothing
// here waits. Errors as in Channel and MessageFraming. Not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channel.h"
#include "message_framing.h"

namespace missive::bench {

class SipConnection {
 public:
  SipConnection(Channel channel, std::unique_ptr<MessageFraming> framing);

  int fd() const { return channel_.fd(); }
  // Then next() until it is empty. True when there may be more than was read.
  bool receive();
  // The next whole message; valid until the next call of next() or receive().
  std::optional<std::string_view> next();
  void append(std::string_view message) { framing_->append(output_, message); }
  // Writes what goes out now; true when nothing is left.
  bool flush();
  // What to poll for.
  short wanted() const;

 private:
  Channel channel_;
  std::unique_ptr<MessageFraming> framing_;
  std::vector<char> input_;
  std::size_t begin_ = 0;  // of what is not consumed
  std::size_t end_ = 0;
  std::string output_;
  std::size_t written_ = 0;
};

}  // namespace missive::bench

// The stanzas that a stream was given and whose arrival is not known yet, in order and counted as
// stream management counts them (XEP-0198 section 4).
//
// Each has an id; an empty one is a stanza that nobody asks about. A number `h` is how many had
// arrived since the count began; it wraps at 2^32. A server without stream management is asked by a
// ping: what had been handed over before it has arrived when it is answered, so the same count
// serves. Pure; on the stream's thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace missive::xmpp {

class Unacknowledged {
 public:
  using Ids = std::vector<std::string>;

  // A stream begins: nothing is under way, and the count is zero.
  void begin() {
    waiting_.clear();
    written_ = 0;
    arrived_ = 0;
  }
  void handed_over(std::string id) { waiting_.push_back(std::move(id)); }
  // The next one has left.
  void written() { written_ += written_ < waiting_.size() ? 1 : 0; }
  // What `h` will be when all of them have arrived.
  std::uint32_t handed_over() const {
    return arrived_ + static_cast<std::uint32_t>(waiting_.size());
  }
  std::size_t size() const { return waiting_.size(); }
  bool has_unwritten() const { return written_ < waiting_.size(); }

  // Those that are known to have arrived now. A count that cannot be counts for nothing.
  Ids acknowledge(std::uint32_t h) {
    const std::uint32_t more = h - arrived_;
    return more <= waiting_.size() ? take_front(more) : Ids{};
  }

  // The connection is gone: those that had not left, which are not counted any more.
  Ids take_unwritten() {
    Ids unwritten(std::make_move_iterator(waiting_.begin() + static_cast<long>(written_)),
                  std::make_move_iterator(waiting_.end()));
    waiting_.resize(written_);
    return unwritten;
  }

  // The stream goes on, and sends the last `again` of those that had not arrived once more; what
  // it should have sent again and does not.
  Ids resume(std::size_t again) {
    written_ = 0;
    if (again >= waiting_.size()) return {};
    const auto arrived = arrived_;
    auto lost = take_front(static_cast<std::uint32_t>(waiting_.size() - again));
    arrived_ = arrived;  // they never got there
    return lost;
  }

  // All that is left: nothing will be heard of it.
  Ids take_all() {
    written_ = 0;
    return take_front(static_cast<std::uint32_t>(waiting_.size()));
  }

 private:
  Ids take_front(std::uint32_t count) {
    Ids taken(std::make_move_iterator(waiting_.begin()),
              std::make_move_iterator(waiting_.begin() + static_cast<long>(count)));
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<long>(count));
    written_ -= std::min<std::size_t>(written_, count);
    arrived_ += count;
    return taken;
  }

  std::deque<std::string> waiting_;
  std::size_t written_ = 0;  // of waiting_, from the front
  std::uint32_t arrived_ = 0;
};

}  // namespace missive::xmpp

// The status that each of very many requests was answered with, in 16 octets a request.
//
// A hash table with open addressing for keys that are hashes already: at 100,000 requests a
// second Timer J keeps more than three million of them. Grows by doubling up to its limit and
// shrinks when it is empty. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace missive::sip {

class AnsweredRequests {
 public:
  using Key = std::uint64_t;
  struct Answer {
    std::uint16_t status = 0;
    bool to_source = false;
  };

  explicit AnsweredRequests(std::size_t limit) : limit_(limit) {}

  std::optional<Answer> find(Key key) const;
  // The key is not there yet. False when there is room for no more.
  bool add(Key key, Answer answer);
  void erase(Key key);
  std::size_t size() const { return size_; }

 private:
  struct Slot {
    Key key = 0;
    Answer answer;  // status 0: the slot is free
  };
  static constexpr std::size_t smallest = 1024;

  std::size_t home_of(Key key) const { return key & (slots_.size() - 1); }
  std::size_t after(std::size_t place) const { return (place + 1) & (slots_.size() - 1); }
  // Where the key is, or the free slot where it would go.
  std::size_t place_of(Key key) const;
  void grow();

  const std::size_t limit_;
  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace missive::sip

// Numbers and texts one after the other in a string, for records on the disk.
//
// A number is 7 bits an octet, the lowest first, with the top bit set on all but the last; a text
// is a number, how many octets follow, and these. PackedReader takes values off the front; once
// something is wrong everything after it is empty and at_end() is false. Its texts are views.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace missive::message {

inline void pack(std::string& out, std::uint64_t number) {
  while (number >= 0x80) {
    out += static_cast<char>(0x80 | (number & 0x7F));
    number >>= 7;
  }
  out += static_cast<char>(number);
}

inline void pack(std::string& out, std::string_view text) {
  pack(out, std::uint64_t{text.size()});
  out += text;
}

class PackedReader {
 public:
  explicit PackedReader(std::string_view record) : rest_(record) {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63 && !rest_.empty(); shift += 7) {
      const auto octet = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= std::uint64_t{octet & 0x7Fu} << shift;
      if (octet < 0x80) return value;
    }
    return fail();
  }

  std::string_view text() {
    const auto size = number();
    if (size > rest_.size()) {
      fail();
      return {};
    }
    const auto text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }

  bool at_end() const { return sound_ && rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

 private:
  std::uint64_t fail() {
    sound_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool sound_ = true;
};

}  // namespace missive::message

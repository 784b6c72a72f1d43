// StreamFramer on any octets, in any pieces.
//
// Checked: the frames are the same however the stream is cut into reads; no frame
// is larger than what was shown; every message that is framed is whole for the
// parser too.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz_check.h"
#include "sip/framer.h"
#include "sip/packet.h"

namespace {

using namespace missive;
using fuzz::check;
using Kind = sip::Frame::Kind;

struct Seen {
  Kind kind;
  std::size_t size;
  bool operator==(const Seen&) const = default;
};

sip::FramerLimits limits() {
  sip::FramerLimits small;
  small.header_octets = 600;
  small.body_octets = 300;
  return small;
}

// `cut` octets first, then `step` at a time.
std::vector<Seen> frames(std::string_view stream, std::size_t cut, std::size_t step) {
  sip::StreamFramer framer(limits());
  std::vector<Seen> seen;
  std::size_t begin = 0;
  std::size_t shown = std::min(cut, stream.size());
  while (true) {
    const auto unread = stream.substr(begin, shown - begin);
    const auto frame = framer.next(unread);
    if (frame.kind == Kind::need_more) {
      check(frame.size == 0 || frame.size > unread.size());
      if (shown == stream.size()) break;
      shown = std::min(shown + step, stream.size());
      continue;
    }
    seen.push_back({frame.kind, frame.size});
    check((frame.kind == Kind::error) == !frame.error.empty());
    if (frame.kind == Kind::error) break;
    check(frame.size > 0 && frame.size <= unread.size());
    begin += frame.size;
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view stream(reinterpret_cast<const char*>(data), size);
  const auto whole = frames(stream, stream.size(), stream.size());
  check(frames(stream, 1, 1) == whole);
  check(frames(stream, 1, 7) == whole);
  const std::size_t stride = 1 + size / 64;
  for (std::size_t cut = 0; cut < size; cut += stride) {
    check(frames(stream, cut, size) == whole);
  }

  std::size_t begin = 0;
  for (const auto& frame : whole) {
    if (frame.kind == Kind::message) {
      std::string message(stream.substr(begin, frame.size));
      sip::Packet packet;
      if (packet.parse(message)) {
        const auto length = packet.content_length();
        check(length && *length && **length == packet.body().size());
        check(packet.body().data() + packet.body().size() == message.data() + message.size());
      }
    }
    begin += frame.size;
  }
  return 0;
}

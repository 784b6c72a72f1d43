// The AMI packet reader: any octets, cut in any way.
//
// The first octet is the length of the pieces. What comes out must not depend on it: the
// same actions, problems and ActionIDs as from the input at once; every view lies inside
// the octets shown; what is kept waiting is bounded by the limits.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "ami/packet_reader.h"
#include "fuzz_check.h"

namespace {

using missive::ami::PacketReader;
using missive::fuzz::check;

constexpr PacketReader::Limits limits{64, 8, 256};

void describe(const PacketReader& reader, PacketReader::Kind kind, std::string_view shown,
              std::string& out) {
  if (kind == PacketReader::Kind::malformed) {
    out += "!";
    out += reader.problem();
    out += "\n";
    out += reader.problem_action_id();
    check(reader.problem_action_id().size() <= limits.max_line);
    return;
  }
  const auto& action = reader.action();
  check(action.size() <= limits.max_headers);
  for (std::size_t i = 0; i < action.size(); ++i) {
    for (const auto part : {action[i].name, action[i].value}) {
      check(part.data() >= shown.data() && part.end() <= shown.end());
      check(part.find('\n') == std::string_view::npos);
      out += part;
      out += "\x01";
    }
    check(action.has(action[i].name));
  }
  check(action.header("Action") == action.name());
  out += "\n";
}

std::string read_all(std::string_view input, std::size_t step) {
  PacketReader reader(limits);
  std::string out;
  std::string pending;
  while (!input.empty()) {
    pending += input.substr(0, step);
    input.remove_prefix(std::min(step, input.size()));
    for (;;) {
      const std::string shown = pending;  // the octets move between calls
      const auto outcome = reader.next(shown);
      check(outcome.consumed <= shown.size());
      if (outcome.kind != PacketReader::Kind::need_more) {
        check(outcome.consumed > 0);
        describe(reader, outcome.kind, shown, out);
      }
      pending.erase(0, outcome.consumed);
      if (outcome.kind == PacketReader::Kind::need_more) break;
    }
    check(pending.size() <= limits.max_action);
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto at_once = read_all(input, input.size());
  check(read_all(input, 1) == at_once);
  check(read_all(input, data[0] + std::size_t{1}) == at_once);
  return 0;
}

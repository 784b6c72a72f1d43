// UpdateConfig: any file and any packet of changes.
//
// Up to the first NUL the input is the file, behind it the headers of the action. Whatever the
// changes are, what would be saved reads back as what it is meant to be, or is not saved; a file
// that is not changed stays octet for octet; and no change makes a directive or breaks a line.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "ami/config_update.h"
#include "ami/packet_reader.h"
#include "conf/document.h"
#include "fuzz_check.h"

namespace {

using missive::ami::PacketReader;
using missive::conf::Document;
using missive::fuzz::check;

constexpr PacketReader::Limits limits{4096, 256, 65536};

void change(Document& document, std::string_view packet, bool preserve) {
  PacketReader reader(limits);
  const std::string octets = std::string(packet) + "\n\n";
  if (reader.next(octets).kind != PacketReader::Kind::action) return;
  const auto changes = missive::ami::read_changes(reader.action());
  if (missive::ami::apply_changes(document, changes)) return;
  if (preserve) document.preserve_inherited();
  if (!document.check({})) return;
  const auto text = document.text();
  const auto again = Document::parse(text);
  check(again.has_value());
  check(again->text() == text);
  check(again->categories().size() == document.categories().size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto end = std::min(input.find('\0'), input.size());
  const auto file = input.substr(0, end);
  auto document = Document::parse(file);
  if (!document) return 0;
  check(document->text() == file);
  check(document->check({}).has_value());
  if (end == input.size()) return 0;
  change(*document, input.substr(end + 1), size % 2 == 0);
  return 0;
}

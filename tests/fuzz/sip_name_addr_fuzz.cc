// parse_name_addr() and ListSplitter on any octets.
//
// Checked: the parts lie inside of the text; a display name survives being quoted
// again, but for control characters; the pieces of a list come in order and cover
// no comma twice.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz_check.h"
#include "sip/name_addr.h"

using namespace missive;
using fuzz::check;
using fuzz::check_inside;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  const char* position = text.data();
  std::size_t pieces = 0;
  sip::ListSplitter splitter(text);
  std::string_view piece;
  while (splitter.next(piece)) {
    check_inside(piece, text);
    if (!piece.empty()) {
      check(piece.data() >= position);
      position = piece.data() + piece.size();
    }
    ++pieces;
  }
  check(pieces >= 1 &&
        pieces <= 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), ',')));

  const auto address = sip::parse_name_addr(text);
  if (!address) {
    check(!address.error().text.empty());
    return 0;
  }
  check_inside(address->display_name, text);
  check_inside(address->uri, text);
  check_inside(address->params, text);
  check(!address->uri.empty());
  (void)address->tag();

  auto display = address->unquoted_display();
  for (char& c : display) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  std::string written;
  sip::append_quoted(written, display);
  written.append(" <").append(address->uri).append(">").append(address->params);
  const auto again = sip::parse_name_addr(written);
  check(again && again->unquoted_display() == display && again->uri == address->uri &&
        again->params == address->params);
  return 0;
}

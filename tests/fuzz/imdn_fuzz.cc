// parse_imdn() on any octets.
//
// Checked: what is read is within its bounds, and written it is read again as the same.
#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz_check.h"
#include "message/imdn.h"

using namespace missive;
using fuzz::check;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto imdn = message::parse_imdn(text);
  if (!imdn) {
    check(!imdn.error().text.empty());
    return 0;
  }
  check(size <= 16384);
  check(!imdn->message_id.empty() && imdn->message_id.size() <= 256);
  (void)message::state_of(*imdn);
  check(!message::is_receipt_of(imdn->recipient_uri, ""));

  std::string out;
  message::append_imdn(out, *imdn);
  // Escaping may make it too long to be read again.
  if (out.size() > 16384) return 0;
  const auto again = message::parse_imdn(out);
  check(again && *again == *imdn);
  return 0;
}

// parse_cpim() on any octets.
//
// Checked: the parts lie inside of the text; the body is its end; what the writer makes of the
// parts is read again as the same; any text that is escaped comes back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz_check.h"
#include "message/cpim.h"

using namespace missive;
using fuzz::check;
using fuzz::check_inside;

namespace {

void check_written(const message::Cpim& cpim, std::string_view text) {
  std::string out;
  message::CpimWriter writer(out);
  writer.header("From", cpim.header("From"));
  writer.text("Subject", text);
  writer.content("application/octet-stream", cpim.body);
  const message::CpimLimits limits{.headers = 8, .header_octets = out.size()};
  const auto again = message::parse_cpim(out, limits);
  check(again.has_value());
  // Spaces at either end do not count.
  const auto begin = std::min(text.find_first_not_of(' '), text.size());
  check(message::unescape_cpim(again->header("Subject")) ==
        text.substr(begin, text.find_last_not_of(' ') + 1 - begin));
  check(again->content_type() == "application/octet-stream");
  check(again->body == cpim.body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto cpim = message::parse_cpim(text);
  if (!cpim) {
    check(!cpim.error().text.empty());
    return 0;
  }
  const message::CpimLimits limits;
  check(cpim->headers.size() + cpim->content_headers.size() <= limits.headers);
  for (const auto& header : cpim->headers) {
    check_inside(header.name_space, text);
    check_inside(header.name, text);
    check_inside(header.value, text);
    check_inside(message::cpim_uri(header.value), text);
    check(message::unescape_cpim(header.value).size() <= header.value.size());
  }
  for (const auto& header : cpim->content_headers) {
    check_inside(header.name, text);
    check_inside(header.value, text);
  }
  check_inside(cpim->body, text);
  check(text.ends_with(cpim->body));
  check_written(*cpim, text);
  return 0;
}

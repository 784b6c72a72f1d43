// Packet::parse(), its getters and validate_request() on any octets.
//
// Checked: every view points into the buffer; no header value holds a line end; a
// message that was unfolded parses to the same again; a refusal has a status and
// a reason that fit into a status line.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz_check.h"
#include "sip/parser.h"
#include "sip/uri.h"

namespace {

using namespace missive;
using fuzz::check;
using fuzz::check_inside;

void check_views(const sip::Packet& packet, std::string_view buffer) {
  check_inside(packet.method_name(), buffer);
  check_inside(packet.request_uri(), buffer);
  check_inside(packet.reason(), buffer);
  check_inside(packet.body(), buffer);
  for (const auto& header : packet.headers()) {
    check_inside(header.name, buffer);
    check_inside(header.value, buffer);
    check(!header.name.empty());
    check(header.value.find_first_of("\r\n") == std::string_view::npos);
  }
}

void ask_everything(const sip::Packet& packet, std::string_view buffer) {
  for (const auto& header : packet.headers()) {
    auto rest = header.value;
    while (!rest.empty()) {
      const auto via = sip::parse_via(rest);
      if (!via) break;
      check_inside(via->host, buffer);
      check_inside(via->branch, buffer);
      check_inside(via->params, buffer);
    }
    sip::ListSplitter values(header.value);
    std::string_view value;
    while (values.next(value)) {
      if (const auto address = sip::parse_name_addr(value)) (void)sip::parse_uri(address->uri);
    }
  }
  (void)packet.top_via();
  (void)packet.cseq();
  (void)packet.from();
  (void)packet.to();
  (void)packet.max_forwards();
  (void)packet.find("X-Custom");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string buffer(reinterpret_cast<const char*>(data), size);
  static sip::Packet packet;
  const auto parsed = packet.parse(buffer);
  check_views(packet, buffer);
  ask_everything(packet, buffer);
  if (!parsed) {
    check(!parsed.error().text.empty());
    return 0;
  }
  const auto length = packet.content_length();
  check(length && (!*length || **length == packet.body().size()));
  if (packet.is_request()) {
    if (const auto error = sip::validate_request(packet)) {
      check(error->status >= 400 && error->status < 600 && !error->reason.empty());
      check(std::all_of(error->reason.begin(), error->reason.end(),
                        [](char c) { return c >= 0x20 && c < 0x7F; }));
    } else {
      check(packet.top_via() && packet.cseq() && packet.from() && packet.to());
    }
  }
  std::string again = buffer;
  sip::Packet second;
  check(second.parse(again).has_value());
  check(again == buffer);
  check(second.headers().size() == packet.headers().size() && second.body() == packet.body());
  return 0;
}

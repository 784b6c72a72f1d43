// Event filters of both syntaxes: any criteria, any expression, any event.
//
// What compiles answers every event without crashing, in bounded memory and time (libFuzzer's
// limits); the exact and the partial comparisons say what they mean.
#include <cstdint>
#include <string>
#include <string_view>

#include "ami/event_filter.h"
#include "fuzz_check.h"

namespace {

using namespace missive::ami;

// Up to the first zero, which is dropped.
std::string_view take_part(std::string_view& input) {
  const auto part = input.substr(0, input.find('\0'));
  input.remove_prefix(std::min(part.size() + 1, input.size()));
  return part;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto criteria = take_part(input);
  const auto expression = take_part(input);
  Event event{Class::user, std::string(take_part(input)), {}};
  event.text =
      "Event: " + event.name + "\r\nPrivilege: user,all\r\n" + std::string(input) + "\r\n\r\n";
  EventFilters filters;
  if (auto made = EventFilter::make({}, expression)) {
    made->matches(event);
    filters.add(*made);
  }
  if (auto made = EventFilter::make(criteria, expression)) {
    made->matches(event);
    filters.add(*made);
  }
  filters.pass(event);
  return 0;
}

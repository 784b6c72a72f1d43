// Expressions from anywhere, with places that are sealed.
//
// The first octet says how many sealed places follow, each as a pair of octets: a distance
// from the one before and a length. What must hold: no crash and no endless work; a result or an
// error with a text; the same again for the same input; a string that is sealed from its
// first quote to its last is one value.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dialplan/expression.h"
#include "fuzz_check.h"

namespace {

using missive::dialplan::evaluate;
using missive::dialplan::Sealed;
using missive::fuzz::check;

std::vector<Sealed> take_sealed(std::string_view& input) {
  std::vector<Sealed> sealed;
  if (input.empty()) return sealed;
  std::size_t count = static_cast<unsigned char>(input.front()) % 8;
  input.remove_prefix(1);
  for (std::size_t end = 0; count > 0 && input.size() >= 2; --count) {
    const auto begin = end + static_cast<unsigned char>(input[0]);
    end = begin + static_cast<unsigned char>(input[1]);
    sealed.push_back({begin, end});
    input.remove_prefix(2);
  }
  // None beyond the text.
  while (!sealed.empty() && sealed.back().end > input.size()) sealed.pop_back();
  return sealed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto sealed = take_sealed(input);
  std::vector<std::string> warnings, again;
  const auto value = evaluate(input, sealed, warnings);
  check(value.has_value() || !value.error().text.empty());
  check(evaluate(input, sealed, again) == value);
  check(warnings == again);
  if (value) missive::dialplan::is_true(*value);

  // As a value between quotes it means nothing.
  const std::string quoted = "\"" + std::string(input) + "\" = \"\"";
  const Sealed whole[] = {{1, 1 + input.size()}};
  const auto equal = evaluate(quoted, whole, warnings);
  check(equal.has_value() && *equal == (input.empty() ? "1" : "0"));
  return 0;
}

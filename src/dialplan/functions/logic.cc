// IF ISNULL EXISTS RAND INC DEC SET. MATH is in math.cc, IFTIME in time.cc.
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "base/random.h"
#include "base/text.h"
#include "dialplan/expression.h"
#include "dialplan/functions/arguments.h"
#include "dialplan/functions/choice.h"

namespace missive::dialplan {
namespace {

using Text = base::Result<std::string>;

Text read_if(Run&, std::string_view text) {
  const auto choice = parse_choice(text);
  if (!choice) return base::fail("IF wants a condition and two texts: IF(condition?yes:no)");
  return is_true(choice->condition) ? choice->yes : choice->no;
}

Text read_isnull(Run&, std::string_view text) { return std::string(text.empty() ? "1" : "0"); }
Text read_exists(Run&, std::string_view text) { return std::string(text.empty() ? "0" : "1"); }

// The number, or `fallback` when there is no text.
base::Result<std::int64_t> number_or(std::string_view text, std::int64_t fallback) {
  text = base::trim(text);
  if (text.empty()) return fallback;
  if (const auto number = base::parse_number<std::int64_t>(text)) return *number;
  return base::fail("RAND wants whole numbers, not {}", base::printable(text, 40));
}

Text read_rand(Run&, std::string_view text) {
  const Arguments arguments(text);
  auto low = number_or(arguments[0], 0);
  if (!low) return tl::unexpected(low.error());
  auto high = number_or(arguments[1], std::numeric_limits<std::int32_t>::max());
  if (!high) return tl::unexpected(high.error());
  if (*high < *low) std::swap(*low, *high);
  thread_local base::RandomSource random;  // the run may be on a worker's thread
  const auto width = static_cast<std::uint64_t>(*high) - static_cast<std::uint64_t>(*low);
  const auto offset =
      width == std::numeric_limits<std::uint64_t>::max() ? random.next() : random.below(width + 1);
  return std::to_string(static_cast<std::int64_t>(static_cast<std::uint64_t>(*low) + offset));
}

Text step(Run& run, std::string_view name, std::int64_t by, std::string_view function) {
  name = base::trim(name);
  if (name.empty()) return base::fail("{} wants the name of a variable", function);
  const auto value = value_of(run, name);
  if (!value) return value;
  const auto text = base::trim(*value);
  auto number = base::parse_number<std::int64_t>(text).value_or(0);
  if (number == (by > 0 ? std::numeric_limits<std::int64_t>::max()
                        : std::numeric_limits<std::int64_t>::min())) {
    return base::fail("{} cannot go beyond {}", function, number);
  }
  number += by;
  auto result = std::to_string(number);
  if (const auto done = set_by_name(run, name, result); !done) return tl::unexpected(done.error());
  return result;
}

Text read_inc(Run& run, std::string_view name) { return step(run, name, 1, "INC"); }
Text read_dec(Run& run, std::string_view name) { return step(run, name, -1, "DEC"); }

Text read_set(Run& run, std::string_view text) {
  const auto equals = text.find('=');
  if (equals == text.npos) return base::fail("SET wants a name and a value: SET(name=value)");
  std::string value(text.substr(equals + 1));
  const auto done = set_by_name(run, text.substr(0, equals), value);
  if (!done) return tl::unexpected(done.error());
  return value;
}

}  // namespace

void add_math_function(FunctionTable& table);  // math.cc

void add_logic_functions(FunctionTable& table) {
  table.add({"IF", read_if});
  table.add({"ISNULL", read_isnull});
  table.add({"EXISTS", read_exists});
  table.add({"RAND", read_rand});
  table.add({"INC", read_inc});
  table.add({"DEC", read_dec});
  table.add({"SET", read_set});
  add_math_function(table);
}

}  // namespace missive::dialplan

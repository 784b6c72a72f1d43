#include "dialplan/expression_functions.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "conf/nearest.h"

namespace missive::dialplan {
namespace {

using Number = long double;

struct MathFunction {
  std::string_view name;
  Number (*of_one)(Number) = nullptr;
  Number (*of_two)(Number, Number) = nullptr;
};

constexpr std::array functions{
    MathFunction{"ACOS", [](Number x) { return std::acos(x); }},
    MathFunction{"ASIN", [](Number x) { return std::asin(x); }},
    MathFunction{"ATAN", [](Number x) { return std::atan(x); }},
    MathFunction{"ATAN2", nullptr, [](Number x, Number y) { return std::atan2(x, y); }},
    MathFunction{"CEIL", [](Number x) { return std::ceil(x); }},
    MathFunction{"COS", [](Number x) { return std::cos(x); }},
    MathFunction{"EXP", [](Number x) { return std::exp(x); }},
    MathFunction{"EXP2", [](Number x) { return std::exp2(x); }},
    MathFunction{"FLOOR", [](Number x) { return std::floor(x); }},
    MathFunction{"LOG", [](Number x) { return std::log(x); }},
    MathFunction{"LOG10", [](Number x) { return std::log10(x); }},
    MathFunction{"LOG2", [](Number x) { return std::log2(x); }},
    MathFunction{"POW", nullptr, [](Number x, Number y) { return std::pow(x, y); }},
    MathFunction{"REMAINDER", nullptr, [](Number x, Number y) { return std::remainder(x, y); }},
    MathFunction{"RINT", [](Number x) { return std::rint(x); }},
    MathFunction{"ROUND", [](Number x) { return std::round(x); }},
    MathFunction{"SIN", [](Number x) { return std::sin(x); }},
    MathFunction{"SQRT", [](Number x) { return std::sqrt(x); }},
    MathFunction{"TAN", [](Number x) { return std::tan(x); }},
    MathFunction{"TRUNC", [](Number x) { return std::trunc(x); }},
};

std::vector<std::string_view> names() {
  std::vector<std::string_view> names;
  for (const auto& function : functions) names.push_back(function.name);
  return names;
}

}  // namespace

base::Result<long double> call_math(std::string_view name,
                                    const std::vector<long double>& arguments) {
  const auto found = std::find_if(functions.begin(), functions.end(), [name](const auto& function) {
    return base::iequals(function.name, name);
  });
  const auto shown = base::printable(name, 40);
  if (found == functions.end()) {
    return base::fail(
        "there is no function {}() in expressions{}; those of the dialplan are "
        "written ${{{}(...)}}",
        shown, conf::did_you_mean(name, names()), shown);
  }
  const std::size_t wanted = found->of_one != nullptr ? 1 : 2;
  if (arguments.size() != wanted) {
    return base::fail("{}() takes {} number{}, not {}", shown, wanted, wanted > 1 ? "s" : "",
                      arguments.size());
  }
  const auto result =
      wanted == 1 ? found->of_one(arguments[0]) : found->of_two(arguments[0], arguments[1]);
  if (!std::isfinite(result)) return base::fail("{}() has no result for these numbers", shown);
  return result;
}

}  // namespace missive::dialplan

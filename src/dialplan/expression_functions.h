// The mathematical functions of expressions: FLOOR, POW, LOG ...
//
// Names are matched without regard to case. Source: Asterisk documentation, "Expr2 Built-in
// Functions".
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"

namespace missive::dialplan {

// An error for an unknown name, a wrong number of arguments, and where there is no result.
base::Result<long double> call_math(std::string_view name,
                                    const std::vector<long double>& arguments);

}  // namespace missive::dialplan

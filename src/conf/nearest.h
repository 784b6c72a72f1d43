// "Did you mean ...?": the known name that a mistyped one is closest to.
//
// Distance is the number of letters to insert, delete, change or swap with a
// neighbour, without regard to case. Names further off than a third of their
// length are no help and not suggested.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace missive::conf {

// Empty when nothing is near enough.
std::string_view nearest(std::string_view name, const std::vector<std::string_view>& known);
// "; did you mean 'x'?", or nothing.
std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& known);

}  // namespace missive::conf

#include "conf/nearest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace missive::conf {
namespace {

constexpr std::size_t longest_name = 64;
// A big file with a mistake on every line is to be told of them in good time.
constexpr std::size_t most_names = 5'000;

// Optimal string alignment distance, three rows at a time. Neither is longer than longest_name.
std::size_t distance(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, longest_name + 1>;
  Row rows[3];
  Row *before = &rows[0], *last = &rows[1], *row = &rows[2];
  for (std::size_t j = 0; j <= b.size(); ++j) (*last)[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    (*row)[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = base::to_lower(a[i - 1]) == base::to_lower(b[j - 1]);
      auto best = std::min({(*last)[j] + 1, (*row)[j - 1] + 1, (*last)[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && base::to_lower(a[i - 1]) == base::to_lower(b[j - 2]) &&
                           base::to_lower(a[i - 2]) == base::to_lower(b[j - 1]);
      if (swapped) best = std::min(best, (*before)[j - 2] + 1);
      (*row)[j] = best;
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return (*last)[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view name, const std::vector<std::string_view>& known) {
  if (name.empty() || name.size() > longest_name || known.size() > most_names) return {};
  std::string_view best;
  std::size_t best_distance = std::clamp<std::size_t>(name.size() / 3, 1, 4) + 1;
  for (const auto candidate : known) {
    const auto longer = std::max(candidate.size(), name.size());
    if (longer > longest_name) continue;
    if (longer - std::min(candidate.size(), name.size()) >= best_distance) continue;
    if (const auto d = distance(name, candidate); d < best_distance) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& known) {
  const auto found = nearest(name, known);
  return found.empty() ? std::string{} : fmt::format("; did you mean '{}'?", found);
}

}  // namespace missive::conf

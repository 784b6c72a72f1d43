#include "message/retry_schedule.h"

#include <algorithm>
#include <utility>

namespace missive::message {
namespace {

constexpr std::chrono::seconds longest_wish = std::chrono::hours{24};

}  // namespace

RetrySchedule::RetrySchedule(std::vector<std::chrono::seconds> gaps) : gaps_(std::move(gaps)) {
  if (gaps_.empty()) gaps_.push_back(std::chrono::minutes{1});
}

base::Duration RetrySchedule::gap(unsigned failures, base::RandomSource& random,
                                  std::chrono::seconds minimum) const {
  const std::size_t place = std::clamp<std::size_t>(failures, 1, gaps_.size()) - 1;
  const base::Duration gap = gaps_[place];
  const auto fifth = static_cast<std::uint64_t>(gap.count() / 5);
  const auto shift = static_cast<base::Duration::rep>(random.below(2 * fifth + 1));
  const auto jittered = gap - gap / 5 + base::Duration{shift};

  const base::Duration wish = std::clamp(minimum, std::chrono::seconds{0}, longest_wish);
  if (jittered >= wish) return jittered;
  // Later only: all that heard the same wish are not to come back at the same moment either.
  const auto later = random.below(static_cast<std::uint64_t>(wish.count() / 5) + 1);
  return wish + base::Duration{static_cast<base::Duration::rep>(later)};
}

}  // namespace missive::message

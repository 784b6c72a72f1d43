#include "sip/srv_order.h"

#include <algorithm>
#include <utility>

namespace missive::sip {
namespace {

using Records = std::vector<net::SrvRecord>;
using Below = std::function<std::uint64_t(std::uint64_t)>;

// The next of a priority's records that are left.
Records::iterator draw(Records::iterator begin, Records::iterator end, const Below& below) {
  std::uint64_t sum = 0;
  for (auto each = begin; each != end; ++each) sum += each->weight;
  if (sum == 0) {
    return begin +
           static_cast<Records::difference_type>(below(static_cast<std::uint64_t>(end - begin)));
  }
  // 0 is a number of its own, for what has no weight, which stands in front.
  const auto drawn = below(sum + 1);
  std::uint64_t so_far = 0;
  return std::find_if(begin, end, [&](const net::SrvRecord& record) {
    so_far += record.weight;
    return so_far >= drawn;
  });
}

}  // namespace

void order_srv(Records& records, const Below& below) {
  std::stable_sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
    return std::pair(a.priority, a.weight != 0) < std::pair(b.priority, b.weight != 0);
  });
  for (auto next = records.begin(); next != records.end(); ++next) {
    const auto end = std::find_if(next, records.end(), [next](const net::SrvRecord& record) {
      return record.priority != next->priority;
    });
    const auto drawn = draw(next, end, below);
    std::rotate(next, drawn, drawn + 1);  // keeps the order of the others
  }
}

}  // namespace missive::sip

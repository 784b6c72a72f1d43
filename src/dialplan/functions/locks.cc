// LOCK TRYLOCK UNLOCK
#include "dialplan/locks.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "base/text.h"
#include "dialplan/functions/arguments.h"

namespace missive::dialplan {
namespace {

using Text = base::Result<std::string>;
using namespace std::chrono_literals;

constexpr std::size_t max_name = 256;

base::Result<std::string_view> lock_name(std::string_view text, std::string_view function) {
  text = base::trim(text);
  if (text.empty() || text.size() > max_name) {
    return base::fail("{} wants a name of 1 to {} octets: {}(name)", function, max_name, function);
  }
  return text;
}

std::string answer(bool yes) { return yes ? "1" : "0"; }

// Waiting takes a worker, so it is short; shorter still for a run that has a lock already, since
// the one it waits for may be waiting for it.
Text read_lock(Run& run, std::string_view text) {
  const auto name = lock_name(text, "LOCK");
  if (!name) return tl::unexpected(name.error());
  auto& locks = *run.shared().locks;
  const base::Duration longest = locks.holds_any(run.number()) ? 3s : 10s;
  const base::Duration allowed = run.shared().options.max_duration;
  return answer(locks.lock(*name, run.number(), std::min(longest, allowed)));
}

Text read_trylock(Run& run, std::string_view text) {
  const auto name = lock_name(text, "TRYLOCK");
  if (!name) return tl::unexpected(name.error());
  return answer(run.shared().locks->try_lock(*name, run.number()));
}

Text read_unlock(Run& run, std::string_view text) {
  const auto name = lock_name(text, "UNLOCK");
  if (!name) return tl::unexpected(name.error());
  return answer(run.shared().locks->unlock(*name, run.number()));
}

}  // namespace

void add_lock_functions(FunctionTable& table) {
  table.add({"LOCK", read_lock, nullptr, true});
  table.add({"TRYLOCK", read_trylock});
  table.add({"UNLOCK", read_unlock});
}

}  // namespace missive::dialplan

// JABBER_STATUS JABBER_RECEIVE
#include "dialplan/jabber.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "base/text.h"
#include "dialplan/function.h"
#include "dialplan/run.h"

namespace missive::dialplan {
namespace {

using Text = base::Result<std::string>;
using namespace std::chrono_literals;

Text read_status(Run& run, std::string_view text) {
  const auto given = split_arguments(text);
  if (given.size() != 2 || given[1].empty()) return base::fail("needs (account,jid)");
  return jabber_status(run.shared(), given[0], given[1]);
}

// What a worker waits for; the shard brings it.
class Answer {
 public:
  void give(std::optional<std::string> body) {
    const std::lock_guard lock(mutex_);
    body_ = std::move(body);
    there_ = true;
    given_.notify_one();
  }
  // An error when the server stops or the run's time is over before.
  Text wait(const Run& run) {
    constexpr auto glance = 100ms;
    std::unique_lock lock(mutex_);
    while (!given_.wait_for(lock, glance, [this] { return there_; })) {
      if (run.gives_up()) return base::fail("waits no longer: the run is at its end");
    }
    return std::move(body_).value_or("");
  }

 private:
  std::mutex mutex_;
  std::condition_variable given_;
  std::optional<std::string> body_;
  bool there_ = false;
};

base::Result<std::chrono::seconds> read_timeout(std::string_view text) {
  constexpr std::chrono::seconds usual = 20s;
  constexpr int most = 86'400;
  if (text.empty()) return usual;
  const auto seconds = base::parse_number<int>(text);
  if (seconds && *seconds >= 1 && *seconds <= most) return std::chrono::seconds{*seconds};
  return base::fail("timeout '{}' is no number of seconds from 1 to {}", base::printable(text, 40),
                    most);
}

// Waits no longer than the run may: a message that is taken out for a run that ends is lost.
Text read_message(Run& run, std::string_view text) {
  auto given = split_arguments(text);
  if (given.size() < 2 || given.size() > 3 || given[1].empty()) {
    return base::fail("needs (account,jid[,timeout])");
  }
  given.resize(3);
  const auto timeout = read_timeout(base::trim(given[2]));
  if (!timeout) return tl::unexpected(timeout.error());
  const auto jabber = jabber_of(run.shared(), given[0]);
  if (!jabber) return tl::unexpected(jabber.error());
  const auto time = std::min<base::Duration>(*timeout, run.time_left());
  const auto answer = std::make_shared<Answer>();
  const auto asked = (*jabber)->receive(
      given[0], given[1], std::chrono::floor<std::chrono::milliseconds>(time),
      run.environment().shard,
      [answer](std::optional<std::string> body) { answer->give(std::move(body)); });
  if (!asked) return tl::unexpected(asked.error());
  return answer->wait(run);
}

}  // namespace

void add_jabber_functions(FunctionTable& table) {
  table.add({.name = "JABBER_STATUS", .read = read_status});
  table.add({.name = "JABBER_RECEIVE", .read = read_message, .blocks = true});
}

}  // namespace missive::dialplan

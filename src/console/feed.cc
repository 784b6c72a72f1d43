#include "console/feed.h"

#include <spdlog/sinks/base_sink.h>

#include <algorithm>

namespace missive::console {

using base::LogLevels;

// Hears the log on the threads that write it.
class Feed::Sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit Sink(Feed& feed) : feed_(feed) {
    base_sink::set_pattern_("%Y-%m-%d %H:%M:%S.%e %l: %v");
  }

 private:
  void sink_it_(const spdlog::details::log_msg& entry) override {
    spdlog::memory_buf_t line;
    formatter_->format(entry, line);
    feed_.publish({base::log_levels_of(entry.level), std::string(line.data(), line.size())});
  }
  void flush_() override {}

  Feed& feed_;
};

Feed::Feed(net::Shard& shard) : shard_(shard) {
  base::add_log_listener(std::make_shared<Sink>(*this));
}

Feed::~Feed() { base::add_log_listener(nullptr); }

void Feed::add(Follower& follower) {
  followers_.push_back(&follower);
  levels_changed();
}

void Feed::remove(Follower& follower) {
  followers_.erase(std::remove(followers_.begin(), followers_.end(), &follower), followers_.end());
  levels_changed();
}

void Feed::levels_changed() {
  auto levels = LogLevels::none;
  for (const auto* follower : followers_) levels = levels | follower->levels();
  base::set_log_listener_levels(levels);
}

void Feed::publish_packet(std::string text) { publish({LogLevels::none, std::move(text)}); }

void Feed::publish(Entry entry) {
  if (pending_.fetch_add(1, std::memory_order_relaxed) >= most_pending) {
    pending_.fetch_sub(1, std::memory_order_relaxed);
    left_out_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  shard_.post([this, entry = std::move(entry)] {
    pending_.fetch_sub(1, std::memory_order_relaxed);
    if (const auto lost = left_out_.exchange(0, std::memory_order_relaxed); lost > 0) {
      deliver({LogLevels::warning, fmt::format("({} entries were left out here)\n", lost)});
    }
    deliver(entry);
  });
}

void Feed::deliver(const Entry& entry) {
  for (auto* follower : followers_) {
    if (entry.level == LogLevels::none) {
      follower->on_packet(entry.text);
    } else if (base::any_of(follower->levels(), entry.level)) {
      follower->on_log(entry.level, entry.text);
    }
  }
}

}  // namespace missive::console

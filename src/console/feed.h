// What happens, line by line, for the consoles that follow it: the log, and SIP packets.
//
// Any thread publishes; followers are told on the console's thread, which also adds and removes
// them. Whoever publishes never waits: entries that the console's thread does not get round to are
// left out, and how many is said. The process has one Feed at a time.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log_channels.h"
#include "net/shard.h"

namespace missive::console {

class Follower {
 public:
  virtual ~Follower() = default;
  virtual base::LogLevels levels() const = 0;  // of the log
  virtual void on_log(base::LogLevels level, std::string_view line) = 0;
  virtual void on_packet(std::string_view text) = 0;
};

class Feed {
 public:
  static constexpr std::size_t most_pending = 4096;  // entries

  explicit Feed(net::Shard& shard);
  ~Feed();
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  void add(Follower& follower);
  void remove(Follower& follower);
  // What a follower wants of the log has changed.
  void levels_changed();

  void publish_packet(std::string text);

 private:
  class Sink;
  struct Entry {
    base::LogLevels level;  // none: a packet
    std::string text;
  };

  void publish(Entry entry);
  void deliver(const Entry& entry);

  net::Shard& shard_;
  std::vector<Follower*> followers_;
  std::atomic<std::size_t> pending_{0};
  std::atomic<std::size_t> left_out_{0};
};

}  // namespace missive::console

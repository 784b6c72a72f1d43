// One console that is connected to the local socket: takes its frames, answers its commands one by
// one, in order, and shows it what it follows.
//
// On the console's thread. While a command is under way nothing more is read. A console that does
// not read on holds only itself up: entries of the log are left out for it, and it is said.
#pragma once

#include <functional>
#include <memory>

#include "console/feed.h"
#include "console/frames.h"
#include "console/registry.h"
#include "net/stream.h"

namespace missive::console {

class Connection final : public std::enable_shared_from_this<Connection>,
                         private net::StreamHandler,
                         private Terminal,
                         private Follower {
 public:
  static constexpr std::size_t longest_line = 64 << 10;  // octets of a command
  static constexpr std::size_t most_unsent = 1 << 20;    // octets, before entries are left out

  using Closed = std::function<void(Connection& connection)>;

  Connection(const Registry& registry, Feed& feed, std::shared_ptr<net::Stream> stream,
             Closed closed);
  ~Connection() override;

  // `hello`: who is there, as the console shows it.
  void start(std::string_view hello);

 private:
  std::size_t on_data(std::string_view data) override;
  void on_closed(std::string_view reason) override;
  void show_levels(base::LogLevels levels, bool on) override;
  base::LogLevels levels() const override { return levels_; }
  void on_log(base::LogLevels level, std::string_view line) override;
  void on_packet(std::string_view text) override;

  void take(const Frame& frame);
  void run(std::string_view line);
  void answer(const Result& result);
  void complete(std::string_view line);
  void follow();
  void send(std::string_view kind, std::string_view text);
  void send_if_room(std::string_view kind, std::string_view text);

  const Registry& registry_;
  Feed& feed_;
  std::shared_ptr<net::Stream> stream_;
  Closed closed_;
  base::LogLevels levels_ = base::LogLevels::none;
  bool follows_ = false;
  bool busy_ = false;  // with a command
  std::size_t left_out_ = 0;
};

}  // namespace missive::console

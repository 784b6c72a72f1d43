// Accepts TCP connections on one address, or those of a local socket, and deals them out.
//
// The callback gets a connected, non-blocking, close-on-exec descriptor and the peer (of a local
// socket: not an IP address); it owns the descriptor from then on (usually posts it to a shard,
// which adopts it into a Stream). Runs on the shard it was made for. When descriptors run out it
// logs and tries again after a moment instead of spinning.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/address.h"
#include "net/shard.h"

namespace missive::net {

class Listener final : private Watched {
 public:
  using Accepted = std::function<void(int fd, const Address& peer)>;

  // "cannot listen on TCP 127.0.0.1:5038: Address already in use" when it cannot. An
  // unspecified IPv6 address takes IPv4 connections too, unless `v6_only`.
  static base::Result<std::unique_ptr<Listener>> open(Shard& shard, const Address& bind,
                                                      Accepted accepted, bool v6_only = false);
  // Listens on `fd` (local_socket.h), which is its own from now on; `name` is for the log.
  static std::unique_ptr<Listener> adopt(Shard& shard, int fd, std::string name, Accepted accepted);
  ~Listener();

  const Address& local() const { return local_; }  // with the port the kernel chose for port 0

 private:
  Listener(Shard& shard, int fd, std::string name, Accepted accepted);
  void on_ready(std::uint32_t events) override;
  void back_off(int error);

  Shard& shard_;
  int fd_;
  Address local_;
  std::string name_;
  Accepted accepted_;
  CallbackTimer retry_;
  bool short_of_descriptors_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace missive::net

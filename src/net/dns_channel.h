// c-ares on a shard: its sockets wait in the shard's poller, its time-outs in the timer wheel.
//
// Part of the Resolver. Callbacks come from within c-ares, which must not be called or destroyed
// then: what they bring is to be kept, and is worked on in `returned`, or when query() or
// addresses() has returned. Destroying the channel drops the callbacks.
// Source: ares_init_options(3), ares_query(3), ares_getaddrinfo(3), ares_process_fd(3).
#pragma once

#include <ares.h>

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/unique_function.h"
#include "net/dns_options.h"
#include "net/dns_records.h"
#include "net/shard.h"

namespace missive::net {

class DnsChannel {
 public:
  // What ares_query() and ares_getaddrinfo() give; `message` may be empty.
  using Answered = base::UniqueFunction<void(int status, Octets message)>;
  using Found = base::UniqueFunction<void(int status, const ares_addrinfo* info)>;

  // `returned` may destroy the channel.
  DnsChannel(Shard& shard, const ResolverOptions& options, std::function<void()> returned);
  ~DnsChannel();
  DnsChannel(const DnsChannel&) = delete;
  DnsChannel& operator=(const DnsChannel&) = delete;

  // Whether anything can be asked; if not, the log says why.
  bool works() const { return channel_ != nullptr; }

  // `type`: ns_t_srv and so on. The name as it is, without search domains.
  void query(const std::string& name, int type, Answered answered);
  // A and AAAA. Search domains hold for a name without a last dot, as resolv.conf(5) has it.
  void addresses(const std::string& name, Found found);

 private:
  struct Socket final : Watched {
    Socket(DnsChannel& owner, int descriptor) : channel(owner), fd(descriptor) {}
    void on_ready(std::uint32_t events) override { channel.process(fd, events); }
    DnsChannel& channel;
    int fd;
  };
  template <class Callback>
  struct Asked {
    DnsChannel& channel;
    Callback callback;
  };

  int open(const ResolverOptions& options);
  int set_servers(const ResolverOptions& options);
  void watch(int fd, bool readable, bool writable);
  void process(int fd, std::uint32_t events);
  void set_timer();

  Shard& shard_;
  std::function<void()> returned_;
  ares_channel channel_ = nullptr;
  bool closing_ = false;
  CallbackTimer timer_;
  std::unordered_map<int, std::unique_ptr<Socket>> sockets_;
};

}  // namespace missive::net

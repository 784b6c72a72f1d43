#include "net/dns_channel.h"

#include <arpa/nameser.h>
#include <sys/time.h>

#include <array>
#include <mutex>

#include "base/log.h"

namespace missive::net {
namespace {

void start_library() {
  static std::once_flag once;
  std::call_once(once, [] { ares_library_init(ARES_LIB_INIT_ALL); });
}

void append(std::string& list, const std::string& server) {
  list += (list.empty() ? "" : ",") + server;
}

}  // namespace

DnsChannel::DnsChannel(Shard& shard, const ResolverOptions& options, std::function<void()> returned)
    : shard_(shard),
      returned_(std::move(returned)),
      timer_([this] { process(ARES_SOCKET_BAD, 0); }) {
  start_library();
  if (const int status = open(options); status != ARES_SUCCESS) {
    log::error("host names cannot be resolved: {}", ares_strerror(status));
    if (channel_ != nullptr) ares_destroy(channel_);
    channel_ = nullptr;
  }
}

int DnsChannel::open(const ResolverOptions& options) {
  std::string only_dns = "b";  // the hosts file is the Resolver's
  std::string resolv_conf = options.resolv_conf;
  ares_options wanted{};
  wanted.timeout = static_cast<int>(options.timeout.count());
  wanted.tries = static_cast<int>(options.tries);
  wanted.lookups = only_dns.data();
  wanted.resolvconf_path = resolv_conf.data();
  wanted.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
    static_cast<DnsChannel*>(self)->watch(fd, readable != 0, writable != 0);
  };
  wanted.sock_state_cb_data = this;
  // ARES_OPT_NOROTATE: in order, also where resolv.conf has "options rotate".
  int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS |
             ARES_OPT_NOROTATE;
  if (!resolv_conf.empty()) mask |= ARES_OPT_RESOLVCONF;
  if (const int status = ares_init_options(&channel_, &wanted, mask); status != ARES_SUCCESS) {
    channel_ = nullptr;
    return status;
  }
  return options.servers.empty() ? ARES_SUCCESS : set_servers(options);
}

int DnsChannel::set_servers(const ResolverOptions& options) {
  std::string list;
  for (const auto& server : options.servers) append(list, server.str());
  if (options.resolv_conf_too) {
    ares_addr_port_node* known = nullptr;
    if (const int status = ares_get_servers_ports(channel_, &known); status != ARES_SUCCESS) {
      return status;
    }
    for (const auto* node = known; node != nullptr; node = node->next) {
      std::array<char, INET6_ADDRSTRLEN> text{};
      ares_inet_ntop(node->family, &node->addr, text.data(), text.size());
      if (const auto address = Address::from_ip(
              text.data(), static_cast<std::uint16_t>(node->udp_port == 0 ? 53 : node->udp_port))) {
        append(list, address->str());
      }
    }
    ares_free_data(known);
  }
  return ares_set_servers_ports_csv(channel_, list.c_str());
}

DnsChannel::~DnsChannel() {
  closing_ = true;
  if (channel_ != nullptr) ares_destroy(channel_);
}

void DnsChannel::query(const std::string& name, int type, Answered answered) {
  auto asked = std::make_unique<Asked<Answered>>(Asked<Answered>{*this, std::move(answered)});
  ares_query(
      channel_, name.c_str(), ns_c_in, type,
      [](void* argument, int status, int, unsigned char* message, int size) {
        const std::unique_ptr<Asked<Answered>> done(static_cast<Asked<Answered>*>(argument));
        if (done->channel.closing_) return;
        const bool some = message != nullptr && size > 0;
        done->callback(status, some ? Octets(message, static_cast<std::size_t>(size)) : Octets());
      },
      asked.release());
  set_timer();
}

void DnsChannel::addresses(const std::string& name, Found found) {
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = ARES_AI_NOSORT;
  auto asked = std::make_unique<Asked<Found>>(Asked<Found>{*this, std::move(found)});
  ares_getaddrinfo(
      channel_, name.c_str(), nullptr, &hints,
      [](void* argument, int status, int, ares_addrinfo* info) {
        const std::unique_ptr<Asked<Found>> done(static_cast<Asked<Found>*>(argument));
        if (!done->channel.closing_) done->callback(status, info);
        if (info != nullptr) ares_freeaddrinfo(info);
      },
      asked.release());
  set_timer();
}

void DnsChannel::watch(int fd, bool readable, bool writable) {
  if (!readable && !writable) {
    sockets_.erase(fd);
    return;
  }
  auto& socket = sockets_[fd];
  if (!socket) socket = std::make_unique<Socket>(*this, fd);
  shard_.poller().watch(
      *socket, fd,
      (readable ? std::uint32_t{EPOLLIN} : 0u) | (writable ? std::uint32_t{EPOLLOUT} : 0u));
}

void DnsChannel::process(int fd, std::uint32_t events) {
  const bool failed = (events & (EPOLLERR | EPOLLHUP)) != 0;
  ares_process_fd(channel_, failed || (events & EPOLLIN) != 0 ? fd : ARES_SOCKET_BAD,
                  (events & EPOLLOUT) != 0 ? fd : ARES_SOCKET_BAD);
  set_timer();
  const auto returned = returned_;  // may destroy this
  returned();
}

void DnsChannel::set_timer() {
  timeval left{};
  if (ares_timeout(channel_, nullptr, &left) != nullptr) {
    shard_.arm(timer_, std::chrono::seconds{left.tv_sec} + std::chrono::microseconds{left.tv_usec});
  } else {
    timer_.cancel();
  }
}

}  // namespace missive::net

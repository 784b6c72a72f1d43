#include "net/resolver.h"

#include <ares.h>
#include <sys/time.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace missive::net {
namespace {

using Answer = base::Result<Resolver::Addresses>;

constexpr std::size_t most_cached = 4096;
constexpr std::size_t most_pending = 4096;
constexpr base::Duration failure_ttl = std::chrono::seconds{5};
// A zero TTL (and /etc/hosts has none) still serves the requests of the same moment.
constexpr int shortest_ttl = 1;
constexpr int longest_ttl = 24 * 3600;
constexpr int first_timeout_ms = 2000;
constexpr int tries = 2;

// RFC 1123 section 2.1, and the underscore that people use all the same.
bool is_host_name(std::string_view name) {
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  if (name.empty() || name.size() > 253) return false;
  while (true) {
    const auto label = name.substr(0, name.find('.'));
    const auto legal = [](char c) {
      return base::is_alpha(c) || base::is_digit(c) || c == '-' || c == '_';
    };
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-' ||
        !std::all_of(label.begin(), label.end(), legal)) {
      return false;
    }
    if (label.size() == name.size()) return true;
    name.remove_prefix(label.size() + 1);
  }
}

void start_library() {
  static std::once_flag once;
  std::call_once(once, [] { ares_library_init(ARES_LIB_INIT_ALL); });
}

// IPv4 first, each address once.
Resolver::Addresses addresses_of(const ares_addrinfo& info) {
  Resolver::Addresses out;
  for (const int family : {AF_INET, AF_INET6}) {
    for (const auto* node = info.nodes; node != nullptr; node = node->ai_next) {
      if (node->ai_family != family) continue;
      const auto address = Address(node->ai_addr).with_port(0);
      if (std::find(out.begin(), out.end(), address) == out.end()) out.push_back(address);
    }
  }
  return out;
}

base::Duration ttl_of(const ares_addrinfo& info) {
  int ttl = longest_ttl;
  for (const auto* node = info.nodes; node != nullptr; node = node->ai_next) {
    ttl = std::min(ttl, node->ai_ttl);
  }
  for (const auto* name = info.cnames; name != nullptr; name = name->next) {
    ttl = std::min(ttl, name->ttl);
  }
  return std::chrono::seconds{std::max(ttl, shortest_ttl)};
}

}  // namespace

class Resolver::Impl {
 public:
  Impl(Shard& shard, const std::string& servers);
  ~Impl();

  void resolve(std::string_view host, Callback callback);

 private:
  // A descriptor of c-ares.
  struct Socket final : Watched {
    Socket(Impl& owner, int descriptor) : impl(owner), fd(descriptor) {}
    void on_ready(std::uint32_t events) override { impl.process(fd, events); }
    Impl& impl;
    int fd;
  };
  struct Query {
    Impl& impl;
    std::string name;
  };
  struct Cached {
    std::shared_ptr<const Answer> answer;
    base::TimePoint until;
  };
  struct Finished {
    std::shared_ptr<const Answer> answer;
    std::vector<Callback> callbacks;
  };

  void ask(const std::string& name);
  void finish(const std::string& name, int status, const ares_addrinfo* info);
  void remember(const std::string& name, const std::shared_ptr<const Answer>& answer,
                base::Duration ttl);
  void watch(int fd, bool readable, bool writable);
  void process(int fd, std::uint32_t events);
  void settle();

  Shard& shard_;
  ares_channel channel_ = nullptr;
  CallbackTimer timer_;
  std::unordered_map<int, std::unique_ptr<Socket>> sockets_;
  std::unordered_map<std::string, Cached> cache_;
  std::unordered_map<std::string, std::vector<Callback>> pending_;
  std::vector<Finished> finished_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

Resolver::Impl::Impl(Shard& shard, const std::string& servers)
    : shard_(shard), timer_([this] { process(ARES_SOCKET_BAD, 0); }) {
  start_library();
  ares_options options{};
  options.timeout = first_timeout_ms;
  options.tries = tries;
  options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
    static_cast<Impl*>(self)->watch(fd, readable != 0, writable != 0);
  };
  options.sock_state_cb_data = this;
  int status = ares_init_options(&channel_, &options,
                                 ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
  if (status != ARES_SUCCESS) channel_ = nullptr;
  if (status == ARES_SUCCESS && !servers.empty()) {
    status = ares_set_servers_ports_csv(channel_, servers.c_str());
  }
  if (status != ARES_SUCCESS) {
    log::error("host names cannot be resolved: {}", ares_strerror(status));
  }
}

Resolver::Impl::~Impl() {
  *alive_ = false;
  if (channel_ != nullptr) ares_destroy(channel_);
}

void Resolver::Impl::resolve(std::string_view host, Callback callback) {
  if (!is_host_name(host)) {
    return callback(base::fail(
        "'{}' is not a legal host name; letters, digits, hyphens and dots would be right",
        base::printable(host)));
  }
  const auto name = base::lower(host);
  if (const auto cached = cache_.find(name); cached != cache_.end()) {
    if (shard_.now() < cached->second.until) {
      const auto answer = cached->second.answer;  // the callback may change the cache
      return callback(*answer);
    }
    cache_.erase(cached);
  }
  if (const auto asked = pending_.find(name); asked != pending_.end()) {
    asked->second.push_back(std::move(callback));
    return;
  }
  if (channel_ == nullptr || pending_.size() >= most_pending) {
    return callback(base::fail("host '{}' not found: {}", host,
                               channel_ == nullptr ? "there is no working resolver"
                                                   : "too many names are being asked for"));
  }
  pending_[name].push_back(std::move(callback));
  ask(name);
  settle();
}

void Resolver::Impl::ask(const std::string& name) {
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = ARES_AI_NOSORT;
  auto query = std::make_unique<Query>(Query{*this, name});
  ares_getaddrinfo(
      channel_, name.c_str(), nullptr, &hints,
      [](void* argument, int status, int, ares_addrinfo* info) {
        const std::unique_ptr<Query> done(static_cast<Query*>(argument));
        if (*done->impl.alive_) done->impl.finish(done->name, status, info);
        if (info != nullptr) ares_freeaddrinfo(info);
      },
      query.release());
}

// Called from within c-ares, which must not be destroyed then: callbacks wait for settle().
void Resolver::Impl::finish(const std::string& name, int status, const ares_addrinfo* info) {
  Answer answer = base::fail("host '{}' not found: {}", name,
                             ares_strerror(status == ARES_SUCCESS ? ARES_ENODATA : status));
  auto ttl = failure_ttl;
  if (status == ARES_SUCCESS && info != nullptr) {
    if (auto addresses = addresses_of(*info); !addresses.empty()) {
      answer = std::move(addresses);
      ttl = ttl_of(*info);
    }
  }
  auto shared = std::make_shared<const Answer>(std::move(answer));
  remember(name, shared, ttl);
  if (auto node = pending_.extract(name)) {
    finished_.push_back(Finished{std::move(shared), std::move(node.mapped())});
  }
}

void Resolver::Impl::remember(const std::string& name, const std::shared_ptr<const Answer>& answer,
                              base::Duration ttl) {
  const auto now = shard_.now();
  if (cache_.size() >= most_cached) {
    std::erase_if(cache_, [now](const auto& entry) { return entry.second.until <= now; });
    if (cache_.size() >= most_cached) cache_.erase(cache_.begin());
  }
  cache_.insert_or_assign(name, Cached{answer, now + ttl});
}

void Resolver::Impl::watch(int fd, bool readable, bool writable) {
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

void Resolver::Impl::process(int fd, std::uint32_t events) {
  const bool failed = (events & (EPOLLERR | EPOLLHUP)) != 0;
  ares_process_fd(channel_, failed || (events & EPOLLIN) != 0 ? fd : ARES_SOCKET_BAD,
                  (events & EPOLLOUT) != 0 ? fd : ARES_SOCKET_BAD);
  settle();
}

// Sets the timer for what is still open and answers what is not.
void Resolver::Impl::settle() {
  timeval left{};
  if (ares_timeout(channel_, nullptr, &left) != nullptr) {
    shard_.arm(timer_, std::chrono::seconds{left.tv_sec} + std::chrono::microseconds{left.tv_usec});
  } else {
    timer_.cancel();
  }
  const auto alive = alive_;
  for (auto& done : std::exchange(finished_, {})) {
    for (auto& callback : done.callbacks) {
      callback(*done.answer);
      if (!*alive) return;
    }
  }
}

Resolver::Resolver(Shard& shard, const std::string& servers)
    : impl_(std::make_unique<Impl>(shard, servers)) {}
Resolver::~Resolver() = default;

void Resolver::resolve(std::string_view host, Callback callback) {
  impl_->resolve(host, std::move(callback));
}

}  // namespace missive::net

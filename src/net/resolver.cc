#include "net/resolver.h"

#include <arpa/nameser.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>
#include <variant>

#include "base/text.h"
#include "net/dns_cache.h"
#include "net/dns_channel.h"
#include "net/hosts_file.h"

namespace missive::net {
namespace {

using std::chrono::seconds;

template <class T>
using Found = base::Result<std::vector<T>>;
template <class T>
using Tell = base::UniqueFunction<void(const Found<T>&)>;
// To one kind of question or the other.
using Answer = std::variant<Found<Address>, Found<SrvRecord>, Found<NaptrRecord>>;

constexpr std::size_t most_pending = 4096;
constexpr seconds failure_ttl{5};
// A TTL of zero still serves the requests of the same moment.
constexpr seconds shortest_ttl{1};
constexpr seconds longest_negative_ttl{3 * 3600};  // RFC 2308 section 5

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

tl::unexpected<base::Error> illegal(std::string_view name) {
  return base::fail(
      "'{}' is not a legal host name; letters, digits, hyphens and dots would be right",
      base::printable(name));
}

// IPv4 first, each address once.
std::vector<Address> addresses_of(const ares_addrinfo& info) {
  std::vector<Address> out;
  for (const int family : {AF_INET, AF_INET6}) {
    for (const auto* node = info.nodes; node != nullptr; node = node->ai_next) {
      if (node->ai_family != family) continue;
      const auto address = Address(node->ai_addr).with_port(0);
      if (std::find(out.begin(), out.end(), address) == out.end()) out.push_back(address);
    }
  }
  return out;
}

seconds ttl_of(const ares_addrinfo& info) {
  int ttl = 0x7FFFFFFF;
  for (const auto* node = info.nodes; node != nullptr; node = node->ai_next) {
    ttl = std::min(ttl, node->ai_ttl);
  }
  for (const auto* name = info.cnames; name != nullptr; name = name->next) {
    ttl = std::min(ttl, name->ttl);
  }
  return seconds{ttl};
}

// What errors begin with where nobody has answered.
constexpr std::string_view no_answer = "no answer to ";

// A name server has said so, and not merely failed to answer.
bool says_none(int status) { return status == ARES_ENOTFOUND || status == ARES_ENODATA; }

}  // namespace

class Resolver::Impl {
 public:
  Impl(Shard& shard, const ResolverOptions& options);
  ~Impl() { *alive_ = false; }

  void resolve(std::string_view host, Callback callback);
  template <class T>
  void ask(int type, std::string_view name, Tell<T> callback);
  bool is_local(std::string_view host) { return !hosts_.find(host, shard_.now()).empty(); }
  void use(const ResolverOptions& options);

 private:
  using Told = base::UniqueFunction<void(const Answer&)>;
  struct Pending {
    int type;
    std::string name;
    std::vector<Told> told;
  };
  struct Finished {
    std::shared_ptr<const Answer> answer;
    std::vector<Told> told;
  };

  void start(const std::string& question, const Pending& pending);
  void finish_addresses(const std::string& question, const std::string& name, int status,
                        const ares_addrinfo* info);
  template <class T, class Read>
  void finish_records(const std::string& question, const std::string& name, int status,
                      Octets message, Read read);
  void finish(const std::string& question, Answer answer, seconds ttl);
  void deliver();

  Shard& shard_;
  ResolverOptions options_;
  HostsFile hosts_;
  std::unique_ptr<DnsChannel> channel_;
  DnsCache<Answer> cache_;
  std::unordered_map<std::string, Pending> pending_;  // by question
  std::vector<Finished> finished_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

Resolver::Impl::Impl(Shard& shard, const ResolverOptions& options)
    : shard_(shard),
      options_(options),
      hosts_(options.hosts_file),
      channel_(std::make_unique<DnsChannel>(shard, options, [this] { deliver(); })),
      cache_(options.max_cached) {}

void Resolver::Impl::resolve(std::string_view host, Callback callback) {
  if (const auto known = hosts_.find(host, shard_.now()); !known.empty()) {
    return callback(base::Result<Addresses>(known));
  }
  ask<Address>(ns_t_a, host, std::move(callback));
}

template <class T>
void Resolver::Impl::ask(int type, std::string_view name, Tell<T> callback) {
  if (!is_host_name(name)) return callback(Found<T>(illegal(name)));
  auto lower = base::lower(name);
  const auto question = fmt::format("{} {}", type, lower);
  if (const auto known = cache_.find(question, shard_.now())) {
    return callback(std::get<Found<T>>(*known));
  }
  auto told = [callback = std::move(callback)](const Answer& answer) mutable {
    callback(std::get<Found<T>>(answer));
  };
  if (const auto asked = pending_.find(question); asked != pending_.end()) {
    asked->second.told.push_back(std::move(told));
    return;
  }
  if (pending_.size() >= most_pending) {
    return told(
        Answer(Found<T>(base::fail("'{}' not found: too many names are being asked for", name))));
  }
  Pending pending{type, std::move(lower), {}};
  pending.told.push_back(std::move(told));
  start(question, pending_.emplace(question, std::move(pending)).first->second);
  deliver();
}

void Resolver::Impl::start(const std::string& question, const Pending& pending) {
  // Copies: the entry goes when the answer comes, perhaps at once.
  const auto name = pending.name;
  const int type = pending.type;
  if (type == ns_t_a) {
    if (!channel_->works()) {
      return finish_addresses(question, name, ARES_ECONNREFUSED, nullptr);
    }
    channel_->addresses(name, [this, question, name](int status, const ares_addrinfo* info) {
      finish_addresses(question, name, status, info);
    });
    return;
  }
  auto answered = [this, question, name, type](int status, Octets message) {
    if (type == ns_t_srv) {
      finish_records<SrvRecord>(question, name, status, message, read_srv_answer);
    } else {
      finish_records<NaptrRecord>(question, name, status, message, read_naptr_answer);
    }
  };
  if (!channel_->works()) return answered(ARES_ECONNREFUSED, {});
  channel_->query(name, type, std::move(answered));
}

void Resolver::Impl::finish_addresses(const std::string& question, const std::string& name,
                                      int status, const ares_addrinfo* info) {
  if (status == ARES_SUCCESS && info != nullptr) {
    if (auto addresses = addresses_of(*info); !addresses.empty()) {
      return finish(question, Found<Address>(std::move(addresses)), ttl_of(*info));
    }
  }
  if (status == ARES_SUCCESS) status = ARES_ENODATA;
  const auto* const why = ares_strerror(status);
  if (says_none(status)) {
    return finish(question, Found<Address>(base::fail("host '{}' not found: {}", name, why)),
                  options_.negative_ttl);
  }
  finish(question, Found<Address>(base::fail("{}A/AAAA {}: {}", no_answer, name, why)),
         failure_ttl);
}

template <class T, class Read>
void Resolver::Impl::finish_records(const std::string& question, const std::string& name,
                                    int status, Octets message, Read read) {
  Found<T> found;
  std::optional<seconds> ttl;
  std::string failure;
  if (status != ARES_SUCCESS && !says_none(status)) {
    failure = ares_strerror(status);
  } else if (!message.empty()) {
    if (auto answer = read(message, name)) {
      found = std::move(answer->records);
      ttl = answer->ttl;
    } else {
      failure = std::move(answer.error().text);
    }
  }
  if (!failure.empty()) {
    found = base::fail("{}{} {}: {}", no_answer, std::is_same_v<T, SrvRecord> ? "SRV" : "NAPTR",
                       name, failure);
    ttl = failure_ttl;
  } else if (found->empty()) {
    ttl = std::min(ttl.value_or(options_.negative_ttl), longest_negative_ttl);
  }
  finish(question, std::move(found), *ttl);
}

// Called from within c-ares, which must not be called then: callbacks wait for deliver().
void Resolver::Impl::finish(const std::string& question, Answer answer, seconds ttl) {
  auto shared = std::make_shared<const Answer>(std::move(answer));
  const auto holds = std::max(shortest_ttl, std::min(ttl, options_.max_ttl));
  cache_.put(question, shared, shard_.now(), holds);
  if (auto node = pending_.extract(question)) {
    finished_.push_back(Finished{std::move(shared), std::move(node.mapped().told)});
  }
}

void Resolver::Impl::deliver() {
  const auto alive = alive_;
  for (auto& done : std::exchange(finished_, {})) {
    for (auto& tell : done.told) {
      tell(*done.answer);
      if (!*alive) return;
    }
  }
}

void Resolver::Impl::use(const ResolverOptions& options) {
  options_ = options;
  hosts_ = HostsFile(options.hosts_file);
  cache_ = DnsCache<Answer>(options.max_cached);
  channel_.reset();
  channel_ = std::make_unique<DnsChannel>(shard_, options, [this] { deliver(); });
  std::vector<std::string> questions;
  for (const auto& [question, pending] : pending_) questions.push_back(question);
  for (const auto& question : questions) start(question, pending_.at(question));
  deliver();
}

Resolver::Resolver(Shard& shard, const ResolverOptions& options)
    : impl_(std::make_unique<Impl>(shard, options)) {}
Resolver::~Resolver() = default;

bool Resolver::is_no_answer(std::string_view error) { return error.find(no_answer) != error.npos; }

void Resolver::resolve(std::string_view host, Callback callback) {
  impl_->resolve(host, std::move(callback));
}

void Resolver::srv(std::string_view name, SrvCallback callback) {
  impl_->ask<SrvRecord>(ns_t_srv, name, std::move(callback));
}

void Resolver::naptr(std::string_view name, NaptrCallback callback) {
  impl_->ask<NaptrRecord>(ns_t_naptr, name, std::move(callback));
}

bool Resolver::is_local(std::string_view host) { return impl_->is_local(host); }

void Resolver::use(const ResolverOptions& options) { impl_->use(options); }

}  // namespace missive::net

#include "sip/server_locator.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "base/text.h"
#include "sip/srv_order.h"

namespace missive::sip {
namespace {

using Question = ServerLocator::Question;
using Targets = ServerLocator::Targets;
using SrvRecords = net::Resolver::SrvRecords;
using NaptrRecords = net::Resolver::NaptrRecords;

constexpr std::size_t most_hosts = 16;
constexpr std::size_t most_targets = 32;
constexpr std::size_t longest_name = 255;  // RFC 1035 section 2.3.4

std::string_view srv_prefix(Protocol protocol) {
  switch (protocol) {
    case Protocol::udp:
      return "_sip._udp.";
    case Protocol::tcp:
      return "_sip._tcp.";
    default:
      return "_sips._tcp.";
  }
}

bool is_web_socket(Protocol protocol) {
  return protocol == Protocol::ws || protocol == Protocol::wss;
}

// What the service field of a NAPTR record stands for (RFC 3263 section 4.1). SCTP and the
// WebSocket services (RFC 7118) are nothing that can be sent by.
std::optional<Protocol> protocol_of_service(std::string_view service) {
  if (base::iequals(service, "SIP+D2U")) return Protocol::udp;
  if (base::iequals(service, "SIP+D2T")) return Protocol::tcp;
  if (base::iequals(service, "SIPS+D2T")) return Protocol::tls;
  return std::nullopt;
}

base::Result<std::vector<Protocol>> fixed_protocol(const Question& question) {
  auto protocol = *question.protocol;
  if (is_web_socket(protocol)) {
    return base::fail("a WebSocket is opened by the phone, never towards it");
  }
  if (question.sips && protocol == Protocol::udp) {
    return base::fail("sips: needs TLS, which transport=udp rules out");
  }
  if (question.sips) protocol = Protocol::tls;
  if (!question.available.has(protocol)) {
    return base::fail("there is no {} transport", via_name_of(protocol));
  }
  return std::vector{protocol};
}

// What may be used, best first.
base::Result<std::vector<Protocol>> candidates(const Question& question) {
  if (question.protocol) return fixed_protocol(question);
  std::vector<Protocol> out;
  const auto consider = [&](Protocol protocol) {
    if (!question.available.has(protocol) || is_web_socket(protocol)) return;
    if (question.sips && protocol != Protocol::tls) return;
    if (std::find(out.begin(), out.end(), protocol) == out.end()) out.push_back(protocol);
  };
  consider(question.preferred);
  for (const auto protocol : all_protocols) consider(protocol);
  if (!out.empty()) return out;
  if (question.sips) return base::fail("sips: needs TLS, and there is no TLS transport");
  return base::fail("there is no transport to send by");
}

std::string_view without_last_dot(std::string_view name) {
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  return name;
}

std::string show(const net::SrvRecord& record) {
  return fmt::format("{} {} {} {}", record.priority, record.weight, record.port, record.target);
}

std::string show(const net::NaptrRecord& record) {
  return fmt::format("{} {} {} {} {}", record.order, record.preference,
                     base::printable(record.flags), base::printable(record.service),
                     record.replacement);
}

std::string show(const net::Address& address) { return address.ip(); }

// "example.org: 10 60 5060 a.example.org, ...", "example.org: none" or why there is no answer.
template <class T>
std::string show(std::string_view asked, const base::Result<std::vector<T>>& found) {
  const auto name = base::printable(asked, longest_name);
  if (!found) return fmt::format("{}: {}", name, found.error().text);
  std::string list;
  for (const auto& each : *found) list += (list.empty() ? "" : ", ") + show(each);
  return fmt::format("{}: {}", name, list.empty() ? "none" : list);
}

}  // namespace

// One question on its way. Held by the locator; the resolver's callbacks only know it weakly.
class ServerLocator::Search : public std::enable_shared_from_this<Search> {
 public:
  Search(ServerLocator& locator, Question question, Callback callback, LocatorTrace* trace)
      : locator_(locator),
        question_(std::move(question)),
        callback_(std::move(callback)),
        trace_(trace),
        domain_(base::lower(without_last_dot(question_.host))) {}

  void start();
  // No callback any more.
  void drop() { dropped_ = true; }

 private:
  struct Service {  // an SRV question
    Protocol protocol;
    std::string name;
    base::Result<SrvRecords> found;
  };
  struct Host {  // a question for addresses
    Protocol protocol;
    std::uint16_t port;
    std::string name;
    base::Result<net::Resolver::Addresses> found;
  };

  bool is_domain() const;
  void ask_naptr();
  void on_naptr(const base::Result<NaptrRecords>& found);
  void ask_srv();
  void on_srv();
  void take_srv_records();
  std::optional<base::Error> why_no_addresses() const;
  void ask_own_addresses(Protocol protocol);
  void ask_addresses();
  void on_addresses();
  base::Error no_addresses() const;
  void add_service(Protocol protocol, std::string name);
  void show_step(std::string_view what, const std::string& found) {
    if (trace_ != nullptr) trace_->step(what, found);
  }
  void fail(std::string_view why);
  void finish(const base::Result<Targets>& result);

  // Calls `then` with the search and what came, unless the search is gone by then.
  template <class T, class Then>
  base::UniqueFunction<void(const base::Result<std::vector<T>>&)> answered(Then then) {
    return [self = weak_from_this(), then](const base::Result<std::vector<T>>& found) {
      if (const auto search = self.lock(); search && !search->dropped_) then(*search, found);
    };
  }

  ServerLocator& locator_;
  const Question question_;
  Callback callback_;
  LocatorTrace* trace_;
  std::string domain_;
  std::vector<Protocol> protocols_;
  std::vector<Service> services_;
  std::vector<Host> hosts_;
  std::size_t awaited_ = 0;
  bool dropped_ = false;  // the locator is gone, or is to hear no more of this
};

void ServerLocator::Search::start() {
  auto usable = candidates(question_);
  if (!usable) return fail(usable.error().text);
  protocols_ = std::move(*usable);
  const auto protocol = protocols_.front();
  const auto port = question_.port.value_or(default_port_of(protocol));
  if (const auto address = net::Address::from_ip(question_.host, port)) {
    return finish(Targets{Target{protocol, *address}});
  }
  if (question_.port || !is_domain()) return ask_own_addresses(protocol);
  if (!question_.protocol) return ask_naptr();
  add_service(protocol, std::string(srv_prefix(protocol)) + domain_);
  ask_srv();
}

bool ServerLocator::Search::is_domain() const {
  return domain_.find('.') != domain_.npos && !locator_.resolver_.is_local(domain_);
}

// RFC 3263 section 4.1.
void ServerLocator::Search::ask_naptr() {
  locator_.resolver_.naptr(domain_,
                           answered<net::NaptrRecord>(
                               [](Search& search, const auto& found) { search.on_naptr(found); }));
}

void ServerLocator::Search::on_naptr(const base::Result<NaptrRecords>& found) {
  show_step("NAPTR", show(domain_, found));
  auto records = found.value_or(NaptrRecords{});
  std::stable_sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
    return std::pair(a.order, a.preference) < std::pair(b.order, b.preference);
  });
  for (const auto& record : records) {
    const auto protocol = protocol_of_service(record.service);
    if (!protocol || !base::iequals(record.flags, "s") || record.replacement == ".") continue;
    if (std::find(protocols_.begin(), protocols_.end(), *protocol) == protocols_.end()) continue;
    add_service(*protocol, record.replacement);
  }
  if (services_.empty()) {
    for (const auto protocol : protocols_) {
      add_service(protocol, std::string(srv_prefix(protocol)) + domain_);
    }
  }
  ask_srv();
}

void ServerLocator::Search::add_service(Protocol protocol, std::string name) {
  if (services_.size() < most_hosts) {
    services_.push_back(Service{protocol, std::move(name), SrvRecords{}});
  }
}

void ServerLocator::Search::ask_srv() {
  awaited_ = services_.size();
  // An answer may come at once, and may end the search or the locator.
  for (std::size_t i = 0, count = services_.size(); i < count && !dropped_; ++i) {
    const auto take = [i](Search& search, const auto& found) {
      search.services_[i].found = found;
      if (--search.awaited_ == 0) search.on_srv();
    };
    locator_.resolver_.srv(services_[i].name, answered<net::SrvRecord>(take));
  }
}

void ServerLocator::Search::on_srv() {
  for (const auto& service : services_) show_step("SRV", show(service.name, service.found));
  take_srv_records();
  if (!hosts_.empty()) return ask_addresses();
  if (const auto why = why_no_addresses()) return fail(why->text);
  ask_own_addresses(services_.front().protocol);
}

void ServerLocator::Search::take_srv_records() {
  const auto below = [this](std::uint64_t bound) { return locator_.random_.below(bound); };
  for (const auto& service : services_) {
    auto records = service.found.value_or(SrvRecords{});
    order_srv(records, below);
    for (auto& record : records) {
      if (record.target == "." || record.port == 0 || hosts_.size() == most_hosts) continue;
      // With its last dot: search domains are not for SRV targets.
      hosts_.push_back(Host{service.protocol, record.port, std::move(record.target) + '.',
                            tl::unexpected(base::Error{})});
    }
  }
}

// Nothing came of SRV; unless there are no such records at all, that is final.
std::optional<base::Error> ServerLocator::Search::why_no_addresses() const {
  for (const auto& service : services_) {
    if (!service.found) return service.found.error();
    if (!service.found->empty()) {
      return base::Error{fmt::format("SRV {} points to no host", service.name)};
    }
  }
  return std::nullopt;
}

void ServerLocator::Search::ask_own_addresses(Protocol protocol) {
  hosts_.push_back(Host{protocol, question_.port.value_or(default_port_of(protocol)),
                        question_.host, tl::unexpected(base::Error{})});
  ask_addresses();
}

// RFC 3263 section 4.2.
void ServerLocator::Search::ask_addresses() {
  awaited_ = hosts_.size();
  for (std::size_t i = 0, count = hosts_.size(); i < count && !dropped_; ++i) {
    const auto take = [i](Search& search, const auto& found) {
      search.hosts_[i].found = found;
      if (--search.awaited_ == 0) search.on_addresses();
    };
    locator_.resolver_.resolve(hosts_[i].name, answered<net::Address>(take));
  }
}

void ServerLocator::Search::on_addresses() {
  Targets targets;
  std::vector<std::string_view> shown;
  for (const auto& host : hosts_) {
    if (std::find(shown.begin(), shown.end(), host.name) == shown.end()) {
      show_step("A/AAAA", show(without_last_dot(host.name), host.found));
      shown.push_back(host.name);
    }
    if (!host.found) continue;
    for (const auto& address : *host.found) {
      const Target target{host.protocol, address.with_port(host.port)};
      if (targets.size() < most_targets &&
          std::find(targets.begin(), targets.end(), target) == targets.end()) {
        targets.push_back(target);
      }
    }
  }
  if (targets.empty()) return fail(no_addresses().text);
  finish(std::move(targets));
}

base::Error ServerLocator::Search::no_addresses() const {
  const auto& first = hosts_.front().found.error();
  if (hosts_.size() == 1) return first;
  return base::Error{
      fmt::format("none of the {} hosts that SRV names is found; {}", hosts_.size(), first.text)};
}

void ServerLocator::Search::fail(std::string_view why) {
  finish(base::fail("no server for {}:{}: {}", question_.sips ? "sips" : "sip",
                    base::printable(question_.host), why));
}

// The callback may destroy the locator.
void ServerLocator::Search::finish(const base::Result<Targets>& result) {
  const auto self = shared_from_this();
  auto& searches = locator_.searches_;
  searches.erase(std::find(searches.begin(), searches.end(), self));
  dropped_ = true;
  callback_(result);
}

ServerLocator::ServerLocator(net::Resolver& resolver, base::RandomSource& random)
    : resolver_(resolver), random_(random) {}
ServerLocator::~ServerLocator() {
  for (const auto& search : searches_) search->drop();
}

void ServerLocator::locate(Question question, Callback callback, LocatorTrace* trace) {
  const auto search =
      std::make_shared<Search>(*this, std::move(question), std::move(callback), trace);
  searches_.push_back(search);
  search->start();
}

}  // namespace missive::sip

#include "pjsip/outbound_registrations.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>

#include "base/text.h"

namespace missive::pjsip {

using std::chrono::seconds;

namespace {

constexpr std::string_view every_one = "*all";

// In whole seconds, begun ones counted; 0 when it has passed.
seconds until(base::TimePoint time, base::TimePoint now) {
  return std::max(seconds{0}, std::chrono::ceil<seconds>(time - now));
}

}  // namespace

// --- all shards

void RegistrationBoard::know(std::vector<OutboundRegistrations*> shards) {
  shards_ = std::move(shards);
  for (auto* each : shards_) each->take_share(shards_.size());
}

void RegistrationBoard::start() {
  for (auto* each : shards_) {
    each->shard().post([each] { each->start(); });
  }
}

void RegistrationBoard::stop(base::UniqueFunction<void()> done) {
  if (shards_.empty()) return done();
  struct Count {
    std::atomic<std::size_t> left;
    base::UniqueFunction<void()> done;
  };
  const auto count = std::make_shared<Count>();
  count->left = shards_.size();
  count->done = std::move(done);
  for (auto* each : shards_) {
    each->shard().post([each, count] {
      each->stop([count] {
        if (--count->left == 0) count->done();
      });
    });
  }
}

void RegistrationBoard::stop() {
  struct Signal {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
  };
  const auto signal = std::make_shared<Signal>();
  stop([signal] {
    const std::lock_guard lock(signal->mutex);
    signal->done = true;
    signal->changed.notify_all();
  });
  std::unique_lock lock(signal->mutex);
  // The shards keep the limit; one that stands still is not waited for.
  signal->changed.wait_for(lock, stop_limit + std::chrono::seconds{1},
                           [&signal] { return signal->done; });
}

RegistrationStatus RegistrationBoard::status_of(const std::string& name, const Entry& entry) const {
  const auto now = clock_.now();
  const auto& standing = entry.standing;
  RegistrationStatus status;
  status.name = name;
  status.server_uri = entry.server_uri;
  status.client_uri = entry.client_uri;
  status.state = standing.state;
  status.response_code = standing.response_code;
  status.reason = standing.reason;
  status.registered_at = standing.registered_at;
  if (standing.state == RegistrationStatus::State::registered) {
    status.expires_in = until(standing.expires, now);
  }
  if (standing.next != base::TimePoint::max()) status.next_in = until(standing.next, now);
  return status;
}

std::vector<RegistrationStatus> RegistrationBoard::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<RegistrationStatus> out;
  out.reserve(entries_.size());
  for (const auto& [name, entry] : entries_) out.push_back(status_of(name, entry));
  return out;
}

base::Result<void> RegistrationBoard::register_now(std::string_view name) {
  return ask(name, &OutboundRegistrations::register_now);
}

base::Result<void> RegistrationBoard::unregister(std::string_view name) {
  return ask(name, &OutboundRegistrations::unregister);
}

base::Result<void> RegistrationBoard::ask(std::string_view name, Action action) {
  if (name != every_one) {
    const std::lock_guard lock(mutex_);
    if (entries_.find(name) == entries_.end()) {
      return base::fail("registration '{}' not found", base::printable(name, 80));
    }
  }
  for (auto* each : shards_) {
    each->shard().post([each, action, text = std::string(name)] { (each->*action)(text); });
  }
  return {};
}

void RegistrationBoard::post(const OutboundRegistration& registration, bool told) {
  RegistrationStatus status;
  {
    const std::lock_guard lock(mutex_);
    const auto& options = registration.options();
    auto& entry = entries_[registration.name()];
    entry = Entry{options.server_uri, options.client_uri, registration.standing()};
    if (!told) return;
    status = status_of(registration.name(), entry);
  }
  for (auto* observer : observers_) observer->on_registration(registration.technology(), status);
}

void RegistrationBoard::erase(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto place = entries_.find(name);
  if (place != entries_.end()) entries_.erase(place);
}

// --- one shard

OutboundRegistrations::OutboundRegistrations(const RequestAttempt::Means& means,
                                             RegistrationBoard& board,
                                             std::shared_ptr<const Configuration> configuration)
    : means_(means), board_(board), configuration_(std::move(configuration)) {
  means_.transactions.add(*this);
}

std::size_t OutboundRegistrations::home_of(std::string_view name, std::size_t shards) {
  return std::hash<std::string_view>{}(name) % shards;
}

void OutboundRegistrations::take_share(std::size_t shards) {
  shards_ = shards;
  for (const auto& each : configuration_->registrations()) {
    if (is_home_of(each.name)) board_.post(add(each.name), false);
  }
}

OutboundRegistration& OutboundRegistrations::add(const std::string& name) {
  OutboundRegistration::Owner& owner = *this;
  auto& place = registrations_[name];
  place = std::make_unique<OutboundRegistration>(means_, owner, configuration_, name);
  return *place;
}

void OutboundRegistrations::start() {
  for (const auto& [name, registration] : registrations_) registration->start();
}

void OutboundRegistrations::use(std::shared_ptr<const Configuration> configuration) {
  configuration_ = std::move(configuration);
  if (shards_ == 0 || stopping_) return;
  for (auto place = registrations_.begin(); place != registrations_.end();) {
    const auto gone = place++;
    if (configuration_->registration(gone->first) == nullptr) end(gone, std::nullopt);
  }
  for (const auto& each : configuration_->registrations()) {
    if (!is_home_of(each.name)) continue;
    if (const auto place = leaving_.find(each.name); place != leaving_.end()) {
      registrations_.insert(leaving_.extract(place));  // it is wanted again
    }
    const auto known = registrations_.find(each.name);
    if (known == registrations_.end()) {
      add(each.name).start();
    } else {
      known->second->use(configuration_);
      board_.post(*known->second, false);
    }
  }
}

void OutboundRegistrations::end(Registrations::iterator place,
                                std::optional<base::Duration> limit) {
  auto& registration = *place->second;
  leaving_.insert(registrations_.extract(place));
  registration.leave(limit);  // perhaps the end of it
}

void OutboundRegistrations::register_now(std::string_view name) {
  if (stopping_) return;
  if (name == every_one) {
    for (const auto& [each, registration] : registrations_) registration->register_now();
  } else if (const auto place = registrations_.find(name); place != registrations_.end()) {
    place->second->register_now();
  }
}

void OutboundRegistrations::unregister(std::string_view name) {
  if (stopping_) return;
  if (name == every_one) {
    for (const auto& [each, registration] : registrations_) registration->unregister();
  } else if (const auto place = registrations_.find(name); place != registrations_.end()) {
    place->second->unregister();
  }
}

void OutboundRegistrations::stop(std::function<void()> done) {
  stopping_ = true;
  // Those that are being taken back already have no longer time than the others.
  for (auto place = leaving_.begin(); place != leaving_.end();) {
    auto& registration = *(place++)->second;
    registration.leave(RegistrationBoard::stop_limit);
  }
  while (!registrations_.empty()) end(registrations_.begin(), RegistrationBoard::stop_limit);
  if (leaving_.empty()) return done();
  stopped_ = std::move(done);
}

void OutboundRegistrations::on_connection_lost(sip::Transport& transport,
                                               const net::Address& peer) {
  if (!transport.reliable()) return;
  for (const auto& [name, registration] : registrations_) {
    registration->on_connection_lost(transport, peer);
  }
}

void OutboundRegistrations::on_standing(const OutboundRegistration& registration, bool told) {
  board_.post(registration, told);
}

void OutboundRegistrations::on_left(OutboundRegistration& registration) {
  board_.erase(registration.name());
  const auto place = leaving_.find(registration.name());
  if (place != leaving_.end()) leaving_.erase(place);
  if (!leaving_.empty() || !stopped_) return;
  const auto done = std::exchange(stopped_, nullptr);
  done();
}

}  // namespace missive::pjsip

#include "pjsip/contact_keeper.h"

#include <algorithm>

#include "base/log.h"

namespace missive::pjsip {
namespace {

constexpr auto never = base::TimePoint::max();

bool comes_from_elsewhere(const Contact& before, const Contact& now) {
  return before.flow != now.flow || !(before.source == now.source);
}

}  // namespace

// A contact at home here, with the one timer of its next event.
class ContactKeeper::Kept final : public net::Timer {
 public:
  Kept(ContactKeeper& keeper, const KnownContact& known)
      : contact(known.contact), reachability(known.status.reachability), keeper_(keeper) {}

  std::shared_ptr<const Contact> contact;
  Reachability reachability;
  base::TimePoint qualify_at = never;
  std::unique_ptr<ContactProbe> probe;  // while it is being asked

 private:
  void on_timer() override { keeper_.wake(*this); }
  ContactKeeper& keeper_;
};

ContactKeeper::Name ContactKeeper::name_of(const Contact& contact) {
  return {contact.aor, contact.uri, contact.permanent};
}

std::size_t ContactKeeper::Hash::operator()(const Name& name) const {
  const std::hash<std::string_view> hash;
  return hash(name.aor) * 31 + hash(name.uri);
}
std::size_t ContactKeeper::Hash::operator()(const std::unique_ptr<Kept>& kept) const {
  return (*this)(name_of(*kept->contact));
}

bool ContactKeeper::Equal::operator()(const std::unique_ptr<Kept>& a,
                                      const std::unique_ptr<Kept>& b) const {
  return (*this)(name_of(*a->contact), b);
}
bool ContactKeeper::Equal::operator()(const Name& a, const std::unique_ptr<Kept>& b) const {
  const auto& other = *b->contact;
  return a.uri == other.uri && a.aor == other.aor && a.permanent == other.permanent;
}
bool ContactKeeper::Equal::operator()(const std::unique_ptr<Kept>& a, const Name& b) const {
  return (*this)(b, a);
}

ContactKeeper::ContactKeeper(const RequestAttempt::Means& means, LocationService& locations,
                             std::shared_ptr<const Configuration> configuration)
    : means_(means),
      locations_(locations),
      configuration_(std::move(configuration)),
      started_(means.transactions.shard().now()) {}

ContactKeeper::~ContactKeeper() = default;

void ContactKeeper::on_contact(ContactChange change, const KnownContact& contact) {
  switch (change) {
    case ContactChange::created:
    case ContactChange::updated:
      return keep(contact);
    case ContactChange::removed:
    case ContactChange::expired:
      return forget(*contact.contact);
    case ContactChange::status:
      break;
  }
}

void ContactKeeper::keep(const KnownContact& contact) {
  const auto now = shard().now();
  const auto known = kept_.find(name_of(*contact.contact));
  if (known == kept_.end()) {
    auto& kept = **kept_.insert(std::make_unique<Kept>(*this, contact)).first;
    const bool qualified = frequency_of(*kept.contact) > base::Duration::zero();
    return plan(kept, qualified ? now + initial_delay(*kept.contact) : never);
  }
  auto& kept = **known;
  const auto before = std::exchange(kept.contact, contact.contact);  // of the same name
  const bool ask_again =
      kept.qualify_at != never && (kept.reachability == Reachability::unreachable ||
                                   comes_from_elsewhere(*before, *kept.contact));
  if (ask_again) kept.probe.reset();  // it asks where the contact was
  plan(kept, ask_again ? now : kept.qualify_at);
}

void ContactKeeper::forget(const Contact& contact) {
  const auto known = kept_.find(name_of(contact));
  if (known != kept_.end()) kept_.erase(known);
}

void ContactKeeper::plan(Kept& kept, base::TimePoint qualify_at) {
  kept.qualify_at = qualify_at;
  const auto next =
      kept.contact->permanent ? qualify_at : std::min(qualify_at, kept.contact->expires);
  if (next == never) return kept.cancel();
  shard().timers().arm(kept, next);
}

void ContactKeeper::wake(Kept& kept) {
  const auto now = shard().now();
  const auto contact = kept.contact;
  if (!locations_.holds(*contact)) return forget(*contact);  // at home elsewhere now, or gone
  if (!contact->permanent && now >= contact->expires) {
    log::info("Removed contact '{}' from AOR '{}' due to expiration", contact->uri, contact->aor);
    forget(*contact);
    return locations_.expire(*contact);
  }
  if (now < kept.qualify_at) return plan(kept, kept.qualify_at);
  plan(kept, now + frequency_of(*contact));
  if (kept.probe == nullptr) probe(kept);
}

void ContactKeeper::probe(Kept& kept) {
  kept.probe = std::make_unique<ContactProbe>(
      means_, configuration_, kept.contact,
      [this, &kept](const std::optional<ContactStatus>& status) { on_probed(kept, status); });
  kept.probe->start();
}

void ContactKeeper::qualify(const Contact& contact) {
  const auto known = kept_.find(name_of(contact));
  if (known != kept_.end() && (*known)->probe == nullptr) probe(**known);
}

void ContactKeeper::on_probed(Kept& kept, const std::optional<ContactStatus>& status) {
  kept.probe.reset();
  if (!status) return;
  const auto& contact = *kept.contact;
  if (std::exchange(kept.reachability, status->reachability) != status->reachability) {
    log::info("Contact '{}' of AOR '{}' is now {}", contact.uri, contact.aor,
              status->reachability == Reachability::reachable ? "reachable" : "unreachable");
  }
  locations_.set_status(contact.aor, contact.uri, *status);
}

void ContactKeeper::use(std::shared_ptr<const Configuration> configuration) {
  const auto before = std::exchange(configuration_, std::move(configuration));
  const auto now = shard().now();
  for (const auto& kept : kept_) {
    const auto frequency = frequency_of(*kept->contact);
    if (frequency == base::Duration::zero()) {
      kept->probe.reset();
      plan(*kept, never);
      if (std::exchange(kept->reachability, Reachability::unknown) != Reachability::unknown) {
        locations_.set_status(kept->contact->aor, kept->contact->uri, {});
      }
    } else if (kept->qualify_at == never) {
      plan(*kept, now + initial_delay(*kept->contact));
    } else {
      plan(*kept, std::min(kept->qualify_at, now + frequency));
    }
  }
}

// Zero: never.
base::Duration ContactKeeper::frequency_of(const Contact& contact) const {
  const auto* aor = configuration_->aor(contact.aor);
  return aor != nullptr ? aor->qualify_frequency : base::Duration::zero();
}

// A server with many contacts does not ask all of them in its first moment.
base::Duration ContactKeeper::initial_delay(const Contact& contact) {
  const base::Duration most = std::min<base::Duration>(
      configuration_->global().max_initial_qualify_time, frequency_of(contact));
  const bool was_there = contact.permanent || contact.updated < started_;
  if (!was_there || most == base::Duration::zero()) return base::Duration::zero();
  return base::Duration(shard().random().below(static_cast<std::uint64_t>(most.count())));
}

ContactKeeper& ContactKeepers::home_of(const Contact& contact) const {
  if (contact.flow && contact.flow->shard < keepers_.size()) return *keepers_[contact.flow->shard];
  return *keepers_[std::hash<std::string>{}(contact.aor) % keepers_.size()];
}

void ContactKeepers::use(const std::shared_ptr<const Configuration>& configuration) {
  for (auto* keeper : keepers_) {
    keeper->shard().post([keeper, configuration] { keeper->use(configuration); });
  }
}

void ContactKeepers::qualify(std::shared_ptr<const Contact> contact) {
  auto& keeper = home_of(*contact);
  keeper.shard().post([&keeper, contact = std::move(contact)] { keeper.qualify(*contact); });
}

void ContactKeepers::on_contact(ContactChange change, const KnownContact& contact,
                                std::size_t /*registered*/) {
  if (change == ContactChange::status) return;
  auto& keeper = home_of(*contact.contact);
  keeper.shard().post([&keeper, change, contact] { keeper.on_contact(change, contact); });
}

}  // namespace missive::pjsip

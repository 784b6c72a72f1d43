#include "app/sip_side.h"

#include "base/text.h"

namespace missive::app {

SipSide::SipSide(const Settings& settings,
                 std::shared_ptr<const pjsip::Configuration> configuration, const State& state,
                 const base::Clock& clock, pjsip::AuthEvents& events)
    : settings_(settings),
      configuration_(std::move(configuration)),
      auth_events_(events),
      nonces_(clock),
      persistence_(*state.contacts, clock, configuration_->technology()),
      registrations_(clock) {}

SipSide::~SipSide() = default;

void SipSide::know_stacks(std::vector<SipStack*> stacks, sip::WireTap* tap) {
  stacks_ = std::move(stacks);
  std::vector<sip::TransactionLayer*> layers;
  std::vector<pjsip::MessageUac*> uacs;
  std::vector<pjsip::ContactKeeper*> keepers;
  std::vector<pjsip::Notifier*> notifiers;
  std::vector<pjsip::OutboundRegistrations*> registrations;
  for (auto* stack : stacks_) {
    layers.push_back(&stack->transactions);
    uacs.push_back(&stack->uac);
    keepers.push_back(&stack->keeper);
    notifiers.push_back(&stack->notifier);
    registrations.push_back(&stack->registrations);
  }
  for (auto* stack : stacks_) {
    stack->transactions.know_others(layers);
    stack->uac.know_others(uacs);
    stack->notifier.know_others(notifiers);
  }
  registrations_.know(std::move(registrations));
  keepers_ = std::make_unique<pjsip::ContactKeepers>(std::move(keepers));
  locations_.add(*keepers_);
  locations_.add(persistence_);
  transports_ = std::make_unique<SipTransports>(settings_, configuration_, stacks_, tap);
}

void SipSide::add_outbox(message::Outbox& outbox, message::MessageEvents& events, net::Shard& shard,
                         message::Inbox& inbox, const message::Handler& dialplan) {
  waker_ = std::make_unique<pjsip::OutboxWaker>(outbox, *configuration_);
  offline_hook_ =
      std::make_unique<pjsip::OfflineHook>(shard, inbox, dialplan, locations_, configuration_);
  locations_.add(*waker_);
  events.add(*offline_hook_);
  for (auto* stack : stacks_) {
    stack->add_receipts(outbox, settings_.missive.outbox.pass_receipts);
  }
}

base::Result<void> SipSide::open() { return transports_->open(); }

base::Result<void> SipSide::restore() {
  const auto contacts = persistence_.restore(locations_);
  if (!contacts) return tl::unexpected(contacts.error());
  // Those of AORs that are gone meanwhile go with the configuration.
  locations_.configure(*configuration_);
  return {};
}

std::shared_ptr<const pjsip::Configuration> SipSide::configuration() const {
  const std::lock_guard lock(mutex_);
  return configuration_;
}

void SipSide::use(std::shared_ptr<const pjsip::Configuration> configuration) {
  for (auto* stack : stacks_) {
    stack->shard.post([stack, configuration] { stack->use(configuration); });
  }
  locations_.configure(*configuration);
  keepers_->use(configuration);
  if (waker_) waker_->use(*configuration);
  if (offline_hook_) offline_hook_->use(configuration);
  transports_->reload(*configuration);
  const std::lock_guard lock(mutex_);
  configuration_ = std::move(configuration);
}

void SipSide::start() { registrations_.start(); }

void SipSide::stop() { registrations_.stop(); }

// --- what an operator asks for ---

std::vector<pjsip::RegistrationStatus> SipSide::registrations() const {
  return registrations_.list();
}

base::Result<void> SipSide::register_now(std::string_view name) {
  return registrations_.register_now(name);
}

base::Result<void> SipSide::unregister(std::string_view name) {
  return registrations_.unregister(name);
}

base::Result<void> SipSide::qualify(std::string_view endpoint) {
  const auto current = configuration();
  const auto* found = current->endpoint(endpoint);
  if (found == nullptr) return base::fail("endpoint '{}' not found", base::printable(endpoint, 80));
  for (const auto* aor : found->configured_aors) {
    for (const auto& known : locations_.contacts(aor->name)) keepers_->qualify(known.contact);
  }
  return {};
}

base::Result<void> SipSide::notify(pjsip::NotifyOrder order) {
  if (auto good = pjsip::Notifier::check(*configuration(), locations_, order); !good) return good;
  auto& stack = *stacks_.front();
  stack.shard.post(
      [&stack, order = std::move(order)]() mutable { stack.notifier.send(std::move(order)); });
  return {};
}

}  // namespace missive::app

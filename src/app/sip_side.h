// One SIP technology of the server, `pjsip:` or `sip:`: what the stacks of all shards share, and
// what an operator may ask of it.
//
// Made before the stacks, which know_stacks() introduces to it and to each other, before the shards
// run. Operations are for any thread; the rest is for the thread that owns the Instance.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "app/settings.h"
#include "app/sip_stack.h"
#include "app/sip_transports.h"
#include "app/state.h"
#include "pjsip/contact_persistence.h"
#include "pjsip/offline_hook.h"
#include "pjsip/operations.h"
#include "pjsip/outbox_waker.h"

namespace missive::app {

class SipSide final : public pjsip::Operations {
 public:
  // `events` outlives it.
  SipSide(const Settings& settings, std::shared_ptr<const pjsip::Configuration> configuration,
          const State& state, const base::Clock& clock, pjsip::AuthEvents& events);
  ~SipSide() override;

  void know_stacks(std::vector<SipStack*> stacks, sip::WireTap* tap);
  // What waits in the outbox is woken, and its hooks run, for this technology too.
  void add_outbox(message::Outbox& outbox, message::MessageEvents& events, net::Shard& shard,
                  message::Inbox& inbox, const message::Handler& dialplan);

  base::Result<void> open();
  // The contacts that an earlier process left.
  base::Result<void> restore();
  // The shards run from now on.
  void start();
  void use(std::shared_ptr<const pjsip::Configuration> configuration);
  // Takes back what is registered elsewhere; as long as the shards run.
  void stop();
  // Closes what listens, before the shards go; they do not run any more.
  void close() { transports_.reset(); }

  SipTransports& transports() { return *transports_; }
  const std::vector<SipStack*>& stacks() const { return stacks_; }
  pjsip::LocationService& location_service() { return locations_; }
  pjsip::Nonces& nonces() { return nonces_; }
  pjsip::AuthEvents& auth_events() { return auth_events_; }
  pjsip::RegistrationBoard& registration_board() { return registrations_; }

  std::shared_ptr<const pjsip::Configuration> configuration() const override;
  const pjsip::LocationService& locations() const override { return locations_; }
  std::vector<pjsip::RegistrationStatus> registrations() const override;
  base::Result<void> register_now(std::string_view name) override;
  base::Result<void> unregister(std::string_view name) override;
  base::Result<void> qualify(std::string_view endpoint) override;
  base::Result<void> notify(pjsip::NotifyOrder order) override;

 private:
  const Settings settings_;
  mutable std::mutex mutex_;
  std::shared_ptr<const pjsip::Configuration> configuration_;
  pjsip::AuthEvents& auth_events_;
  pjsip::LocationService locations_;
  pjsip::Nonces nonces_;
  pjsip::ContactPersistence persistence_;
  pjsip::RegistrationBoard registrations_;
  std::vector<SipStack*> stacks_;
  std::unique_ptr<SipTransports> transports_;
  std::unique_ptr<pjsip::ContactKeepers> keepers_;
  // With an outbox only:
  std::unique_ptr<pjsip::OutboxWaker> waker_;
  std::unique_ptr<pjsip::OfflineHook> offline_hook_;
};

}  // namespace missive::app

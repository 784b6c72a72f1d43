#include "app/sip_stack.h"

#include "app/sip_side.h"

namespace missive::app {
namespace {

sip::Timers timers_of(const pjsip::System& system) {
  return {.t1 = system.timer_t1, .timer_f = system.timer_b};
}

sip::TransactionLimits limits_of(const Settings& settings) {
  return {.client_transactions = settings.missive.sip.max_transactions};
}

pjsip::MessageUac::Options uac_options(const Settings& settings) {
  return {.contact_header = settings.missive.sip.contact_header,
          .max_pending_size = settings.missive.sip.max_pending_size};
}

pjsip::RateLimiter::Limits rates_of(const Settings& settings) {
  return {.requests = settings.missive.sip.request_rate,
          .unidentified = settings.missive.sip.unidentified_rate};
}

}  // namespace

SipStack::SipStack(const Settings& settings, SipSide& side, const SipPlace& place)
    : shard(place.shard),
      transactions(shard, timers_of(side.configuration()->system()), limits_of(settings)),
      means{transactions, transports, place.locator},
      uac(means, side.locations(), uac_options(settings), side.configuration()),
      users(shard, place.sender, side.configuration()),
      flow_watch(shard.index(), side.location_service()),
      registrar(shard, side.location_service()),
      uas(transactions, place.intake, place.events, settings.missive.messaging),
      distributor(shard, place.resolver, side.nonces(), side.auth_events(), rates_of(settings),
                  side.configuration()),
      refusals(settings.missive.messaging.message_accept),
      keeper(means, side.location_service(), side.configuration()),
      registrations(means, side.registration_board(), side.configuration()),
      notifier(means, side.locations(), side.configuration()) {
  using Route = conf::MissiveConf::Messaging::Route;
  transactions.add(flow_watch);
  transactions.add(distributor);
  transactions.add(refusals);
  distributor.add(registrar);
  distributor.add(uas);
  place.sender.add(uac);
  if (settings.missive.messaging.route == Route::users) {
    place.inbox.add(users, side.configuration()->technology());
  }
}

void SipStack::use(const std::shared_ptr<const pjsip::Configuration>& configuration) {
  uac.use(configuration);
  users.use(configuration);
  distributor.use(configuration);
  registrations.use(configuration);
  notifier.use(configuration);
}

void SipStack::add_receipts(message::Outbox& outbox, bool pass_on) {
  receipts = std::make_unique<pjsip::ReceiptIntake>(
      [this, &outbox](std::string id, message::Status::State state, std::string endpoint) {
        message::Outbox::Receipt receipt;
        receipt.id = std::move(id);
        receipt.state = state;
        receipt.from = std::move(endpoint);
        outbox.receipt(std::move(receipt), shard);
      },
      pass_on);
  uas.use(*receipts);
}

}  // namespace missive::app

#include "app/part.h"

namespace missive::app {
namespace {

sip::Timers timers_of(const Settings& settings) {
  const auto& system = settings.pjsip->system();
  return {.t1 = system.timer_t1, .timer_f = system.timer_b};
}

sip::TransactionLimits limits_of(const Settings& settings) {
  return {.client_transactions = settings.missive.sip.max_transactions};
}

message::Inbox::Limits inbox_limits_of(const Settings& settings) {
  const auto& messaging = settings.missive.messaging;
  return {.messages = messaging.max_queue, .octets = messaging.max_queue_size};
}

}  // namespace

CommonParts::CommonParts(const Settings& settings, const base::Clock& clock, const State& state)
    : nonces(clock), dialplan(clock, settings.missive.dialplan, *state.astdb) {
  using Durability = conf::MissiveConf::Outbox::Durability;
  const auto& options = settings.missive.outbox;
  if (options.durability == Durability::off) return;
  outbox = std::make_unique<message::Outbox>(*state.outbox, clock, events, options);
  if (options.durability == Durability::always) {
    received = std::make_unique<message::ReceivedMessages>(*state.received);
  }
}

Part::Part(unsigned index, const Settings& settings, const base::Clock& clock, CommonParts& common)
    : shard(index, clock),
      transactions(shard, timers_of(settings), limits_of(settings)),
      uac(transactions, transports, common.locations,
          {.contact_header = settings.missive.sip.contact_header,
           .max_pending_size = settings.missive.sip.max_pending_size},
          settings.pjsip),
      sender(common.events),
      dialplan(common.dialplan, shard, sender, settings.dialplan),
      users(shard, sender, settings.pjsip),
      inbox(shard, inbox_limits_of(settings)),
      intake(shard, inbox),
      flow_watch(index, common.locations),
      registrar(shard, common.locations),
      uas(transactions, intake, common.events, settings.missive.messaging),
      distributor(shard, common.nonces, common.auth_events,
                  {.requests = settings.missive.sip.request_rate,
                   .unidentified = settings.missive.sip.unidentified_rate},
                  settings.pjsip),
      refusals(settings.missive.messaging.message_accept),
      keeper(transactions, transports, common.locations, settings.pjsip) {
  using Route = conf::MissiveConf::Messaging::Route;
  transactions.add(flow_watch);
  transactions.add(distributor);
  transactions.add(refusals);
  distributor.add(registrar);
  distributor.add(uas);
  sender.add(uac);
  if (common.outbox) add_outbox(*common.outbox, settings.missive.outbox.pass_receipts);
  if (common.received) intake.use(*common.received);
  inbox.add(dialplan);
  if (settings.missive.messaging.route == Route::users) inbox.add(users);
}

void Part::add_outbox(message::Outbox& all, bool pass_receipts) {
  outbox = std::make_unique<message::OutboxShard>(shard, all, sender);
  sender.use(*outbox);
  receipts = std::make_unique<pjsip::ReceiptIntake>(
      [this, &all](std::string id, message::Status::State state, std::string endpoint) {
        all.receipt(std::move(id), state, std::move(endpoint), shard);
      },
      pass_receipts);
  uas.use(*receipts);
}

void Part::use(const Settings& settings) {
  uac.use(settings.pjsip);
  users.use(settings.pjsip);
  distributor.use(settings.pjsip);
  dialplan.use(settings.dialplan);
}

}  // namespace missive::app

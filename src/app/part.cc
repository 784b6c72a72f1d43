#include "app/part.h"

#include "app/sip_side.h"

namespace missive::app {
namespace {

message::Inbox::Limits inbox_limits_of(const Settings& settings) {
  const auto& messaging = settings.missive.messaging;
  return {.messages = messaging.max_queue, .octets = messaging.max_queue_size};
}

SipPlace place_in(Part& part, const CommonParts& common) {
  return {part.shard,    part.sender,  part.inbox,   part.intake,
          part.resolver, part.locator, common.events};
}

}  // namespace

CommonParts::CommonParts(const Settings& settings, const base::Clock& clock, const State& state)
    : states(*state.astdb),
      dialplan(clock, settings.missive.dialplan, *state.astdb),
      in_force(settings.dialplan),
      hints(states, dialplan.functions, clock) {
  dialplan.states = &states;
  dialplan.hints = &hints;
  using Durability = conf::MissiveConf::Outbox::Durability;
  const auto& options = settings.missive.outbox;
  if (options.durability == Durability::off) return;
  outbox = std::make_unique<message::Outbox>(*state.outbox, clock, events, options);
  if (options.durability == Durability::always) {
    received = std::make_unique<message::ReceivedMessages>(*state.received);
  }
}

Part::Part(unsigned index, const Settings& settings, const base::Clock& clock, CommonParts& common,
           SipSide& pjsip_side, SipSide* chan_sip_side)
    : shard(index, clock),
      sender(common.events),
      dialplan(common.dialplan, shard, sender, settings.dialplan),
      inbox(shard, inbox_limits_of(settings)),
      intake(shard, inbox),
      resolver(shard, settings.resolver),
      locator(resolver, shard.random()) {
  inbox.add(dialplan);
  pjsip = std::make_unique<SipStack>(settings, pjsip_side, place_in(*this, common));
  if (chan_sip_side != nullptr) {
    chan_sip = std::make_unique<SipStack>(settings, *chan_sip_side, place_in(*this, common));
  }
  if (common.outbox) {
    outbox = std::make_unique<message::OutboxShard>(shard, *common.outbox, sender);
    sender.use(*outbox);
  }
  if (common.received) intake.use(*common.received);
}

}  // namespace missive::app

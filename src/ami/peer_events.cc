#include "ami/peer_events.h"

#include <fmt/format.h>

#include "chan_sip/peer_state.h"

namespace missive::ami {

using chan_sip::PeerReach;

using pjsip::ContactChange;
using pjsip::KnownContact;

namespace {

// `fill` adds what follows the peer's name.
template <class Fill>
void publish(EventBus& bus, std::string_view peer, std::string_view status, Fill&& fill) {
  bus.publish(Class::system, "PeerStatus", [&](EventText& text) {
    text.header("ChannelType", "SIP")
        .header("Peer", fmt::format("SIP/{}", peer))
        .header("PeerStatus", status);
    fill(text);
  });
}

}  // namespace

PeerEvents::PeerEvents(EventBus& bus, std::shared_ptr<const pjsip::Configuration> configuration)
    : bus_(bus) {
  use(std::move(configuration));
}

void PeerEvents::use(std::shared_ptr<const pjsip::Configuration> configuration) {
  const std::lock_guard lock(mutex_);
  configuration_ = std::move(configuration);
}

void PeerEvents::on_contact(ContactChange change, const KnownContact& contact,
                            std::size_t /*registered*/) {
  const std::lock_guard lock(mutex_);
  const auto& registered_by = contact.contact->endpoint;
  if (!registered_by.empty()) return tell(change, contact, registered_by);
  for (const auto* peer : configuration_->endpoints_of(contact.contact->aor)) {
    tell(change, contact, peer->name);
  }
}

void PeerEvents::tell(ContactChange change, const KnownContact& contact, std::string_view peer) {
  if (change == ContactChange::status) return tell_reach(contact, peer);
  if (contact.contact->permanent) return;  // nobody registered it
  switch (change) {
    case ContactChange::created:
    case ContactChange::updated:
      return publish(bus_, peer, "Registered", [&](EventText& text) {
        text.header("Address", chan_sip::address_of(*contact.contact));
      });
    case ContactChange::expired:
      return publish(bus_, peer, "Unregistered",
                     [](EventText& text) { text.header("Cause", "Expired"); });
    default:
      return publish(bus_, peer, "Unregistered", [](EventText&) {});
  }
}

void PeerEvents::tell_reach(const KnownContact& contact, std::string_view peer) {
  const auto reach = chan_sip::reach_of(configuration_->aor(contact.contact->aor), contact.status);
  if (reach == PeerReach::unmonitored || reach == PeerReach::unknown) return;
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(contact.status.round_trip);
  publish(bus_, peer, chan_sip::name_of(reach), [&](EventText& text) {
    text.header("Time", reach == PeerReach::unreachable ? "-1" : fmt::to_string(took.count()));
  });
}

}  // namespace missive::ami

#include "pjsip/message_uac.h"

#include <algorithm>

#include "message/contact_results.h"
#include "pjsip/dialect.h"
#include "pjsip/message_terms.h"

namespace missive::pjsip {

using message::Refusal;

namespace {
// Deliveries that keep their buffers while they wait; what a burst needed beyond is given back.
constexpr std::size_t warm_deliveries = 1024;
}  // namespace

MessageUac::MessageUac(const RequestAttempt::Means& means, const LocationService& locations,
                       const Options& options, std::shared_ptr<const Configuration> configuration)
    : means_(means),
      locations_(locations),
      options_(options),
      configuration_(std::move(configuration)) {}

// --- what is said of a destination

// What waits for the same registrations waits in the same queue.
std::string_view MessageUac::recipient_of(const message::Message& message) {
  if (resolution_.endpoint == nullptr) return message.destination();
  if (!resolution_.by_aors && resolution_.named_aor == nullptr) return message.destination();
  recipient_.assign(name()).append(":").append(resolution_.endpoint->name);
  if (resolution_.named_aor != nullptr) recipient_.append("/").append(resolution_.named_aor->name);
  return recipient_;
}

std::optional<Refusal> MessageUac::check(const message::Message& message, message::Terms& terms) {
  prepared_ = nullptr;
  auto refused =
      configuration_->dialect().find_recipient(*configuration_, locations_, message, resolution_);
  if (refused && !refused->passing()) return refused;
  terms.recipient = recipient_of(message);
  take_terms(resolution_, terms);
  return refused;
}

// --- sending

void MessageUac::send(std::shared_ptr<const message::Message> message,
                      const message::Dispatch& dispatch, message::HandedOver handed_over,
                      message::Finished finished) {
  resolution_.preferred = dispatch.contact;
  auto refused = prepare(*configuration_, *message);
  resolution_.preferred.clear();
  if (refused) return handed_over(std::move(refused));
  Delivery::Order order{.message = std::move(message),
                        .dispatch = dispatch,
                        .handed_over = std::move(handed_over),
                        .finished = std::move(finished),
                        .only = nullptr};
  if (resolution_.endpoint->message_fork != Endpoint::Fork::first) {
    auto contacts = fork_contacts(dispatch.contact);
    if (contacts.size() > 1) return fork(std::move(order), std::move(contacts));
  }
  send_prepared(std::move(order));
}

// To where the resolution leads.
void MessageUac::send_prepared(Delivery::Order order) {
  const auto& flow = resolution_.hop.flow;
  if (flow && flow->shard != means_.transactions.shard().index()) {
    return forward(flow->shard, std::move(order));
  }
  if (octets_under_way_ + order.message->body().size() > options_.max_pending_size) {
    return order.handed_over(Refusal{
        Refusal::Kind::unreachable,
        fmt::format("{} octets wait for their answer, the limit (missive.conf, max_pending_size)",
                    octets_under_way_)});
  }
  auto& delivery = acquire();
  octets_under_way_ += order.message->body().size();
  prepared_ = &delivery;
  delivery.begin(std::move(order), configuration_, resolution_);
}

std::optional<Refusal> MessageUac::prepare(const Configuration& configuration,
                                           const message::Message& message) {
  prepared_ = nullptr;
  const auto& dialect = configuration.dialect();
  if (auto refused = dialect.resolve(configuration, locations_, message, resolution_, nullptr)) {
    return refused;
  }
  if (const auto sorted = dialect.sort_variables(configuration, message, headers_); !sorted) {
    return Refusal{Refusal::Kind::failure, sorted.error().text};
  }
  return std::nullopt;
}

// Takes apart a message that is under way once more: others were sent meanwhile.
base::Result<void> MessageUac::prepare_again(const Delivery& delivery) {
  if (prepared_ == &delivery) return {};
  resolution_.pinned = delivery.contact();
  auto refused = prepare(delivery.configuration(), delivery.message());
  resolution_.pinned = nullptr;
  if (!refused && !delivery.redirected_to().empty()) {
    refused = pjsip::redirect(delivery.configuration(), delivery.redirected_to(), resolution_);
  }
  if (refused) return base::fail("{}", refused->reason);
  prepared_ = &delivery;
  return {};
}

base::Result<void> MessageUac::write(Delivery& delivery, sip::Transport& transport,
                                     const net::Address& to, const RequestIdentity& identity,
                                     sip::OutgoingRequest& out) {
  if (auto prepared = prepare_again(delivery); !prepared) return prepared;
  const auto& configuration = delivery.configuration();
  return configuration.dialect().write(
      {configuration, delivery.message(), resolution_, headers_, delivery.dispatch(),
       options_.contact_header, delivery.is_plain()},
      transport.protocol(), transport.sent_by(to), identity, out);
}

base::Result<const NextHop*> MessageUac::redirect(Delivery& delivery) {
  prepared_ = nullptr;  // it was for where the message went before
  if (const auto prepared = prepare_again(delivery); !prepared) {
    return tl::unexpected(prepared.error());
  }
  return &resolution_.hop;
}

// --- to several contacts

// Those the message is for whichever takes it, best first; `first`: a URI that goes before them.
Fork::Contacts MessageUac::fork_contacts(std::string_view first) const {
  Fork::Contacts contacts;
  if (resolution_.named_aor != nullptr) {
    contacts = locations_.ranked(resolution_.named_aor->name);
  } else if (resolution_.by_aors) {
    for (const auto* aor : resolution_.endpoint->configured_aors) {
      for (auto& contact : locations_.ranked(aor->name)) contacts.push_back(std::move(contact));
    }
  }
  if (!first.empty()) {
    std::stable_partition(contacts.begin(), contacts.end(),
                          [first](const auto& contact) { return contact->uri == first; });
  }
  return contacts;
}

void MessageUac::fork(Delivery::Order order, Fork::Contacts contacts) {
  order.dispatch.contact = {};
  Fork::start(
      means_.transactions.shard(), resolution_.endpoint->message_fork, std::move(contacts),
      [this, message = std::move(order.message), dispatch = order.dispatch](
          std::shared_ptr<const Contact> contact, message::HandedOver handed_over,
          message::Finished finished) {
        send_to_contact({.message = message,
                         .dispatch = dispatch,
                         .handed_over = std::move(handed_over),
                         .finished = std::move(finished),
                         .only = std::move(contact)});
      },
      std::move(order.handed_over), std::move(order.finished));
}

// To that contact, as it is now, or to none.
void MessageUac::send_to_contact(Delivery::Order order) {
  resolution_.pinned = locations_.find(order.only->aor, order.only->uri);
  if (resolution_.pinned == nullptr) {
    return order.handed_over(Refusal{Refusal::Kind::unreachable,
                                     fmt::format("contact '{}' of AOR '{}' is not there any more",
                                                 order.only->uri, order.only->aor)});
  }
  auto refused = prepare(*configuration_, *order.message);
  resolution_.pinned = nullptr;
  if (refused) return order.handed_over(std::move(refused));
  send_prepared(std::move(order));
}

// The other shard resolves again: the phone may have moved on meanwhile.
void MessageUac::forward(unsigned shard, Delivery::Order order) {
  auto& owner = *all_.at(shard);
  auto& home = means_.transactions.shard();
  order.handed_over =
      [&home, asker = std::move(order.handed_over)](const message::Acceptance& answer) mutable {
        home.post([asker = std::move(asker), answer]() mutable { asker(answer); });
      };
  order.finished =
      [&home, asker = std::move(order.finished)](const message::Attempted& attempted) mutable {
        home.post([asker = std::move(asker), attempted = attempted,
                   text = std::string(attempted.status.response_text),
                   contact = std::string(attempted.status.contact),
                   results = message::ContactResults(attempted.status.results)]() mutable {
          attempted.status.response_text = text;
          attempted.status.contact = contact;
          attempted.status.results = results.view();
          if (asker) asker(attempted);
        });
      };
  owner.means_.transactions.shard().post(
      [&owner, order = std::move(order), contact = std::string(order.dispatch.contact)]() mutable {
        order.dispatch.contact = contact;
        if (order.only != nullptr) return owner.send_to_contact(std::move(order));
        owner.send(std::move(order.message), order.dispatch, std::move(order.handed_over),
                   std::move(order.finished));
      });
}

// --- a contact that is gone

void MessageUac::abandon(std::string_view contact) {
  abandon_here(contact);
  for (auto* other : all_) {
    if (other == this) continue;
    other->means_.transactions.shard().post(
        [other, contact = std::string(contact)] { other->abandon_here(contact); });
  }
}

void MessageUac::abandon_here(std::string_view contact) {
  // By index: the end of one may begin others.
  const auto count = pool_.size();
  for (std::size_t i = 0; i < count; ++i) {
    auto& delivery = pool_[i];
    const auto* asked = delivery.contact().get();
    if (asked == nullptr || asked->uri != contact || !delivery.redirected_to().empty()) continue;
    // It may have come back meanwhile.
    if (locations_.find(asked->aor, asked->uri) == nullptr) delivery.abandon();
  }
}

// --- the pool

Delivery& MessageUac::acquire() {
  if (free_.empty()) return pool_.emplace_back(*this);
  auto& delivery = *free_.back();
  free_.pop_back();
  return delivery;
}

void MessageUac::release(Delivery& delivery) {
  if (prepared_ == &delivery) prepared_ = nullptr;
  octets_under_way_ -= delivery.octets();
  delivery.clear(free_.size() < warm_deliveries);
  free_.push_back(&delivery);
}

}  // namespace missive::pjsip

#include "pjsip/message_uac.h"

#include "pjsip/message_request.h"
#include "pjsip/message_terms.h"

namespace missive::pjsip {

using message::Refusal;

namespace {
// RFC 3261 section 18.1.1: above this UDP is not the first choice.
constexpr std::size_t large_request = 1300;
// Deliveries that keep their buffers while they wait; what a burst needed beyond is given back.
constexpr std::size_t warm_deliveries = 1024;
}  // namespace

sip::Transport* TransportSet::find(std::string_view id) const {
  for (const auto& transport : transports_) {
    if (transport->id() == id) return transport.get();
  }
  return nullptr;
}

MessageUac::MessageUac(sip::TransactionLayer& transactions, TransportSet& transports,
                       const LocationService& locations, const Options& options,
                       std::shared_ptr<const Configuration> configuration)
    : transactions_(transactions),
      transports_(transports),
      locations_(locations),
      options_(options),
      configuration_(std::move(configuration)),
      resolver_(transactions.shard()) {}

// What waits for the same registrations waits in the same queue.
std::string_view MessageUac::recipient_of(const message::Message& message) {
  if (resolution_.endpoint == nullptr) return message.destination();
  if (!resolution_.by_aors && resolution_.named_aor == nullptr) return message.destination();
  recipient_.assign("pjsip:").append(resolution_.endpoint->name);
  if (resolution_.named_aor != nullptr) recipient_.append("/").append(resolution_.named_aor->name);
  return recipient_;
}

std::optional<Refusal> MessageUac::check(const message::Message& message, message::Terms& terms) {
  auto refused = find_recipient(*configuration_, locations_, message.address(), resolution_);
  if (refused && !refused->passing()) return refused;
  terms.recipient = recipient_of(message);
  take_terms(resolution_, terms);
  return refused;
}

void MessageUac::send(std::shared_ptr<const message::Message> message,
                      const message::Dispatch& dispatch, message::HandedOver handed_over,
                      message::Finished finished) {
  resolution_.preferred = dispatch.contact;
  auto refused = prepare(*configuration_, *message);
  resolution_.preferred.clear();
  if (refused) return handed_over(std::move(refused));
  const auto octets = message->body().size();
  Delivery::Order order{std::move(message), dispatch, std::move(handed_over), std::move(finished)};
  if (const auto& flow = resolution_.flow; flow && flow->shard != transactions_.shard().index()) {
    return forward(flow->shard, std::move(order));
  }
  if (octets_under_way_ + octets > options_.max_pending_size) {
    return order.handed_over(Refusal{
        Refusal::Kind::unreachable,
        fmt::format("{} octets wait for their answer, the limit (missive.conf, max_pending_size)",
                    octets_under_way_)});
  }
  auto& delivery = acquire();
  delivery.begin(std::move(order), configuration_, resolution_);
  octets_under_way_ += delivery.octets();
  if (resolution_.address) return send_to(delivery, *resolution_.address, true);
  look_up(delivery);
}

std::optional<Refusal> MessageUac::prepare(const Configuration& configuration,
                                           const message::Message& message) {
  if (auto refused = resolve(configuration, locations_, message.address(), resolution_))
    return refused;
  const auto sorted = sort_variables(
      message.variables(), static_cast<int>(configuration.global().max_forwards), headers_);
  if (!sorted) return Refusal{Refusal::Kind::failure, sorted.error().text};
  return std::nullopt;
}

std::optional<Refusal> MessageUac::prepare_again(const Delivery& delivery) {
  resolution_.pinned = delivery.contact();
  auto refused = prepare(delivery.configuration(), delivery.message());
  resolution_.pinned = nullptr;
  return refused;
}

// The other shard resolves again: the phone may have moved on meanwhile.
void MessageUac::forward(unsigned shard, Delivery::Order order) {
  auto& owner = *all_.at(shard);
  auto& home = transactions_.shard();
  order.handed_over =
      [&home, asker = std::move(order.handed_over)](const message::Acceptance& answer) mutable {
        home.post([asker = std::move(asker), answer]() mutable { asker(answer); });
      };
  order.finished =
      [&home, asker = std::move(order.finished)](const message::Attempted& attempted) mutable {
        home.post([asker = std::move(asker), attempted = attempted,
                   text = std::string(attempted.status.response_text),
                   contact = std::string(attempted.status.contact)]() mutable {
          attempted.status.response_text = text;
          attempted.status.contact = contact;
          if (asker) asker(attempted);
        });
      };
  owner.transactions_.shard().post(
      [&owner, order = std::move(order), contact = std::string(order.dispatch.contact)]() mutable {
        order.dispatch.contact = contact;
        owner.send(std::move(order.message), order.dispatch, std::move(order.handed_over),
                   std::move(order.finished));
      });
}

Delivery& MessageUac::acquire() {
  if (free_.empty()) return pool_.emplace_back(*this);
  auto& delivery = *free_.back();
  free_.pop_back();
  return delivery;
}

void MessageUac::release(Delivery& delivery) {
  octets_under_way_ -= delivery.octets();
  delivery.clear(free_.size() < warm_deliveries);
  free_.push_back(&delivery);
}

void MessageUac::look_up(Delivery& delivery) {
  resolver_.resolve(
      resolution_.host, [this, &delivery](const base::Result<net::Resolver::Addresses>& found) {
        // What was found once is looked for again.
        const auto kind =
            delivery.dispatch().delayed ? Refusal::Kind::unreachable : Refusal::Kind::failure;
        if (!found) return delivery.refuse({kind, found.error().text});
        if (auto refused = prepare_again(delivery)) return delivery.refuse(std::move(*refused));
        send_to(delivery, found->front().with_port(resolution_.port), true);
      });
}

sip::Transport* MessageUac::open_transport(const Configuration& configuration,
                                           Transport::Protocol protocol,
                                           const net::Address& to) const {
  const auto* resolved = resolution_.transport;
  if (resolved->protocol == protocol && resolved->bind.is_v6() == to.is_v6()) {
    return transports_.find(resolved->name);
  }
  const auto* chosen = choose_transport(configuration, *resolution_.endpoint, protocol, to);
  return chosen != nullptr ? transports_.find(chosen->name) : nullptr;
}

void MessageUac::send_to(Delivery& delivery, const net::Address& to, bool may_use_tcp) {
  using Protocol = Transport::Protocol;
  const auto& configuration = delivery.configuration();
  const auto protocol = resolution_.transport->protocol;
  auto* transport = open_transport(configuration, protocol, to);
  if (transport == nullptr) {
    return delivery.refuse(
        {Refusal::Kind::failure,
         fmt::format("no {} transport that is open reaches {}; one that was added to pjsip.conf"
                     " opens at the next start",
                     name_of(protocol), to.str())});
  }
  auto written = write(delivery, *transport, to);
  const bool large = written && delivery.request().text().size() > large_request;
  const bool switch_to_tcp = large && may_use_tcp && protocol == Protocol::udp &&
                             !resolution_.transport_chosen_by_uri &&
                             !configuration.system().disable_tcp_switch;
  auto* tcp = switch_to_tcp ? open_transport(configuration, Protocol::tcp, to) : nullptr;
  if (tcp != nullptr) {
    transport = tcp;
    written = write(delivery, *transport, to);
  }
  if (!written) return delivery.refuse({Refusal::Kind::invalid_uri, written.error().text});
  delivery.send(*transport, to, tcp != nullptr);
}

base::Result<void> MessageUac::write(Delivery& delivery, sip::Transport& transport,
                                     const net::Address& to) {
  return write_message({delivery.configuration(), delivery.message(), resolution_, headers_,
                        delivery.dispatch(), options_.contact_header, delivery.is_plain()},
                       transport.protocol(), transport.sent_by(to), random(), delivery.request());
}

void MessageUac::fall_back_to_udp(Delivery& delivery) {
  if (auto refused = prepare_again(delivery)) return delivery.refuse(std::move(*refused));
  send_to(delivery, delivery.destination(), false);
}

bool MessageUac::write_plain(Delivery& delivery) {
  if (prepare_again(delivery)) return false;
  return write(delivery, delivery.transport(), delivery.destination()).has_value();
}

}  // namespace missive::pjsip

#include "pjsip/notifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/text.h"
#include "pjsip/identity.h"
#include "pjsip/outgoing_headers.h"
#include "sip/chars.h"
#include "sip/packet.h"
#include "sip/uri.h"

namespace missive::pjsip {
namespace {

using base::iequals;
using base::printable;

// With their compact forms.
constexpr auto blocked_names = std::to_array<std::string_view>(
    {"Call-ID", "i", "Contact", "m", "CSeq", "To", "t", "From", "f", "Record-Route", "Route",
     "Request-URI", "Via", "v", "Content-Length", "l", "Max-Forwards", "Authorization",
     "Proxy-Authorization"});

bool is_blocked(std::string_view name) {
  return std::any_of(blocked_names.begin(), blocked_names.end(),
                     [name](std::string_view blocked) { return iequals(name, blocked); });
}

// What of an order is written, and where.
struct Parts {
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string content_type;
  std::string body;
};

base::Result<Parts> take_apart(const NotifyOrder& order) {
  Parts parts{.headers = {}, .content_type = order.content_type, .body = order.body};
  bool event = false;
  bool state = false;
  for (const auto& [name, value] : order.headers) {
    if (name.empty() || !sip::chars::all(name, sip::chars::token)) {
      return base::fail("'{}' is no header name; Event or X-Name would be right",
                        printable(name, 60));
    }
    if (base::has_control(value)) {
      return base::fail("header {}: the value holds a control character: '{}'", name,
                        printable(value, 80));
    }
    if (iequals(name, "Content")) {
      if (!parts.body.empty()) parts.body += "\r\n";
      parts.body += value;
    } else if (iequals(name, "Content-Type") || iequals(name, "c")) {
      parts.content_type = value;
    } else if (!is_blocked(name)) {
      event = event || iequals(name, "Event") || iequals(name, "o");
      state = state || iequals(name, "Subscription-State");
      parts.headers.emplace_back(name, value);
    }
  }
  if (!event) return base::fail("a NOTIFY needs an Event header, as in Event=check-sync");
  if (!state) parts.headers.emplace_back("Subscription-State", "terminated");
  if (parts.body.empty()) return parts;
  if (parts.content_type.empty()) {
    return base::fail("a NOTIFY with Content needs its Content-Type, as in text/plain");
  }
  if (!is_media_type(parts.content_type)) {
    return base::fail("Content-Type: '{}' is no media type such as text/plain",
                      printable(parts.content_type, 80));
  }
  return parts;
}

bool has_contact(const Endpoint& endpoint, const LocationService& locations) {
  return std::any_of(
      endpoint.configured_aors.begin(), endpoint.configured_aors.end(),
      [&locations](const Aor* aor) { return !locations.contacts(aor->name).empty(); });
}

// Who it is from where no endpoint is configured for that.
Endpoint nobody(const Configuration& configuration) {
  Endpoint made;
  made.name = configuration.global().default_from_user;
  return made;
}

}  // namespace

// One request to one place.
class Notifier::Sending final : private RequestAttempt::User {
 public:
  // `endpoint` of the configuration, or nullptr.
  Sending(Notifier& owner, Order order, const Endpoint* endpoint, std::string request_uri)
      : owner_(owner),
        configuration_(owner.configuration_),
        order_(std::move(order)),
        endpoint_(endpoint != nullptr ? *endpoint : nobody(*configuration_)),
        who_(fmt::format("endpoint '{}'", endpoint_.name)),
        request_uri_(std::move(request_uri)),
        attempt_(owner.means_, *this) {}

  base::Result<void> find_way(const Contact* contact) {
    auto parts = take_apart(*order_);
    if (!parts) return tl::unexpected(parts.error());
    parts_ = std::move(*parts);
    const auto uri = sip::parse_uri(request_uri_);
    if (!uri) return tl::unexpected(uri.error());
    return contact != nullptr
               ? hop_to_contact(*configuration_, *contact, *uri, endpoint_, route_, hop_)
               : hop_to_uri(*configuration_, *uri, endpoint_, route_, hop_);
  }
  // May be gone afterwards.
  void start() {
    attempt_.start({.configuration = configuration_.get(),
                    .hop = &hop_,
                    .outbound_auth = endpoint_.outbound_auth,
                    .who = who_,
                    .limit = std::nullopt,
                    .identity = std::nullopt});
  }

 private:
  base::Result<void> write(sip::Transport& transport, const net::Address& to,
                           const RequestIdentity& identity, sip::OutgoingRequest& out) override {
    const auto& own = transport.sent_by(to);
    sip::RequestWriter writer(out, sip::Method::NOTIFY, request_uri_);
    writer.via(transport.protocol(), own.host_port);
    if (auto from = append_from(writer.open("From"), "", endpoint_, own.host); !from) return from;
    writer.close(identity.from_tag());
    writer.header("To", fmt::format("<{}>", request_uri_));
    append_contact(writer.open("Contact"), endpoint_, own.host_port);
    writer.close();
    writer.header("Call-ID", identity.call_id());
    writer.cseq(identity.cseq);
    if (!route_.empty()) writer.header("Route", route_);
    write_rest(writer);
    return {};
  }

  void write_rest(sip::RequestWriter& writer) {
    const auto& global = configuration_->global();
    bool user_agent_given = global.user_agent.empty();
    for (const auto& header : parts_.headers) {
      user_agent_given = user_agent_given || iequals(header.first, "User-Agent");
      writer.header(header.first, header.second);
    }
    writer.number("Max-Forwards", global.max_forwards);
    if (!user_agent_given) writer.header("User-Agent", global.user_agent);
    if (parts_.body.empty()) return writer.no_body();
    writer.body(parts_.content_type, parts_.body);
  }

  void on_final_response(const sip::Packet& response) override {
    log::info("NOTIFY to {} was answered {} {}", request_uri_, response.status(),
              printable(response.reason(), 80));
    owner_.finish(*this);
  }
  void on_failure(const RequestAttempt::Failure& failure) override {
    log::info("NOTIFY to {} failed: {}", request_uri_, printable(failure.text));
    owner_.finish(*this);
  }

  Notifier& owner_;
  const std::shared_ptr<const Configuration> configuration_;
  const Order order_;
  const Endpoint endpoint_;  // a copy: it may be of no configuration
  const std::string who_;
  const std::string request_uri_;
  Parts parts_;  // views into the order
  std::string route_;
  NextHop hop_;
  RequestAttempt attempt_;
};

Notifier::Notifier(const RequestAttempt::Means& means, const LocationService& locations,
                   std::shared_ptr<const Configuration> configuration)
    : means_(means), locations_(locations), configuration_(std::move(configuration)) {}

Notifier::~Notifier() = default;

base::Result<void> Notifier::check(const Configuration& configuration,
                                   const LocationService& locations, const NotifyOrder& order) {
  if (order.endpoint.empty() == order.uri.empty()) {
    return base::fail("a NOTIFY goes either to an endpoint or to a URI");
  }
  if (!order.uri.empty()) {
    const auto uri = sip::parse_uri(order.uri);
    if (!uri) return base::fail("'{}': {}", printable(order.uri, 120), uri.error().text);
    if (!uri->sip()) return base::fail("'{}' is no SIP URI", printable(order.uri, 120));
  } else {
    const auto* endpoint = configuration.endpoint(order.endpoint);
    if (endpoint == nullptr) {
      return base::fail("endpoint '{}' not found", printable(order.endpoint, 80));
    }
    if (!has_contact(*endpoint, locations)) {
      return base::fail("endpoint '{}' has no contact to send to", endpoint->name);
    }
  }
  if (const auto parts = take_apart(order); !parts) return tl::unexpected(parts.error());
  return {};
}

void Notifier::send(NotifyOrder order) {
  if (const auto good = check(*configuration_, locations_, order); !good) {
    return log::info("NOTIFY is not sent: {}", good.error().text);
  }
  for (const auto& header : order.headers) {
    if (!is_blocked(header.first)) continue;
    log::info("NOTIFY: header '{}' is not sent: the server writes that one itself", header.first);
  }
  const auto kept = std::make_shared<const NotifyOrder>(std::move(order));
  if (!kept->uri.empty()) return send_to_uri(kept);
  const auto* endpoint = configuration_->endpoint(kept->endpoint);
  for (const auto* aor : endpoint->configured_aors) {
    for (const auto& known : locations_.contacts(aor->name)) send_to(kept, known.contact);
  }
}

void Notifier::send_to(const Order& order, const std::shared_ptr<const Contact>& contact) {
  const auto home = means_.transactions.shard().index();
  const auto shard = contact->flow ? contact->flow->shard : home;
  if (shard != home) {
    auto& other = *all_.at(shard);
    return other.means_.transactions.shard().post(
        [&other, order, contact] { other.send_to(order, contact); });
  }
  const auto* endpoint = configuration_->endpoint(order->endpoint);
  auto sending = std::make_unique<Sending>(*this, order, endpoint, contact->uri);
  if (const auto found = sending->find_way(contact.get()); !found) {
    return log::info("NOTIFY to {} is not sent: {}", contact->uri, found.error().text);
  }
  start(std::move(sending));
}

void Notifier::send_to_uri(const Order& order) {
  auto sending = std::make_unique<Sending>(*this, order,
                                           configuration_->default_outbound_endpoint(), order->uri);
  if (const auto found = sending->find_way(nullptr); !found) {
    return log::info("NOTIFY to {} is not sent: {}", printable(order->uri), found.error().text);
  }
  start(std::move(sending));
}

void Notifier::start(std::unique_ptr<Sending> sending) {
  auto& started = *sending;
  sendings_.emplace(&started, std::move(sending));
  started.start();
}

void Notifier::finish(Sending& sending) { sendings_.erase(&sending); }

}  // namespace missive::pjsip

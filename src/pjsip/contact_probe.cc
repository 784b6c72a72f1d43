#include "pjsip/contact_probe.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "pjsip/identity.h"
#include "sip/packet.h"

namespace missive::pjsip {
namespace {

const Endpoint& endpoint_of(const Configuration& configuration, const Contact& contact) {
  static const Endpoint nobody;  // of a contact whose endpoint is not configured any more
  const auto* endpoint = configuration.endpoint(contact.endpoint);
  return endpoint != nullptr ? *endpoint : nobody;
}

}  // namespace

ContactProbe::ContactProbe(const Means& means, std::shared_ptr<const Configuration> configuration,
                           std::shared_ptr<const Contact> contact, Done done)
    : shard_(means.transactions.shard()),
      configuration_(std::move(configuration)),
      contact_(std::move(contact)),
      endpoint_(endpoint_of(*configuration_, *contact_)),
      aor_(configuration_->aor(contact_->aor)),
      who_(fmt::format("endpoint '{}'", endpoint_.name)),
      done_(std::move(done)),
      attempt_(means, *this) {}

void ContactProbe::start() {
  const auto uri = sip::parse_uri(contact_->uri);
  if (!uri) return unreachable(uri.error().text);
  NextHop hop;
  const auto found = hop_to_contact(*configuration_, *contact_, *uri, endpoint_, route_, hop);
  if (!found) return unreachable(found.error().text);
  RequestAttempt::Order order{.configuration = configuration_.get(),
                              .hop = &hop,
                              .outbound_auth = {},
                              .who = who_,
                              .limit = std::nullopt,
                              .identity = std::nullopt};
  if (aor_ != nullptr && aor_->authenticate_qualify) order.outbound_auth = endpoint_.outbound_auth;
  if (aor_ != nullptr && aor_->qualify_timeout.count() > 0) {
    order.limit = std::min<base::Duration>(aor_->qualify_timeout, attempt_.default_limit());
  }
  attempt_.start(order);
}

base::Result<void> ContactProbe::write(sip::Transport& transport, const net::Address& to,
                                       const RequestIdentity& identity, sip::OutgoingRequest& out) {
  const auto& own = transport.sent_by(to);
  sip::RequestWriter writer(out, sip::Method::OPTIONS, contact_->uri);
  writer.via(transport.protocol(), own.host_port);
  // Without a text it cannot fail.
  static_cast<void>(append_from(writer.open("From"), "", endpoint_, own.host));
  writer.close(identity.from_tag());
  writer.header("To", fmt::format("<{}>", contact_->uri));
  append_contact(writer.open("Contact"), endpoint_, own.host_port);
  writer.close();
  writer.header("Call-ID", identity.call_id());
  writer.cseq(identity.cseq);
  if (!route_.empty()) writer.header("Route", route_);
  const auto& global = configuration_->global();
  writer.number("Max-Forwards", global.max_forwards);
  if (!global.user_agent.empty()) writer.header("User-Agent", global.user_agent);
  writer.no_body();
  return {};
}

void ContactProbe::on_final_response(const sip::Packet& response) {
  const int code = response.status();
  if (aor_ != nullptr && aor_->qualify_2xx_only && code >= 300) {
    return unreachable(fmt::format("answered {}", code));
  }
  reachable();
}

void ContactProbe::on_failure(const RequestAttempt::Failure& failure) {
  if (failure.kind == RequestAttempt::Failure::Kind::busy) {
    log::debug("contact '{}' of AOR '{}' not asked: {}", contact_->uri, contact_->aor,
               failure.text);
    return finish(std::nullopt);
  }
  const bool only_2xx = aor_ != nullptr && aor_->qualify_2xx_only;
  if (attempt_.turned_away() && !only_2xx) return reachable();  // one server of several answered
  unreachable(failure.text);
}

void ContactProbe::reachable() {
  const auto took = shard_.now() - attempt_.asked_at();
  finish(ContactStatus{Reachability::reachable,
                       std::chrono::duration_cast<std::chrono::microseconds>(took)});
}

void ContactProbe::unreachable(std::string_view why) {
  log::debug("contact '{}' of AOR '{}' is unreachable: {}", contact_->uri, contact_->aor,
             base::printable(why));
  finish(ContactStatus{Reachability::unreachable, {}});
}

void ContactProbe::finish(const std::optional<ContactStatus>& status) {
  auto done = std::move(done_);
  done(status);  // may destroy this
}

}  // namespace missive::pjsip

#include "pjsip/contact_probe.h"

#include <array>

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
    : means_(means),
      configuration_(std::move(configuration)),
      contact_(std::move(contact)),
      endpoint_(endpoint_of(*configuration_, *contact_)),
      aor_(configuration_->aor(contact_->aor)),
      done_(std::move(done)),
      transaction_(*this) {}

void ContactProbe::start() {
  auto& shard = means_.transactions.shard();
  sent_ = shard.now();
  if (aor_ != nullptr && aor_->qualify_timeout.count() > 0) {
    shard.arm(*this, aor_->qualify_timeout);
  }
  auto hop = hop_to(*configuration_, *contact_, endpoint_);
  if (!hop) return unreachable(hop.error().text);
  hop_ = std::move(*hop);
  if (hop_.address) return send_to(*hop_.address);
  self_ = std::make_shared<ContactProbe*>(this);
  const auto host = hop_.host;  // the answer may come at once, and end this
  means_.resolver.resolve(
      host, [self = std::weak_ptr(self_)](const base::Result<net::Resolver::Addresses>& found) {
        const auto alive = self.lock();
        if (!alive) return;
        auto& probe = **alive;
        if (!found) return probe.unreachable(found.error().text);
        probe.send_to(found->front().with_port(probe.hop_.port));
      });
}

void ContactProbe::send_to(const net::Address& to) {
  const auto* chosen = transport_of(*configuration_, *contact_, endpoint_, hop_, to);
  transport_ = chosen != nullptr ? means_.transports.find(chosen->name) : nullptr;
  if (transport_ == nullptr) {
    return unreachable(fmt::format("no transport that is open reaches {}", to.str()));
  }
  to_ = to;
  write(*transport_, to);
  start_transaction();
}

void ContactProbe::write(sip::Transport& transport, const net::Address& to) {
  auto& random = means_.transactions.shard().random();
  const auto& own = transport.sent_by(to);
  sip::RequestWriter writer(request_, sip::Method::OPTIONS, contact_->uri);
  writer.via(transport.protocol(), own.host_port);
  std::array<char, 36> token;
  random.write_token(token.data(), token.size());
  const std::string_view unique(token.data(), token.size());
  // Without a text it cannot fail.
  static_cast<void>(append_from(writer.open("From"), "", endpoint_, own.host));
  writer.close(unique.substr(0, 12));
  writer.header("To", fmt::format("<{}>", contact_->uri));
  append_contact(writer.open("Contact"), endpoint_, own.host_port);
  writer.close();
  writer.header("Call-ID", unique.substr(12));
  writer.cseq(10000 + static_cast<std::uint32_t>(random.below(50000)));
  if (!hop_.route.empty()) writer.header("Route", hop_.route);
  const auto& global = configuration_->global();
  writer.number("Max-Forwards", global.max_forwards);
  if (!global.user_agent.empty()) writer.header("User-Agent", global.user_agent);
  // The writer's body() would name a type of what is not there.
  writer.open("Content-Length") += "0\r\n\r\n";
}

void ContactProbe::start_transaction() {
  sent_ = means_.transactions.shard().now();
  const auto started = transaction_.start(means_.transactions, request_, *transport_, to_);
  if (started) return;
  log::debug("contact '{}' of AOR '{}' not asked: {}", contact_->uri, contact_->aor,
             started.error().text);
  finish(std::nullopt);
}

void ContactProbe::on_final_response(const sip::Packet& response) {
  const int code = response.status();
  const bool challenged = code == 401 || code == 407;
  if (challenged && aor_ != nullptr && aor_->authenticate_qualify && answer_challenge(response)) {
    return;
  }
  if (aor_ != nullptr && aor_->qualify_2xx_only && code >= 300) {
    return unreachable(fmt::format("answered {}", code));
  }
  const auto took = means_.transactions.shard().now() - sent_;
  finish(ContactStatus{Reachability::reachable,
                       std::chrono::duration_cast<std::chrono::microseconds>(took)});
}

bool ContactProbe::answer_challenge(const sip::Packet& response) {
  if (!auth_) auth_.emplace(*configuration_, endpoint_);
  // The digest is over method, URI and body: the same of this one, which has an empty body.
  sip::OutgoingRequest digested;
  sip::RequestWriter(digested, sip::Method::OPTIONS, contact_->uri).body("text/plain", "");
  const auto credentials = auth_->answer(response, digested, means_.transactions.shard().random());
  if (!credentials) {
    log::info("OPTIONS to '{}': {}", contact_->uri, credentials.error().text);
    return false;
  }
  request_.retry_with(*credentials);
  start_transaction();
  return true;
}

void ContactProbe::unreachable(std::string_view why) {
  log::debug("contact '{}' of AOR '{}' is unreachable: {}", contact_->uri, contact_->aor,
             base::printable(why));
  finish(ContactStatus{Reachability::unreachable, {}});
}

void ContactProbe::finish(const std::optional<ContactStatus>& status) {
  cancel();
  transaction_.stop();
  auto done = std::move(done_);
  done(status);  // may destroy this
}

}  // namespace missive::pjsip

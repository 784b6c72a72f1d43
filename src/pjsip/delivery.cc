#include "pjsip/delivery.h"

#include "base/text.h"
#include "pjsip/message_uac.h"
#include "pjsip/response_class.h"
#include "sip/packet.h"

namespace missive::pjsip {
namespace {

using message::Attempted;
using message::Refusal;
using message::Status;
using Kind = RequestAttempt::Failure::Kind;

constexpr int use_proxy = 305;

// `Retry-After: 18000;duration=3600 (in a meeting)`; 0: not said.
std::chrono::seconds retry_after_of(const sip::Packet& response) {
  auto value = base::trim(response.value(sip::HeaderId::RetryAfter));
  value = value.substr(0, value.find_first_not_of("0123456789"));
  const auto number = base::parse_number<std::uint32_t>(value);
  return std::chrono::seconds{number.value_or(0)};
}

Attempted failed(int code, std::string_view text, bool passing) {
  return {.status = {.state = Status::State::failed, .response_code = code, .response_text = text},
          .passing = passing};
}

// Of what did not leave. `delayed`: it was accepted earlier, so nobody is there to be told that its
// host is not to be found.
Refusal::Kind refusal_kind_of(Kind kind, bool delayed) {
  switch (kind) {
    case Kind::not_found:
      return delayed ? Refusal::Kind::unreachable : Refusal::Kind::failure;
    case Kind::unwritable:
      return Refusal::Kind::invalid_uri;
    case Kind::no_transport:
    case Kind::too_large:
      return Refusal::Kind::failure;
    case Kind::no_answer:
    case Kind::unreachable:
    case Kind::timeout:
    case Kind::busy:
      break;
  }
  return Refusal::Kind::unreachable;
}

bool follows(const Endpoint& endpoint, int code) {
  if (code == use_proxy) return false;
  return endpoint.follows_redirects("MESSAGE") || endpoint.redirect_method == "uri_pjsip";
}

// "Moved Temporarily to sip:a@b: not followed (...)"
std::string not_followed(const sip::Packet& response) {
  auto text = base::printable(response.reason(), 120);
  if (const auto contact = first_contact_of(response); !contact.empty()) {
    text.append(" to ").append(contact);
  }
  return text.append(response.status() == use_proxy
                         ? ": not followed (a proxy is chosen by outbound_proxy)"
                         : ": not followed (follow_redirect_methods does not contain message)");
}

}  // namespace

Delivery::Delivery(MessageUac& uac) : uac_(uac), attempt_(uac.means(), *this) {}

void Delivery::begin(Order order, std::shared_ptr<const Configuration> configuration,
                     const Resolution& resolution) {
  order_ = std::move(order);
  octets_ = order_.message->body().size();
  configuration_ = std::move(configuration);
  endpoint_ = resolution.endpoint;
  contact_ = resolution.contact;
  if (!endpoint_->outbound_auth.empty()) {
    who_.assign("endpoint '").append(endpoint_->name).append("'");
  }
  const auto& transactions = uac_.means().transactions;
  deadline_ = uac_.now() + transactions.timers().timer_f;
  start(resolution.hop, std::nullopt);
}

void Delivery::start(const NextHop& hop, std::optional<base::Duration> limit) {
  RequestAttempt::Order order{.configuration = configuration_.get(),
                              .hop = &hop,
                              .outbound_auth = endpoint_->outbound_auth,
                              .who = who_,
                              .limit = limit,
                              .identity = std::nullopt};
  if (redirects_) {
    order.identity = attempt_.identity();
    ++order.identity->cseq;
  }
  attempt_.start(order);
}

void Delivery::clear(bool keep_memory) {
  constexpr std::size_t worth_keeping = 8 << 10;
  attempt_.stop();
  order_ = {};
  configuration_.reset();
  contact_.reset();
  redirects_.reset();
  plain_ = false;
  if (!keep_memory || attempt_.request().text().size() > worth_keeping) attempt_.shrink();
}

void Delivery::abandon() {
  attempt_.stop();
  auto reason = fmt::format("contact '{}' was removed before it answered", contact_->uri);
  if (order_.handed_over) return refuse({Refusal::Kind::unreachable, std::move(reason)});
  auto attempted = failed(503, reason, true);
  attempted.contact_gone = true;
  conclude(std::move(attempted));
}

void Delivery::refuse(Refusal refusal) {
  auto handed_over = std::move(order_.handed_over);
  uac_.release(*this);
  handed_over(std::move(refusal));
}

std::string_view Delivery::redirected_to() const {
  return redirects_ ? std::string_view(redirects_->current()) : std::string_view();
}

base::Result<void> Delivery::write(sip::Transport& transport, const net::Address& to,
                                   const RequestIdentity& identity, sip::OutgoingRequest& out) {
  return uac_.write(*this, transport, to, identity, out);
}

void Delivery::on_request_sent() {
  if (!order_.handed_over) return;  // not for the first time
  auto handed_over = std::move(order_.handed_over);
  handed_over(std::nullopt);
}

void Delivery::on_final_response(const sip::Packet& response) {
  const int code = response.status();
  const auto retry_after = retry_after_of(response);
  const bool may_retry = retry_after.count() > 0;
  const auto verdict = judge(code, may_retry);
  if (verdict == Verdict::plain_again && fall_back_to_plain()) return;
  if (verdict == Verdict::redirect) return on_redirect(response);
  conclude({.status = {.state = state_of(code),
                       .response_code = code,
                       .response_text = response.reason()},
            .passing = is_passing(code, may_retry),
            .retry_after = retry_after});
}

// The text goes without asking for a receipt where message/cpim is not understood.
bool Delivery::fall_back_to_plain() {
  if (!message().wants_receipt() || std::exchange(plain_, true)) return false;
  attempt_.again();
  return true;
}

void Delivery::on_redirect(const sip::Packet& response) {
  const int code = response.status();
  if (!follows(*endpoint_, code)) return conclude(failed(code, not_followed(response), false));
  if (!redirects_) redirects_ = std::make_unique<Redirects>(attempt_.request().request_uri());
  std::string text;
  if (const auto taken = redirects_->take(response); !taken) {
    text = fmt::format("{}: not followed: {}", base::printable(response.reason(), 120),
                       taken.error().text);
    return conclude(failed(code, text, false));
  }
  if (follow_next()) return;
  text = fmt::format("{}: not followed: {} contacts were tried",
                     base::printable(response.reason(), 120), Redirects::max_contacts);
  conclude(failed(code, text, false));
}

// On to the next contact of the redirects; false: there is none.
bool Delivery::follow_next() {
  const auto left = static_cast<long>(redirects_->left());
  const auto time = deadline_ - uac_.now();
  if (time <= base::Duration::zero() || !redirects_->next()) return false;
  const auto hop = uac_.redirect(*this);
  if (hop) {
    start(**hop, time / left);
  } else {
    conclude(failed(503, hop.error().text, false));
  }
  return true;
}

void Delivery::on_failure(const Failure& failure) {
  if (order_.handed_over) {
    return refuse({refusal_kind_of(failure.kind, order_.dispatch.delayed), failure.text});
  }
  const int code = failure.kind == Kind::timeout ? 408 : 503;
  const bool passing = refusal_kind_of(failure.kind, true) == Refusal::Kind::unreachable;
  conclude(failed(code, failure.text, passing));
}

// An outcome, unless a redirect has named another contact.
void Delivery::conclude(Attempted attempted) {
  if (!redirects_) {
    attempted.status.contact = attempt_.request().request_uri();
    return finish(attempted);
  }
  attempted.status.contact = redirects_->current();
  const auto& status = attempted.status;
  if (message::is_success(status.state) || ends_search(status.response_code)) {
    return finish(attempted);
  }
  redirects_->keep(attempted);
  if (!follow_next()) finish(redirects_->best().attempted());
}

void Delivery::finish(const Attempted& attempted) {
  auto finished = std::move(order_.finished);
  // Its texts are in the request, the response and here, which stay until it is told.
  if (finished) finished(attempted);
  uac_.release(*this);
}

}  // namespace missive::pjsip

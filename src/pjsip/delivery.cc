#include "pjsip/delivery.h"

#include "base/log.h"
#include "base/text.h"
#include "pjsip/message_uac.h"
#include "pjsip/response_class.h"
#include "sip/packet.h"

namespace missive::pjsip {
namespace {

using message::Attempted;
using message::Refusal;
using message::Status;

// The payload of UDP over IPv4 (RFC 768, RFC 791).
constexpr std::size_t largest_datagram = 65'507;

// `Retry-After: 18000;duration=3600 (in a meeting)`; 0: not said.
std::chrono::seconds retry_after_of(const sip::Packet& response) {
  auto value = base::trim(response.value(sip::HeaderId::RetryAfter));
  value = value.substr(0, value.find_first_not_of("0123456789"));
  const auto number = base::parse_number<std::uint32_t>(value);
  return std::chrono::seconds{number.value_or(0)};
}

Attempted failed(int code, std::string_view text) {
  return {.status = {.state = Status::State::failed, .response_code = code, .response_text = text},
          .passing = is_passing(code)};
}

}  // namespace

void Delivery::begin(Order order, std::shared_ptr<const Configuration> configuration,
                     const Resolution& resolution) {
  order_ = std::move(order);
  octets_ = order_.message->body().size();
  configuration_ = std::move(configuration);
  endpoint_ = resolution.endpoint;
  contact_ = resolution.contact;
}

void Delivery::clear(bool keep_memory) {
  constexpr std::size_t worth_keeping = 8 << 10;
  order_ = {};
  configuration_.reset();
  contact_.reset();
  auth_.reset();
  plain_ = false;
  if (!keep_memory || request_.text().size() > worth_keeping) request_ = {};
}

void Delivery::send(sip::Transport& transport, const net::Address& to, bool may_fall_back) {
  transport_ = &transport;
  to_ = to;
  may_fall_back_ = may_fall_back;
  start();
}

void Delivery::start() {
  if (auto started = transaction_.start(uac_.transactions(), request_, *transport_, to_);
      !started) {
    on_send_error(started.error());
  }
}

void Delivery::refuse(Refusal refusal) {
  auto handed_over = std::move(order_.handed_over);
  uac_.release(*this);
  handed_over(std::move(refusal));
}

void Delivery::on_request_sent() {
  if (!order_.handed_over) return;  // a retry with credentials
  auto handed_over = std::move(order_.handed_over);
  handed_over(std::nullopt);
}

void Delivery::on_final_response(const sip::Packet& response) {
  on_request_sent();  // an answer can only mean that it left
  const int code = response.status();
  if ((code == 401 || code == 407) && answer_challenge(response)) return;
  if (fall_back_to_plain(code)) return;
  finish({.status = {.state = state_of(code),
                     .response_code = code,
                     .response_text = response.reason()},
          .passing = is_passing(code),
          .retry_after = retry_after_of(response)});
}

bool Delivery::answer_challenge(const sip::Packet& response) {
  if (!auth_) auth_.emplace(*configuration_, *endpoint_);
  const auto credentials = auth_->answer(response, request_, uac_.random());
  if (!credentials) {
    log::info("message {}: {}", message().id(), credentials.error().text);
    return false;
  }
  request_.retry_with(*credentials);
  start();
  return true;
}

// The text goes without asking for a receipt where message/cpim is not understood.
bool Delivery::fall_back_to_plain(int code) {
  if (code != 406 && code != 415 && code != 488) return false;
  if (!message().wants_receipt() || std::exchange(plain_, true)) return false;
  auth_.reset();
  if (!uac_.write_plain(*this)) return false;
  start();
  return true;
}

void Delivery::on_timeout() {
  if (order_.handed_over) {
    return refuse({Refusal::Kind::unreachable, "it could not leave in time"});
  }
  finish(failed(408, "no answer"));
}

void Delivery::on_send_error(const base::Error& error) {
  if (std::exchange(may_fall_back_, false) && order_.handed_over) {
    return uac_.fall_back_to_udp(*this);
  }
  // More than a datagram can hold will not get smaller.
  const bool too_large = !transport_->reliable() && request_.text().size() > largest_datagram;
  const auto kind = too_large ? Refusal::Kind::failure : Refusal::Kind::unreachable;
  if (order_.handed_over) return refuse({kind, error.text});
  finish(failed(503, error.text));
}

void Delivery::finish(Attempted attempted) {
  attempted.status.contact = request_.request_uri();
  auto finished = std::move(order_.finished);
  // Its texts are in the request and the response, which stay until it is told.
  if (finished) finished(attempted);
  uac_.release(*this);
}

}  // namespace missive::pjsip

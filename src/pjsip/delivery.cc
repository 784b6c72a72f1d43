#include "pjsip/delivery.h"

#include "base/log.h"
#include "base/text.h"
#include "pjsip/message_uac.h"
#include "sip/packet.h"

namespace missive::pjsip {

using message::Refusal;
using message::Status;

void Delivery::begin(std::shared_ptr<const message::Message> message,
                     message::HandedOver handed_over,
                     std::shared_ptr<const Configuration> configuration,
                     const Resolution& resolution) {
  message_ = std::move(message);
  octets_ = message_->body().size();
  handed_over_ = std::move(handed_over);
  configuration_ = std::move(configuration);
  endpoint_ = resolution.endpoint;
  contact_ = resolution.contact;
}

void Delivery::clear(bool keep_memory) {
  constexpr std::size_t worth_keeping = 8 << 10;
  message_.reset();
  handed_over_.reset();
  configuration_.reset();
  contact_.reset();
  auth_.reset();
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
  // Nobody is told of a message that was never accepted but the one who asked.
  auto handed_over = std::move(handed_over_);
  uac_.release(*this);
  handed_over(refusal);
}

void Delivery::on_request_sent() {
  if (!handed_over_) return;  // a retry with credentials
  auto handed_over = std::move(handed_over_);
  handed_over(std::nullopt);
}

void Delivery::on_final_response(const sip::Packet& response) {
  on_request_sent();  // an answer can only mean that it left
  const int code = response.status();
  if ((code == 401 || code == 407) && answer_challenge(response)) return;
  finish({.state = code < 300 ? Status::State::delivered : Status::State::failed,
          .response_code = code,
          .response_text = response.reason()});
}

bool Delivery::answer_challenge(const sip::Packet& response) {
  if (!auth_) auth_.emplace(*configuration_, *endpoint_);
  const auto credentials = auth_->answer(response, request_, uac_.random());
  if (!credentials) {
    log::info("message {}: {}", message_->id(), credentials.error().text);
    return false;
  }
  request_.retry_with(*credentials);
  start();
  return true;
}

void Delivery::on_timeout() {
  if (handed_over_) return refuse({Refusal::Kind::failure, "it could not leave in time"});
  finish({.state = Status::State::failed, .response_code = 408, .response_text = "no answer"});
}

void Delivery::on_send_error(const base::Error& error) {
  if (std::exchange(may_fall_back_, false) && handed_over_) return uac_.fall_back_to_udp(*this);
  if (handed_over_) return refuse({Refusal::Kind::failure, error.text});
  finish({.state = Status::State::failed, .response_code = 503, .response_text = error.text});
}

void Delivery::finish(const Status& outcome) {
  auto status = outcome;
  status.contact = request_.request_uri();
  if (status.state == Status::State::failed) {
    log::info("message {} to {} failed: {} {}", message_->id(), message_->destination(),
              status.response_code, base::printable(status.response_text));
  }
  uac_.report(*message_, status);
  uac_.release(*this);
}

}  // namespace missive::pjsip

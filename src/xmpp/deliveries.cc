#include "xmpp/deliveries.h"

#include <utility>

#include "xmpp/jid.h"

namespace missive::xmpp {

using message::Acceptance;
using message::Attempted;
using message::Refusal;

Deliveries::~Deliveries() {
  while (!orders_.empty()) {
    const auto id = orders_.begin()->first;
    fail(id, 503, "the account was closed before the server confirmed the message", true);
  }
}

void Deliveries::refuse(Order order, std::string reason) {
  auto& home = *order.home;
  home.post([handed_over = std::move(order.handed_over), reason = std::move(reason)]() mutable {
    handed_over(Refusal{Refusal::Kind::unreachable, std::move(reason)});
  });
}

void Deliveries::begin(Order order) {
  order.home->post(
      [handed_over = std::move(order.handed_over)]() mutable { handed_over(Acceptance{}); });
  auto id = order.text.id;
  orders_.insert_or_assign(std::move(id), std::move(order));
}

bool Deliveries::is_to(const std::string& id, const std::string& bare) const {
  const auto found = orders_.find(id);
  if (found == orders_.end()) return false;
  const auto to = Jid::parse(found->second.text.to);
  return to && to->bare() == bare;
}

bool Deliveries::is_in(const std::string& id, const std::string& domain) const {
  const auto found = orders_.find(id);
  if (found == orders_.end()) return false;
  const auto to = Jid::parse(found->second.text.to);
  return to && to->domain == domain;
}

bool Deliveries::succeed(const std::string& id, message::Status::State state, std::string contact) {
  const auto found = orders_.find(id);
  if (found != orders_.end() && !contact.empty()) found->second.text.to = std::move(contact);
  return finish(id, state, 0, {}, false);
}

bool Deliveries::fail(const std::string& id, int code, std::string text, bool passing) {
  return finish(id, message::Status::State::failed, code, std::move(text), passing);
}

bool Deliveries::finish(const std::string& id, message::Status::State state, int code,
                        std::string text, bool passing) {
  const auto found = orders_.find(id);
  if (found == orders_.end()) return false;
  auto order = std::move(found->second);
  orders_.erase(found);
  auto& home = *order.home;
  home.post([finished = std::move(order.finished), state, code, text = std::move(text), passing,
             contact = std::move(order.text.to)]() mutable {
    if (!finished) return;
    finished(Attempted{.status = {.state = state,
                                  .response_code = code,
                                  .response_text = text,
                                  .contact = contact},
                       .passing = passing});
  });
  return true;
}

}  // namespace missive::xmpp

#include "pjsip/message_terms.h"

namespace missive::pjsip {
namespace {

const Aor* first_aor(const Endpoint& endpoint) {
  return endpoint.configured_aors.empty() ? nullptr : endpoint.configured_aors.front();
}

}  // namespace

void take_terms(const Endpoint& endpoint, const Aor* aor, message::Terms& terms) {
  auto store = endpoint.message_store;
  auto expiry = endpoint.message_expiry;
  if (aor != nullptr && aor->message_store) store = aor->message_store;
  if (aor != nullptr && aor->message_expiry) expiry = aor->message_expiry;
  terms.may_wait = store.value_or(true);
  terms.expiry = expiry.value_or(std::chrono::seconds{0});
}

void take_terms(const Resolution& resolution, message::Terms& terms) {
  if (resolution.endpoint == nullptr) return;
  const auto& endpoint = *resolution.endpoint;
  const auto* aor = resolution.by_aors ? first_aor(endpoint) : resolution.named_aor;
  take_terms(endpoint, aor, terms);
}

}  // namespace missive::pjsip

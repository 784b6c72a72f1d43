#include "dialplan/message_state.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace missive::dialplan {
namespace {

using base::iequals;

// What the incoming message's headers say of its own way here: never true of another message.
bool is_of_this_hop(std::string_view name) {
  static constexpr std::array<std::string_view, 20> names{
      "Via", "v",       "Route",       "Record-Route",  "To",
      "t",   "From",    "f",           "Contact",       "m",
      "i",   "Call-ID", "CSeq",        "Max-Forwards",  "Content-Length",
      "l",   "Allow",   "Request-URI", "Authorization", "Proxy-Authorization"};
  return base::istarts_with(name, "PJSIP_") || base::istarts_with(name, "SIP_") ||
         std::any_of(names.begin(), names.end(),
                     [name](std::string_view hop) { return iequals(hop, name); });
}

}  // namespace

MessageState::MessageState(std::shared_ptr<const message::Incoming> incoming)
    : incoming_(std::move(incoming)) {}

MessageState::Datum* MessageState::find(std::string_view name) {
  const auto found = std::find_if(written_.begin(), written_.end(),
                                  [name](const Datum& datum) { return iequals(datum.name, name); });
  return found == written_.end() ? nullptr : &*found;
}

std::optional<std::string_view> MessageState::datum(std::string_view name) const {
  for (const auto& datum : written_) {
    if (!iequals(datum.name, name)) continue;
    if (datum.removed) return std::nullopt;
    return datum.value;
  }
  return incoming_->datum(name);
}

void MessageState::set_datum(std::string_view name, std::string value) {
  auto* datum = find(name);
  if (datum == nullptr) {
    written_.push_back(Datum{std::string(name), {}, false, false});
    datum = &written_.back();
  }
  datum->removed = value.empty();
  datum->outbound = !value.empty();
  datum->value = std::move(value);
}

void MessageState::mark_all_outbound() {
  received_outbound_ = true;
  for (auto& datum : written_) datum.outbound = !datum.removed;
}

void MessageState::clear_all_outbound() {
  received_outbound_ = false;
  for (auto& datum : written_) datum.outbound = false;
}

void MessageState::outbound(std::vector<message::Variable>& out) const {
  if (received_outbound_) {
    for (const auto& received : incoming_->data()) {
      const bool replaced = std::any_of(written_.begin(), written_.end(), [&](const Datum& datum) {
        return iequals(datum.name, received.name);
      });
      if (!replaced && !is_of_this_hop(received.name)) out.push_back(received);
    }
  }
  for (const auto& datum : written_) {
    if (datum.outbound) out.push_back({datum.name, datum.value});
  }
}

}  // namespace missive::dialplan

// PJSIPQualify, PJSIPNotify, PJSIPHangup.
//
// Texts are Asterisk's; Reason is ours and says why an order cannot be carried out. Source:
// Asterisk documentation, AMI actions of these names, pjsip_notify.conf.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ami/actions/handlers.h"
#include "ami/notify_variables.h"
#include "ami/wire.h"
#include "base/text.h"
#include "pjsip/operations.h"

namespace missive::ami {
namespace {

constexpr std::string_view no_pjsip = "there is no pjsip.conf in force";

// "PJSIP/alice" and "alice" alike.
std::string_view endpoint_named(std::string_view text) {
  for (const std::string_view prefix : {"PJSIP/", "SIP/"}) {
    if (base::istarts_with(text, prefix)) return text.substr(prefix.size());
  }
  return text;
}

bool is_one(const ActionView& action) {
  constexpr auto names = std::to_array<std::string_view>({"Endpoint", "URI", "Channel"});
  return std::count_if(names.begin(), names.end(), [&action](std::string_view name) {
           return !action.header(name).empty();
         }) == 1;
}

// What the NOTIFY says: the Option of pjsip_notify.conf, then the Variables.
base::Result<void> read_content(Session& session, const ActionView& action,
                                const pjsip::Configuration& configuration,
                                pjsip::NotifyOrder& order) {
  const auto name = action.header("Option");
  if (name.empty() && !action.has("Variable")) {
    return base::fail("neither Option nor Variable says what to send");
  }
  if (!name.empty()) {
    const auto* option = configuration.notify_option(name);
    if (option == nullptr) {
      return base::fail("pjsip_notify.conf has no section [{}]", base::printable(name, 80));
    }
    order.headers = option->headers;
  }
  return read_variables(session.environment().variables, action, order);
}

}  // namespace

void actions::pjsip_qualify(Session& session, const ActionView& action) {
  const auto name = action.header("Endpoint");
  if (name.empty()) return session.refuse(action, "Endpoint parameter missing.");
  auto* operations = session.environment().shared.pjsip;
  const auto configuration = operations != nullptr ? operations->configuration() : nullptr;
  const auto* endpoint = configuration != nullptr ? configuration->endpoint(name) : nullptr;
  if (endpoint == nullptr) return session.refuse(action, "Unable to retrieve endpoint");
  if (endpoint->aors.empty()) return session.refuse(action, "No AoRs configured for endpoint");
  if (const auto done = operations->qualify(name); !done) {
    return append_failure(session.output(), action.id(), "Endpoint not qualified",
                          done.error().text);
  }
  session.acknowledge(action, "Endpoint found, will qualify");
}

void actions::pjsip_notify(Session& session, const ActionView& action) {
  if (!is_one(action)) {
    return session.refuse(action,
                          "PJSIPNotify requires either an endpoint name, a SIP URI, or a channel.  "
                          "You must use only one of them.");
  }
  // There are no dialogs that a channel could stand for.
  if (!action.header("Channel").empty()) return session.refuse(action, "Channel not found");
  auto* operations = session.environment().shared.pjsip;
  if (operations == nullptr) {
    return append_failure(session.output(), action.id(), "NOTIFY not sent", no_pjsip);
  }
  const auto configuration = operations->configuration();
  pjsip::NotifyOrder order;
  order.endpoint = endpoint_named(action.header("Endpoint"));
  order.uri = action.header("URI");
  if (!order.endpoint.empty() && configuration->endpoint(order.endpoint) == nullptr) {
    return session.refuse(action, fmt::format("Unable to retrieve endpoint {}", order.endpoint));
  }
  auto done = read_content(session, action, *configuration, order);
  if (done) done = operations->notify(std::move(order));
  if (!done) {
    return append_failure(session.output(), action.id(), "NOTIFY not sent", done.error().text);
  }
  session.acknowledge(action, "NOTIFY sent");
}

void actions::pjsip_hangup(Session& session, const ActionView& action) {
  if (action.header("Channel").empty()) return session.refuse(action, "No channel specified");
  session.refuse(action, "No such channel");  // a messaging server has none
}

}  // namespace missive::ami

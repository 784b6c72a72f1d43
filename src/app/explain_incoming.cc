// missive explain --incoming FROM RURI: who a MESSAGE would be from, and what would happen to it.
#include <fmt/format.h>

#include "app/commands.h"
#include "app/explain_steps.h"
#include "app/settings.h"
#include "base/text.h"
#include "pjsip/incoming_trace.h"
#include "pjsip/user_route.h"

namespace missive::app {
namespace {

using Route = conf::MissiveConf::Messaging::Route;

// Who takes it, as message/Inbox would ask them; false when nobody does.
bool show_handler(const Settings& settings, const pjsip::IncomingAnswer& answer,
                  const base::Clock& clock) {
  const auto now = clock.wall();
  if (const auto* first = settings.dialplan->find(answer.context, answer.exten, 1, now)) {
    const auto* extension = settings.dialplan->extension(answer.context, answer.exten, now);
    print_step("handler", fmt::format("dialplan: extension {} ({}), {} first", extension->name,
                                      first->where.str(), first->application));
    return true;
  }
  if (settings.missive.messaging.route == Route::users) {
    const auto destination = pjsip::destination_of_user(*settings.pjsip, answer.exten);
    if (!destination.empty()) {
      print_step("handler", fmt::format("users: to {}", destination));
      return true;
    }
  }
  const bool known = settings.dialplan->context(answer.context) != nullptr;
  print_step("stops", fmt::format("404: {} in context '{}' {}{}",
                                  known ? "no extension" : "there is no context, and so no one",
                                  answer.context, known ? "matches " : "for ", answer.exten));
  return false;
}

std::string refusal_text(int status) {
  switch (status) {
    case 401:
      return "401: nobody is known by that From, address or header; it would be challenged";
    case 403:
      return "403: the rules (acl, permit, deny) do not let it in";
    default:
      return fmt::format("{}", status);
  }
}

}  // namespace

int explain_incoming(const ExplainOptions& options) {
  conf::Problems problems;
  const auto settings = Settings::load(options.config, problems);
  if (!settings) return complain(settings.error().text);
  net::Address source;
  if (!options.source.empty()) {
    const auto address = net::Address::parse(options.source, 5060);
    if (!address) return complain("--source: " + address.error().text);
    source = *address;
  }
  if (!options.transport.empty() && settings->pjsip->transport(options.transport) == nullptr) {
    return complain("--transport: pjsip.conf has no transport '" + options.transport + "'");
  }
  const auto& from = options.incoming.front();
  const auto& request_uri = options.incoming.back();
  fmt::print("MESSAGE {} from {}\n", base::printable(request_uri), base::printable(from));
  PrintingTrace trace;
  const auto answer = pjsip::trace_incoming(
      settings->pjsip, settings->missive.messaging,
      {.from = from, .request_uri = request_uri, .source = source, .transport = options.transport},
      trace);
  if (!answer) return complain(answer.error().text);
  if (answer->status != 202) {
    print_step("stops", refusal_text(answer->status));
    return 1;
  }
  const base::SystemClock clock{};
  if (!show_handler(*settings, *answer, clock)) return 1;
  print_step("result", "would be taken: 202 Accepted");
  return 0;
}

}  // namespace missive::app

// pjsip qualify, pjsip send notify|register|unregister.
#include <fmt/format.h>

#include "base/text.h"
#include "console/commands/parts.h"

namespace missive::console {
namespace {

using pjsip::Operations;

Result qualify(Operations& pjsip, const Call& call) {
  const auto& name = call.arguments.front();
  if (pjsip.configuration()->endpoint(name) == nullptr) {
    return failure(fmt::format("Unable to retrieve endpoint {}\n", base::printable(name)));
  }
  if (const auto done = pjsip.qualify(name); !done) return failure(done.error().text);
  return success(fmt::format("Qualifying endpoint {}\n", name));
}

// TYPE {endpoint|uri} WHOM...
Result notify(Operations& pjsip, const Call& call) {
  const auto configuration = pjsip.configuration();
  const auto& type = call.arguments[0];
  const auto& kind = call.arguments[1];
  const auto* option = configuration->notify_option(type);
  if (option == nullptr) {
    return failure(fmt::format("Unable to find notify type '{}'\n", base::printable(type)));
  }
  if (kind != "endpoint" && kind != "uri") {
    return failure("Usage: pjsip send notify TYPE {endpoint|uri} WHOM...\n");
  }
  Result result;
  for (std::size_t i = 2; i < call.arguments.size(); ++i) {
    pjsip::NotifyOrder order;
    (kind == "uri" ? order.uri : order.endpoint) = call.arguments[i];
    order.headers = option->headers;
    const auto done = pjsip.notify(std::move(order));
    result.ok = result.ok && done;
    result.text += done ? fmt::format("Sending NOTIFY of type '{}' to '{}'\n", type,
                                      base::printable(call.arguments[i]))
                        : done.error().text + '\n';
  }
  return result;
}

Result change(base::Result<void> done, std::string_view what, const std::string& name) {
  if (!done) return failure(done.error().text);
  return success(name == "*all" ? fmt::format("{}s queued\n", what)
                                : fmt::format("{} sent for '{}'\n", what, name));
}

Command::Choices registrations(const Operations& pjsip) {
  const auto configuration = pjsip.configuration();
  Command::Choices names{"*all"};
  for (const auto& each : configuration->registrations()) names.push_back(each.name);
  return names;
}

Command::Choices endpoints(const Operations& pjsip) {
  const auto configuration = pjsip.configuration();
  Command::Choices names;
  for (const auto& each : configuration->endpoints()) names.push_back(each.name);
  return names;
}

Command::Choices notify_words(const Operations& pjsip, const Arguments& before) {
  if (before.size() == 1) return {"endpoint", "uri"};
  if (before.size() > 1) return before[1] == "endpoint" ? endpoints(pjsip) : Command::Choices{};
  const auto configuration = pjsip.configuration();
  Command::Choices names;
  for (const auto& each : configuration->notify_options()) names.push_back(each.name);
  return names;
}

}  // namespace

void add_pjsip_orders(Registry& registry, Environment& environment) {
  auto& pjsip = *environment.pjsip;
  registry.add({"pjsip qualify", "ENDPOINT", 1, 1, "Asks each contact of an endpoint for an answer",
                at_once([&pjsip](const Call& call) { return qualify(pjsip, call); }),
                [&pjsip](const Arguments&) { return endpoints(pjsip); }});
  registry.add({"pjsip send notify", "TYPE {endpoint|uri} WHOM...", 3, Command::any_number,
                "Sends a NOTIFY of pjsip_notify.conf",
                at_once([&pjsip](const Call& call) { return notify(pjsip, call); }),
                [&pjsip](const Arguments& before) { return notify_words(pjsip, before); }});
  const auto names = [&pjsip](const Arguments&) { return registrations(pjsip); };
  registry.add({"pjsip send register", "{REGISTRATION|*all}", 1, 1, "Registers now",
                at_once([&pjsip](const Call& call) {
                  const auto& name = call.arguments.front();
                  return change(pjsip.register_now(name), "Reregistration", name);
                }),
                names});
  registry.add({"pjsip send unregister", "{REGISTRATION|*all}", 1, 1, "Takes a registration back",
                at_once([&pjsip](const Call& call) {
                  const auto& name = call.arguments.front();
                  return change(pjsip.unregister(name), "Unregistration", name);
                }),
                names});
}

}  // namespace missive::console

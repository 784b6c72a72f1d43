// DEVICE_STATE PRESENCE_STATE EXTENSION_STATE HINT
#include "states/states.h"

#include "base/base64.h"
#include "base/text.h"
#include "dialplan/functions/arguments.h"
#include "dialplan/hints.h"

namespace missive::dialplan {
namespace {

using base::fail;
using Text = base::Result<std::string>;

constexpr std::size_t longest_name = 256;  // of what is kept; it may come from a message

base::Result<states::States*> states_of(Run& run) {
  if (auto* states = run.shared().states) return states;
  return fail("this server keeps no states");
}

base::Result<void> check_name(std::string_view name, std::string_view function,
                              std::string_view example) {
  if (name.empty()) return fail("{} needs a name, as in {}({})", function, function, example);
  if (name.size() <= longest_name) return {};
  return fail("{} was given a name of {} octets; {} are the most", function, name.size(),
              longest_name);
}

// --- DEVICE_STATE

Text read_device_state(Run& run, std::string_view device) {
  const auto states = states_of(run);
  if (!states) return tl::unexpected(states.error());
  if (auto good = check_name(device, "DEVICE_STATE", "PJSIP/alice"); !good) {
    return tl::unexpected(good.error());
  }
  return std::string(name_of((*states)->devices.state(base::trim(device))));
}

base::Result<void> write_device_state(Run& run, std::string_view device, std::string_view state) {
  const auto states = states_of(run);
  if (!states) return tl::unexpected(states.error());
  if (auto good = check_name(device, "DEVICE_STATE", "Custom:lamp"); !good) return good;
  return (*states)->devices.set(base::trim(device), state);
}

// --- PRESENCE_STATE

Text read_presence_state(Run& run, std::string_view text) {
  const auto states = states_of(run);
  if (!states) return tl::unexpected(states.error());
  const Arguments arguments(text, 3);
  const auto presence = (*states)->presences.presence(arguments[0]);
  if (!presence) {
    return fail("there is no presentity '{}'; it is CustomPresence:NAME",
                base::printable(arguments[0], 80));
  }
  const bool encoded = arguments[2].find('e') != std::string::npos;
  const auto shown = [encoded](const std::string& value) {
    return encoded ? base::base64_encode(value) : value;
  };
  if (base::iequals(arguments[1], "value")) return presence->state;
  if (base::iequals(arguments[1], "subtype")) return shown(presence->subtype);
  if (base::iequals(arguments[1], "message")) return shown(presence->message);
  return fail("a presence has no field '{}'; there are value, subtype and message",
              base::printable(arguments[1], 40));
}

base::Result<void> write_presence_state(Run& run, std::string_view presentity,
                                        std::string_view value) {
  const auto states = states_of(run);
  if (!states) return tl::unexpected(states.error());
  if (auto good = check_name(presentity, "PRESENCE_STATE", "CustomPresence:alice"); !good) {
    return good;
  }
  return (*states)->presences.set(base::trim(presentity), value);
}

// --- EXTENSION_STATE, HINT

// "exten[@context]"; without a context that of the run. nullopt where there is no hint.
base::Result<std::optional<ExtensionStatus>> extension_of(Run& run, std::string_view function,
                                                          std::string_view text) {
  auto* hints = run.shared().hints;
  if (hints == nullptr) return fail("this server keeps no states");
  if (auto good = check_name(text, function, "100@default"); !good) {
    return tl::unexpected(good.error());
  }
  const auto at = std::min(text.find('@'), text.size());
  const auto context = text.substr(std::min(at + 1, text.size()));
  return hints->find(context.empty() ? std::string_view(run.position().context) : context,
                     text.substr(0, at));
}

Text read_extension_state(Run& run, std::string_view text) {
  const auto found = extension_of(run, "EXTENSION_STATE", base::trim(text));
  if (!found) return tl::unexpected(found.error());
  return std::string(function_text_of(*found ? (*found)->state : ExtensionState::none));
}

Text read_hint(Run& run, std::string_view text) {
  const Arguments arguments(text, 2);
  const auto found = extension_of(run, "HINT", arguments[0]);
  if (!found) return tl::unexpected(found.error());
  if (!*found) return std::string();
  const bool by_name = arguments[1].find('n') != std::string::npos;
  return by_name ? (*found)->name : (*found)->hint;
}

}  // namespace

void add_state_functions(FunctionTable& table) {
  table.add({"DEVICE_STATE", read_device_state, write_device_state});
  table.add({"PRESENCE_STATE", read_presence_state, write_presence_state});
  table.add({"EXTENSION_STATE", read_extension_state});
  table.add({"HINT", read_hint});
}

}  // namespace missive::dialplan

// ExtensionState, ExtensionStateList, DeviceStateList, PresenceState, PresenceStateList.
//
// Texts and fields are Asterisk's. Source: Asterisk documentation, AMI actions of these names.
#include "states/states.h"

#include <fmt/format.h>

#include "ami/actions/handlers.h"
#include "ami/list_reply.h"
#include "ami/state_events.h"
#include "ami/wire.h"
#include "dialplan/hints.h"

namespace missive::ami {
namespace {

constexpr std::string_view no_states = "This server keeps no states";

}  // namespace

void actions::extension_state(Session& session, const ActionView& action) {
  const auto exten = action.header("Exten");
  if (exten.empty()) return session.refuse(action, "Extension not specified");
  const auto given = action.header("Context");
  const auto context = given.empty() ? std::string_view("default") : given;
  auto* hints = session.environment().shared.hints;
  auto found = hints != nullptr ? hints->find(context, exten) : std::nullopt;
  dialplan::ExtensionStatus status;
  if (found) status = std::move(*found);
  status.exten = exten;
  status.context = context;
  auto& out = session.output();
  begin_reply(out, "Success", action.id());
  append_header(out, "Message", "Extension Status");
  append_extension_status(out, status);
  end_packet(out);
}

void actions::extension_state_list(Session& session, const ActionView& action) {
  const auto* hints = session.environment().shared.hints;
  if (hints == nullptr) return session.refuse(action, "No dialplan hints are available");
  ListReply list(session, action, "Extension Statuses will follow");
  for (const auto& status : hints->all()) {
    list.add("ExtensionStatus",
             [&status](std::string& out) { append_extension_status(out, status); });
  }
  list.complete("ExtensionStateListComplete");
}

void actions::device_state_list(Session& session, const ActionView& action) {
  const auto* states = session.environment().shared.states;
  if (states == nullptr) return session.refuse(action, no_states);
  ListReply list(session, action, "Device State Changes will follow");
  states->devices.visit([&list](std::string_view device, states::DeviceState state) {
    list.add("DeviceStateChange",
             [&](std::string& out) { append_device_state(out, device, state); });
  });
  list.complete("DeviceStateListComplete");
}

void actions::presence_state(Session& session, const ActionView& action) {
  const auto provider = action.header("Provider");
  if (provider.empty()) return session.refuse(action, "No provider specified");
  const auto* states = session.environment().shared.states;
  const auto presence = states != nullptr ? states->presences.presence(provider) : std::nullopt;
  if (!presence) {
    return session.refuse(
        action, fmt::format("Invalid provider {} or provider in invalid state", provider));
  }
  auto& out = session.output();
  begin_reply(out, "Success", action.id());
  append_header(out, "Message", "Presence State");
  append_header(out, "State", presence->state);
  if (!presence->subtype.empty()) append_header(out, "Subtype", presence->subtype);
  if (!presence->message.empty()) {
    append_header(out, "Message", presence->message);  // as Asterisk has it, from before
    append_header(out, "PresenceMessage", presence->message);
  }
  end_packet(out);
}

void actions::presence_state_list(Session& session, const ActionView& action) {
  const auto* states = session.environment().shared.states;
  if (states == nullptr) return session.refuse(action, no_states);
  ListReply list(session, action, "Presence State Changes will follow");
  states->presences.visit([&list](std::string_view presentity, const states::Presence& presence) {
    list.add("PresenceStateChange",
             [&](std::string& out) { append_presence(out, presentity, presence); });
  });
  list.complete("PresenceStateListComplete");
}

}  // namespace missive::ami

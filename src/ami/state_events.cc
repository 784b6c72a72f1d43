#include "ami/state_events.h"

#include <fmt/format.h>

#include "ami/wire.h"

namespace missive::ami {

void append_device_state(std::string& out, std::string_view device, states::DeviceState state) {
  append_header(out, "Device", device);
  append_header(out, "State", name_of(state));
}

void append_presence(std::string& out, std::string_view presentity,
                     const states::Presence& presence) {
  append_header(out, "Presentity", presentity);
  append_header(out, "Status", presence.state);
  append_header(out, "Subtype", presence.subtype);
  append_header(out, "Message", presence.message);
}

void append_extension_status(std::string& out, const dialplan::ExtensionStatus& status) {
  append_header(out, "Exten", status.exten);
  append_header(out, "Context", status.context);
  append_header(out, "Hint", status.hint);
  append_header(out, "Status", fmt::to_string(static_cast<int>(status.state)));
  append_header(out, "StatusText", text_of(status.state));
}

StateEvents::StateEvents(EventBus& bus, states::States& states, dialplan::Hints& hints)
    : bus_(bus) {
  states.devices.add(*this);
  states.presences.add(*this);
  states.mailboxes.add(*this);
  hints.add(*this);
}

void StateEvents::on_device_state(std::string_view device, states::DeviceState state) {
  bus_.publish(Class::call, "DeviceStateChange",
               [&](EventText& text) { append_device_state(text.out(), device, state); });
}

void StateEvents::on_presence(std::string_view presentity, const states::Presence& presence) {
  bus_.publish(Class::call, "PresenceStateChange",
               [&](EventText& text) { append_presence(text.out(), presentity, presence); });
}

void StateEvents::on_mailbox(std::string_view mailbox, const states::MailboxCounts& counts) {
  bus_.publish(Class::call, "MessageWaiting", [&](EventText& text) {
    text.header("Mailbox", mailbox)
        .header("Waiting", counts.new_messages > 0 ? "1" : "0")
        .header("New", fmt::to_string(counts.new_messages))
        .header("Old", fmt::to_string(counts.old_messages));
  });
}

void StateEvents::on_extension_state(const dialplan::ExtensionStatus& status) {
  bus_.publish(Class::call, "ExtensionStatus",
               [&](EventText& text) { append_extension_status(text.out(), status); });
}

void StateEvents::on_extension_presence(const dialplan::ExtensionStatus& status,
                                        const states::Presence& presence) {
  bus_.publish(Class::call, "PresenceStatus", [&](EventText& text) {
    text.header("Exten", status.exten)
        .header("Context", status.context)
        .header("Hint", status.hint)
        .header("Status", presence.state)
        .header("Subtype", presence.subtype)
        .header("Message", presence.message);
  });
}

}  // namespace missive::ami

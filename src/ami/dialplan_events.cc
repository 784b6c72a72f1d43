#include "ami/dialplan_events.h"

#include <fmt/format.h>

#include "base/text.h"

namespace missive::ami {
namespace {

// The "channel" that a message runs on.
EventText& add_channel(EventText& text, const dialplan::Run& run) {
  const auto& at = run.position();
  const auto id = run.unique_id();
  return text.header("Channel", run.channel())
      .header("ChannelState", "6")
      .header("ChannelStateDesc", "Up")
      .header("CallerIDNum", "<unknown>")
      .header("CallerIDName", "<unknown>")
      .header("ConnectedLineNum", "<unknown>")
      .header("ConnectedLineName", "<unknown>")
      .header("Language", "en")
      .header("AccountCode", "")
      .header("Context", at.context)
      .header("Exten", at.exten)
      .header("Priority", fmt::to_string(at.priority))
      .header("Uniqueid", id)
      .header("Linkedid", id);
}

}  // namespace

void DialplanEvents::on_user_event(
    const dialplan::Run& run, std::string_view name,
    const std::vector<std::pair<std::string, std::string>>& headers) {
  bus_.publish(Class::user, "UserEvent", [&](EventText& text) {
    add_channel(text, run).header("UserEvent", name);
    // Names too may be a stranger's text, and a line of their own would begin another packet.
    for (const auto& [header, value] : headers) text.header(base::printable(header), value);
  });
}

void DialplanEvents::on_new_exten(const dialplan::Run& run, std::string_view application,
                                  std::string_view arguments) {
  bus_.publish(Class::dialplan, "Newexten", [&](EventText& text) {
    add_channel(text, run)
        .header("Extension", run.position().exten)
        .header("Application", application)
        .header("AppData", arguments);
  });
}

void DialplanEvents::on_var_set(const dialplan::Run* run, std::string_view name,
                                std::string_view value) {
  bus_.publish(Class::dialplan, "VarSet", [&](EventText& text) {
    if (run != nullptr) {
      add_channel(text, *run);
    } else {
      text.header("Channel", "none").header("Uniqueid", "none");
    }
    text.header("Variable", name).header("Value", value);
  });
}

}  // namespace missive::ami

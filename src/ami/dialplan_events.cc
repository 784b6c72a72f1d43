#include "ami/dialplan_events.h"

#include <fmt/format.h>

namespace missive::ami {

void DialplanEvents::on_user_event(
    const dialplan::Run& run, std::string_view name,
    const std::vector<std::pair<std::string, std::string>>& headers) {
  bus_.publish(Class::user, "UserEvent", [&](EventText& text) {
    const auto& at = run.position();
    const auto id = run.unique_id();
    text.header("Channel", run.channel())
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
        .header("Linkedid", id)
        .header("UserEvent", name);
    for (const auto& [header, value] : headers) text.header(header, value);
  });
}

}  // namespace missive::ami

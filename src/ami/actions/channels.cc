// CoreShowChannels, CoreShowChannelMap, Status, SendText: of channels, of which there are none.
//
// A message needs no channel, so lists of them are empty and none is found by its name. Source:
// Asterisk documentation, actions of these names.
#include <fmt/format.h>

#include "ami/actions/handlers.h"
#include "ami/list_reply.h"
#include "ami/privileges.h"

namespace missive::ami::actions {

namespace {
constexpr std::string_view no_such_channel = "No such channel";
}

void core_show_channels(Session& session, const ActionView& action) {
  ListReply reply(session, action, "Channels will follow");
  reply.complete("CoreShowChannelsComplete");
}

void core_show_channel_map(Session& session, const ActionView& action) {
  if (action.header("Channel").empty()) return session.refuse(action, "Channel not specified");
  session.refuse(action, no_such_channel);
}

void status(Session& session, const ActionView& action) {
  if (!may_name(session, action.header("Variables"))) {
    return session.refuse(action, "Status Access Forbidden: Variables");
  }
  if (!action.header("Channel").empty()) return session.refuse(action, no_such_channel);
  ListReply reply(session, action, "Channel status will follow");
  reply.complete("StatusComplete", [](std::string& out) { append_header(out, "Items", "0"); });
}

void send_text(Session& session, const ActionView& action) {
  if (action.header("Channel").empty()) return session.refuse(action, "No channel specified");
  if (action.header("Message").empty()) return session.refuse(action, "No Message specified");
  session.refuse(action, no_such_channel);
}

}  // namespace missive::ami::actions

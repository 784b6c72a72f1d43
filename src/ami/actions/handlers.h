// The functions behind the table of actions, grouped by file.
#pragma once

#include "ami/packet_reader.h"
#include "ami/session.h"

namespace missive::ami::actions {

// authentication.cc
void challenge(Session& session, const ActionView& action);
void login(Session& session, const ActionView& action);
void logoff(Session& session, const ActionView& action);

// command.cc
void command(Session& session, const ActionView& action);

// core.cc
void core_settings(Session& session, const ActionView& action);
void core_status(Session& session, const ActionView& action);
void list_commands(Session& session, const ActionView& action);
void ping(Session& session, const ActionView& action);

// events.cc
void events(Session& session, const ActionView& action);
void filter(Session& session, const ActionView& action);
void user_event(Session& session, const ActionView& action);
void wait_event(Session& session, const ActionView& action);

// message_control.cc
void message_cancel(Session& session, const ActionView& action);
void message_retry(Session& session, const ActionView& action);

// message_send.cc
void message_send(Session& session, const ActionView& action);

// message_status.cc
void message_list(Session& session, const ActionView& action);
void message_status(Session& session, const ActionView& action);

}  // namespace missive::ami::actions

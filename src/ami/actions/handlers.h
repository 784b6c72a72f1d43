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

// registrations.cc
void pjsip_register(Session& session, const ActionView& action);
void pjsip_show_registrations_outbound(Session& session, const ActionView& action);
void pjsip_unregister(Session& session, const ActionView& action);

// sip_peers.cc
void sip_notify(Session& session, const ActionView& action);
void sip_peer_status(Session& session, const ActionView& action);
void sip_peers(Session& session, const ActionView& action);
void sip_qualify_peer(Session& session, const ActionView& action);
void sip_show_registry(Session& session, const ActionView& action);

// sip_show_peer.cc
void sip_show_peer(Session& session, const ActionView& action);

}  // namespace missive::ami::actions

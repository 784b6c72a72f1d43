// The functions behind the table of actions, grouped by file.
#pragma once

#include "ami/packet_reader.h"
#include "ami/session.h"

namespace missive::ami::actions {

// authentication.cc
void challenge(Session& session, const ActionView& action);
void login(Session& session, const ActionView& action);
void logoff(Session& session, const ActionView& action);
// Logs in who has proved already to be this user of the configuration; false when it may not have
// one more session.
bool admit(Session& session, std::shared_ptr<const Configuration> configuration, const User& user);

// channels.cc
void core_show_channel_map(Session& session, const ActionView& action);
void core_show_channels(Session& session, const ActionView& action);
void send_text(Session& session, const ActionView& action);
void status(Session& session, const ActionView& action);

// command.cc
void command(Session& session, const ActionView& action);

// config_read.cc
void get_config(Session& session, const ActionView& action);
void get_config_json(Session& session, const ActionView& action);
void list_categories(Session& session, const ActionView& action);

// config_write.cc
void create_config(Session& session, const ActionView& action);
void update_config(Session& session, const ActionView& action);

// core.cc
void core_settings(Session& session, const ActionView& action);
void core_status(Session& session, const ActionView& action);
void list_commands(Session& session, const ActionView& action);
void ping(Session& session, const ActionView& action);

// database.cc
void db_del(Session& session, const ActionView& action);
void db_del_tree(Session& session, const ActionView& action);
void db_get(Session& session, const ActionView& action);
void db_get_tree(Session& session, const ActionView& action);
void db_put(Session& session, const ActionView& action);

// dialplan.cc
void dialplan_extension_add(Session& session, const ActionView& action);
void dialplan_extension_remove(Session& session, const ActionView& action);
void show_dialplan(Session& session, const ActionView& action);

// events.cc
void events(Session& session, const ActionView& action);
void filter(Session& session, const ActionView& action);
void user_event(Session& session, const ActionView& action);
void wait_event(Session& session, const ActionView& action);

// jabber_send.cc
void jabber_send(Session& session, const ActionView& action);

// mailboxes.cc
void mailbox_count(Session& session, const ActionView& action);
void mailbox_status(Session& session, const ActionView& action);
void mwi_delete(Session& session, const ActionView& action);
void mwi_get(Session& session, const ActionView& action);
void mwi_update(Session& session, const ActionView& action);

// message_control.cc
void message_cancel(Session& session, const ActionView& action);
void message_retry(Session& session, const ActionView& action);

// message_send.cc
void message_send(Session& session, const ActionView& action);

// message_status.cc
void message_list(Session& session, const ActionView& action);
void message_status(Session& session, const ActionView& action);

// modules.cc
void logger_rotate(Session& session, const ActionView& action);
void module_check(Session& session, const ActionView& action);
void module_load(Session& session, const ActionView& action);
void reload(Session& session, const ActionView& action);

// originate.cc
void originate(Session& session, const ActionView& action);

// pjsip_objects.cc
void pjsip_show_aors(Session& session, const ActionView& action);
void pjsip_show_auths(Session& session, const ActionView& action);
void pjsip_show_contacts(Session& session, const ActionView& action);
void pjsip_show_endpoint(Session& session, const ActionView& action);
void pjsip_show_endpoints(Session& session, const ActionView& action);
void pjsip_show_registration_inbound_contact_statuses(Session& session, const ActionView& action);
void pjsip_show_registrations_inbound(Session& session, const ActionView& action);
void pjsip_show_resource_lists(Session& session, const ActionView& action);
void pjsip_show_subscriptions_inbound(Session& session, const ActionView& action);
void pjsip_show_subscriptions_outbound(Session& session, const ActionView& action);

// pjsip_orders.cc
void pjsip_hangup(Session& session, const ActionView& action);
void pjsip_notify(Session& session, const ActionView& action);
void pjsip_qualify(Session& session, const ActionView& action);

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

// variables.cc
void get_variable(Session& session, const ActionView& action);
void set_variable(Session& session, const ActionView& action);

// states.cc
void device_state_list(Session& session, const ActionView& action);
void extension_state(Session& session, const ActionView& action);
void extension_state_list(Session& session, const ActionView& action);
void presence_state(Session& session, const ActionView& action);
void presence_state_list(Session& session, const ActionView& action);

}  // namespace missive::ami::actions

// <message/>: what we send and what comes in.
//
// An OutgoingText becomes a stanza that asks for a receipt (XEP-0184) and a marker (XEP-0333); a
// MessageStanza is what was understood of one that came: a text, a receipt, an error. Pure, but
// for the context that a stanza is made in. What libstrophe's parser gives is well-formed XML;
// everything in it is a stranger's.
//
// Source: RFC 6121 section 5, XEP-0045, 0184, 0203, 0280, 0333, 0359.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "xmpp/strophe.h"

namespace missive::xmpp {

enum class MessageType { normal, chat, groupchat, headline, error };

std::string_view name_of(MessageType type);
// nullopt where there is no such type.
std::optional<MessageType> message_type_named(std::string_view name);

struct OutgoingText {
  std::string id, from, to;  // from: of a component only, else empty
  MessageType type = MessageType::chat;
  std::string subject, thread, language, body;
  bool wants_receipt = true;
  std::string stamp;  // when it was accepted, if that was a while ago (XEP-0203)
};

Stanza message_stanza(xmpp_ctx_t* context, const OutgoingText& text);

// A receipt (XEP-0184) or, `displayed`, a marker (XEP-0333) for the message of that id.
Stanza receipt_stanza(xmpp_ctx_t* context, const std::string& from, const std::string& to,
                      const std::string& id, bool displayed);
// The message of that id was not delivered. RFC 6120 section 8.3.
struct ErrorText {
  std::string_view condition, type;
  std::string text;
};
Stanza error_stanza(xmpp_ctx_t* context, const std::string& from, const std::string& to,
                    const std::string& id, const ErrorText& error);

struct MessageStanza {
  std::string from, to, id;  // an id of over 1,023 octets counts as none
  MessageType type = MessageType::normal;
  std::string subject, thread, language;
  std::optional<std::string> body;
  std::string stanza_id;  // that our own server gave it (XEP-0359); empty: none
  bool wants_receipt = false;
  bool markable = false;
  bool is_carbon = false;           // of what another device sent or received
  bool is_history = false;          // sent a while ago: what a room or a server had kept
  std::string received, displayed;  // the ids of messages that this confirms
  // Of type error:
  std::string condition, error_type, error_text;
};

// `own`: our bare address, whose stanza-id counts.
MessageStanza read_message(xmpp_stanza_t* stanza, std::string_view own);

// Whether an id tells a message from all others: shorter ones are counters, which come again in
// the next session of a client.
constexpr bool is_unique(std::string_view id) { return id.size() >= 8; }

}  // namespace missive::xmpp

// From a message of the core to a text for an XMPP stream: whom it is for, which account sends it,
// what its variables ask for.
//
// resolve() is pure but for the Board, which knows rooms. `xmpp:user@host[/resource]` is the
// destination; From names the account of xmpp.conf ("gateway", "xmpp:gateway"), or is an address
// of one: its own, or one within a component's domain, which the message is from then. To is
// ignored. Variables: Subject, Thread, Language, Type (chat, normal, groupchat, headline); a
// message/cpim gives its content and its subject. Errors are refusals with a reason; what depends
// on the connection is no matter here.
//
// Source: Asterisk documentation, MessageSend ("Technology: XMPP"); RFC 7572.
#pragma once

#include <optional>

#include "message/technology.h"
#include "xmpp/board.h"
#include "xmpp/configuration.h"
#include "xmpp/message_stanza.h"

namespace missive::xmpp {

struct Outgoing {
  const Account* account = nullptr;
  Jid to;
  std::string from;  // of a component, if it says somebody
  MessageType type = MessageType::chat;
  bool type_given = false;
  std::string subject, thread, language, body;

  // "xmpp:gateway/alice@example.com": what goes by one account to one address waits in one queue.
  std::string recipient() const;
};

std::optional<message::Refusal> resolve(const Configuration& configuration, const Board& board,
                                        const message::Message& message, Outgoing& out);

}  // namespace missive::xmpp

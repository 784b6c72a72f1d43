// From a text on an XMPP stream to the core: where it goes in the dialplan, and written down before
// the stream is read on.
//
// One for the server; take() is called on the accounts' threads. A text goes to the shard that its
// sender hashes to, so that those of one sender stay in order. Its extension is the first that the
// dialplan has in the account's context of: for a component the user it was sent to, then the
// account's name, then `s`. Where there is none, or no room, its sender is told by an error.
// Accounts without sendtodialplan hand nothing over.
//
// Source: Asterisk documentation, xmpp.conf (sendtodialplan, context); RFC 6120 section 8.3.
#pragma once

#include <vector>

#include "message/intake.h"
#include "message/message_events.h"
#include "net/shard.h"
#include "xmpp/session.h"

namespace missive::xmpp {

class TextIntake {
 public:
  struct Place {
    net::Shard* shard;
    message::Intake* intake;
    const message::MessageEvents* events;
  };

  // Told once of each text, on any thread; the account may be gone by then.
  using Taken =
      base::UniqueFunction<void(const MessageStanza&, const std::optional<ErrorText>& refused)>;

  explicit TextIntake(std::vector<Place> places) : places_(std::move(places)) {}

  // On the account's thread; its shard's random source makes the id.
  void take(const Account& account, net::Shard& shard, MessageStanza text, Taken taken) const;

 private:
  std::string exten_for(const Account& account, const MessageStanza& text,
                        const message::Intake& intake) const;

  const std::vector<Place> places_;
};

}  // namespace missive::xmpp

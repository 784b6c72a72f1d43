// Roster and presence of one account, as they come in, onto the Board; and what they are answered.
//
// Pure but for the Board and the context that answers are made in. `send` takes what is to be sent.
// On the account's thread. Source: RFC 6121 sections 2, 3 and 4.
#pragma once

#include <functional>

#include "xmpp/account.h"
#include "xmpp/board.h"
#include "xmpp/configuration.h"
#include "xmpp/strophe.h"

namespace missive::xmpp {

class Roster {
 public:
  using Send = std::function<void(const Stanza&)>;

  Roster(const Account& account, const Configuration::General& general, Board& board, Send send)
      : account_(account), general_(general), board_(board), send_(std::move(send)) {}

  // A stream has begun: asks for the roster and says who we are.
  void begin(xmpp_ctx_t* context);
  // From now on texts for the account wait at the server, but those for this very resource: its
  // priority is negative (RFC 6121 section 8.5.2). nullptr: there is no stream.
  void stop_receiving(xmpp_ctx_t* context);
  // True: it was for the roster and is dealt with.
  bool on_iq(xmpp_stanza_t* iq);
  void on_presence(xmpp_stanza_t* presence);

 private:
  void take_result(xmpp_stanza_t* query);
  void take_push(xmpp_stanza_t* iq, xmpp_stanza_t* query);
  void add_missing(xmpp_ctx_t* context, const std::vector<Buddy>& known);
  void prune(xmpp_ctx_t* context, const std::vector<Buddy>& known);
  // `own`: whom of us it is from, which a component has to say; empty: the account.
  void subscribe(xmpp_ctx_t* context, const std::string& own, const std::string& jid,
                 const char* type);
  bool is_of_account(xmpp_stanza_t* iq) const;
  bool is_configured(const std::string& jid) const;
  void on_subscription(xmpp_stanza_t* presence, std::string_view type, const Jid& from);

  const Account& account_;
  const Configuration::General& general_;
  Board& board_;
  const Send send_;
  int priority_ = account_.priority;
};

// <presence/> with what xmpp.conf says of us, but for the priority.
Stanza own_presence(xmpp_ctx_t* context, const Account& account, int priority);

}  // namespace missive::xmpp

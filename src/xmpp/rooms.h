// The rooms that an account is in, or wants to be in (XEP-0045).
//
// Rooms of xmpp.conf and those of join() are entered whenever a stream begins, without history;
// who was thrown out or not let in tries again with the next stream only. A room that is new is
// opened as its service makes rooms. What is joined is on the Board, and `entered` is told of it.
// On the account's thread.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "xmpp/account.h"
#include "xmpp/board.h"
#include "xmpp/strophe.h"

namespace missive::xmpp {

class Rooms {
 public:
  using Send = std::function<void(const Stanza&)>;
  using Entered = std::function<void(const std::string& room)>;

  Rooms(const Account& account, Board& board, Send send, Entered entered);

  // A stream has begun, in no room yet.
  void enter_all(xmpp_ctx_t* context);
  // `context`: nullptr while there is no stream.
  void join(xmpp_ctx_t* context, const Jid& room, std::string nickname);
  void leave(xmpp_ctx_t* context, const Jid& room);
  // True: it is from a room of ours.
  bool on_presence(xmpp_stanza_t* presence);
  // Whether `from` is ourselves, in a room.
  bool is_own(const Jid& from) const;

 private:
  struct Room {
    std::string nickname;
    unsigned tries = 0;  // with another nickname, as ours was taken
  };
  void enter(xmpp_ctx_t* context, const std::string& room, const Room& how);
  void open(xmpp_ctx_t* context, const std::string& room);
  void set_from(const Stanza& stanza) const;
  void on_refused(xmpp_stanza_t* presence, const std::string& name, Room& room);

  const Account& account_;
  Board& board_;
  const Send send_;
  const Entered entered_;
  std::map<std::string, Room> rooms_;  // by bare address
};

}  // namespace missive::xmpp

// What the Jabber applications and functions ask of the XMPP accounts.
//
// The dialplan does not know xmpp.conf; the application implements this. Any thread; nothing waits
// for the network. A name or address that makes no sense is an error of one sentence. Source:
// Asterisk documentation, res_xmpp: JabberJoin, JabberLeave, JABBER_STATUS, JABBER_RECEIVE.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_function.h"
#include "net/shard.h"

namespace missive::dialplan {

struct Shared;

class Jabber {
 public:
  // The text of a message, or nothing when the time was over.
  using Received = base::UniqueFunction<void(std::optional<std::string>)>;
  static constexpr int not_in_roster = 7;

  virtual ~Jabber() = default;
  virtual bool has_account(std::string_view account) const = 0;
  // 1 Online, 2 Chatty, 3 Away, 4 Extended Away, 5 Do Not Disturb, 6 Offline, 7 Not In Roster.
  virtual int status(std::string_view account, std::string_view jid) const = 0;
  // Without a nickname it is the account's user. Again with another one: changes it.
  virtual base::Result<void> join(std::string_view account, std::string_view room,
                                  std::string_view nickname) = 0;
  virtual base::Result<void> leave(std::string_view account, std::string_view room) = 0;
  // The oldest message of `jid` that nobody has received yet, or the next one to come within
  // `time`; `answer` is called once on the asker's thread.
  virtual base::Result<void> receive(std::string_view account, std::string_view jid,
                                     std::chrono::milliseconds time, net::Shard& asker,
                                     Received answer) = 0;
};

// The accounts, `account` being one of them; an error where it is none.
base::Result<Jabber*> jabber_of(const Shared& shared, std::string_view account);
// JabberStatus() and JABBER_STATUS(): "1" ... "7".
base::Result<std::string> jabber_status(const Shared& shared, std::string_view account,
                                        std::string_view jid);

}  // namespace missive::dialplan

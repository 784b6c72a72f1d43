// What operators, AMI and the dialplan may ask of the XMPP accounts.
//
// Implemented by Client. Every call may come from any thread and none waits for the network: what
// is asked for is done on the XMPP thread, and what is known is a copy of what it last knew.
// Source: Asterisk documentation, res_xmpp (JabberJoin, JabberStatus, "xmpp show ...").
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_function.h"
#include "net/shard.h"
#include "xmpp/configuration.h"

namespace missive::xmpp {

struct AccountStatus {
  enum class State { disconnected, connecting, connected };

  std::string name;
  std::string jid;  // as the server bound it, else as configured
  State state = State::disconnected;
  std::string reason;              // why it is not connected
  base::WallTime since{};          // of that state
  std::vector<std::string> rooms;  // that it is in, bare

  bool operator==(const AccountStatus&) const = default;
};

constexpr std::string_view name_of(AccountStatus::State state) {
  switch (state) {
    case AccountStatus::State::connecting:
      return "Connecting";
    case AccountStatus::State::connected:
      return "Connected";
    default:
      return "Disconnected";
  }
}

// A device of a buddy that is online.
struct Resource {
  // In the order of JABBER_STATUS(): 1 Online ... 6 Offline.
  enum class Show { online = 1, chat, away, xa, dnd, offline };

  std::string name;
  Show show = Show::online;
  std::string status;  // what the person says of it
  int priority = 0;
};

struct Buddy {
  std::string jid;                  // bare
  std::string name;                 // in the roster
  std::string subscription;         // none, to, from, both; empty: not in the roster
  std::vector<Resource> resources;  // the one of the highest priority first
};

class Operations {
 public:
  // A message for JABBER_RECEIVE(): its body, or nothing when the time was over.
  using Received = base::UniqueFunction<void(std::optional<std::string>)>;

  virtual ~Operations() = default;
  virtual std::shared_ptr<const Configuration> configuration() const = 0;
  virtual std::vector<AccountStatus> accounts() const = 0;
  virtual std::optional<AccountStatus> account(std::string_view name) const = 0;
  // Those of xmpp.conf and of the roster; empty for an account that is unknown.
  virtual std::vector<Buddy> buddies(std::string_view account) const = 0;
  // nullopt: not a buddy. `jid` may be full.
  virtual std::optional<Resource::Show> presence(std::string_view account,
                                                 std::string_view jid) const = 0;
  // Kept across reconnects until leave(), or until a reload changes the account. `nickname` may be
  // empty: the account's user.
  virtual base::Result<void> join(std::string_view account, std::string_view room,
                                  std::string_view nickname) = 0;
  virtual base::Result<void> leave(std::string_view account, std::string_view room) = 0;
  // Connects now what waits for its next attempt; an empty name: all.
  virtual base::Result<void> reconnect(std::string_view account) = 0;
  // The oldest message of `jid` (bare or full) that nobody has received yet, or the next one to
  // come within `time`; `answer` is called once on the asker's thread.
  virtual base::Result<void> receive(std::string_view account, std::string_view jid,
                                     std::chrono::milliseconds time, net::Shard& asker,
                                     Received answer) = 0;
};

// Who wants to know of the accounts' connections (AMI). Called on the XMPP thread.
class AccountEvents {
 public:
  virtual ~AccountEvents() = default;
  // A change of state; failed_login: the server refused the account, `reason` says why.
  virtual void on_account(const AccountStatus& status, bool failed_login) = 0;
};

}  // namespace missive::xmpp

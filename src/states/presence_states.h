// Whether people want to be reached: what the dialplan says with
// PRESENCE_STATE(CustomPresence:alice)=away,lunch,back at two
//
// A presentity is "CustomPresence:name" and kept in astdb, family CustomPresence, as Asterisk keeps
// it: "state,subtype,message[,e]", where e says that subtype and message are Base64. Observers hear
// every change, in order, on the thread that made it. Any thread. Source: Asterisk documentation,
// function PRESENCE_STATE, AMI action PresenceState.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/ast_db.h"

namespace missive::states {

inline constexpr std::string_view custom_presence_family = "CustomPresence";

struct Presence {
  // "not_set", "unavailable", "available", "away", "xa", "chat" or "dnd"
  std::string state;
  std::string subtype;
  std::string message;

  // "state,subtype,message[,e]"
  static base::Result<Presence> parse(std::string_view text);
};

// May ask for states, but change none, from inside the call.
class PresenceObserver {
 public:
  virtual ~PresenceObserver() = default;
  virtual void on_presence(std::string_view presentity, const Presence& presence) = 0;
};

class PresenceStates {
 public:
  using Visit = std::function<void(std::string_view presentity, const Presence& presence)>;

  // The database outlives it.
  explicit PresenceStates(store::AstDb& database) : database_(database) {}

  // Before the shards start; it outlives this.
  void add(PresenceObserver& observer) { observers_.push_back(&observer); }

  // not_set where nothing was said yet; nullopt: there is no such kind of presentity.
  std::optional<Presence> presence(std::string_view presentity) const;
  base::Result<void> set(std::string_view presentity, std::string_view text);
  // All that were ever set.
  void visit(const Visit& visit) const;

 private:
  store::AstDb& database_;
  std::vector<PresenceObserver*> observers_;
  std::mutex changing_;
};

}  // namespace missive::states

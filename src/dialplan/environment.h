// What runs of the dialplan share: with all others, and with those of their shard.
//
// Both live as long as the server. Shared may be used by any thread (its tables are immutable
// once the server runs), Environment by its shard's thread only. The server stops in this order:
// the shards' threads, `workers->stop()`, the Shards.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "conf/missive_conf.h"
#include "dialplan/application.h"
#include "dialplan/dialplan.h"
#include "dialplan/function.h"
#include "dialplan/variables.h"
#include "message/sender.h"
#include "net/shard.h"
#include "store/ast_db.h"

namespace missive::states {
struct States;
}

namespace missive::dialplan {

class Hints;    // hints.h: the states of extensions
class Host;     // host.h: the server around the dialplan
class Jabber;   // jabber.h: the XMPP accounts
class Locks;    // locks.h: LOCK() and UNLOCK()
class Workers;  // workers.h: threads for what blocks

// Hears what a dialplan wants told to the world (AMI). Any thread.
class EventSink {
 public:
  virtual ~EventSink() = default;
  // Application UserEvent: its name and the headers it was given.
  virtual void on_user_event(const Run& run, std::string_view name,
                             const std::vector<std::pair<std::string, std::string>>& headers) = 0;
  // Whether the two below are to be told; asked for each priority that is run.
  virtual bool wants_dialplan() const { return false; }
  // The priority that `run` is at is run now.
  virtual void on_new_exten(const Run& /*run*/, std::string_view /*application*/,
                            std::string_view /*arguments*/) {}
  // A variable is set; a global one where there is no run.
  virtual void on_var_set(const Run* /*run*/, std::string_view /*name*/,
                          std::string_view /*value*/) {}
};

struct Shared {
  Shared(const base::Clock& the_clock, conf::MissiveConf::Dialplan the_options,
         store::AstDb& astdb);
  ~Shared();

  // A global variable, with its event.
  void set_global(std::string_view name, std::string value);

  const base::Clock& clock;
  const conf::MissiveConf::Dialplan options;
  store::AstDb& database;
  FunctionTable functions;
  ApplicationTable applications;
  GlobalVariables globals;
  std::unique_ptr<Locks> locks;
  std::unique_ptr<Workers> workers;
  EventSink* events = nullptr;
  Host* host = nullptr;
  Jabber* jabber = nullptr;          // nullptr: there is no XMPP
  states::States* states = nullptr;  // nullptr: none are kept
  Hints* hints = nullptr;
  std::atomic<std::uint64_t> next_channel{1};  // MESSAGE's UNIQUEID
};

struct Environment {
  Shared& shared;
  net::Shard& shard;
  message::Sender& sender;
  std::shared_ptr<const Dialplan> dialplan;  // the one in force; runs keep the one they began with
  // The runs in Wait(), which nobody else holds.
  std::unordered_map<const Run*, std::shared_ptr<Run>> asleep = {};
  std::vector<message::Variable> outbound = {};  // MessageSend's, kept for its memory
};

}  // namespace missive::dialplan

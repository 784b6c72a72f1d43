// What operators ask of the whole process: the console's and the manager interface's view of the
// application, which implements it.
//
// Any thread. Parts are named as the modules of Asterisk that do the same ("res_pjsip.so",
// "manager"). Source: Asterisk documentation, "Module Reload", actions Reload and ModuleCheck.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/unique_function.h"
#include "net/shard.h"

namespace missive::dialplan {
class Dialplan;
}  // namespace missive::dialplan

namespace missive::console {

// A part of the server that has a module's name.
struct Module {
  std::string_view name;  // "res_pjsip.so"; "manager" and others of the core have no ending
  std::string_view description;
  bool reloads;      // there is something to read anew
  bool is_built_in;  // of the core: it can be reloaded, and is in no list of modules
  bool is_running;   // false: configured away (chan_sip.so without a sip.conf)
};

// What came of a reload. The numbers are those of the event Reload.
struct Reloaded {
  enum class Status : std::uint8_t {
    done = 0,
    not_found = 2,
    failed = 3,
    not_implemented = 6,
  };
  Status status = Status::done;
  std::string problem;  // of a failure: one line
};
using ReloadAnswer = base::UniqueFunction<void(const Reloaded&)>;

enum class StopMode { gracefully, now };

// What stays as it is while the server runs.
struct Facts {
  std::string config_folder, state_folder;  // state_folder empty: nothing is kept
  std::string system_name;                  // empty: none is configured
  std::string log_level;
  unsigned shards = 1;
  unsigned max_sessions = 0;  // of AMI
};

struct HttpStatus {
  std::string server_name, prefix;
  std::string address, tls_address;  // where it listens; empty: not at all
  std::vector<std::pair<std::string, std::string>>
      pages;  // paths without the prefix, what is there
  std::vector<std::pair<std::string, std::string>> redirects;
};

class Host {
 public:
  virtual ~Host() = default;

  virtual Facts facts() const = 0;
  virtual base::WallTime started() const = 0;
  virtual base::WallTime reloaded() const = 0;

  virtual std::vector<Module> modules() const = 0;
  // Reads the files of one part anew, of all when `module` is empty, and puts them into force
  // where nothing is wrong. `answer` is called once, on `asker`'s thread.
  virtual void reload(std::string module, net::Shard& asker, ReloadAnswer answer) = 0;
  // Begins to stop; returns at once.
  virtual void request_stop(StopMode mode) = 0;

  // The one in force.
  virtual std::shared_ptr<const dialplan::Dialplan> dialplan() const = 0;
  virtual HttpStatus http() const = 0;
  // Messages that the dialplan has begun with since the start.
  virtual std::uint64_t messages_run() const = 0;
  // Prefixes of destinations ("pjsip"), and names of message handlers ("dialplan").
  virtual std::vector<std::string> technologies() const = 0;
  virtual std::vector<std::string> handlers() const = 0;
};

}  // namespace missive::console

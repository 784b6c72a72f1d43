// extensions.conf as one immutable value: contexts, their extensions and priorities.
//
// Built whole or not at all: a file with an error gives no Dialplan, so that the one in
// force stays. Shared by all threads. Look-ups follow Asterisk: for a context, extension and
// priority an exact name goes before patterns, patterns in best-match order, then the
// included contexts in order (those whose time fits, each once, most_contexts at most); an
// extension that has run out of priorities goes on in a pattern that matches. Dashes in names
// count nowhere. Source: Asterisk documentation, "Contexts, Extensions, and Priorities",
// "Pattern Matching", "Include Statements".
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/text.h"
#include "conf/conf.h"
#include "dialplan/template.h"
#include "dialplan/time_range.h"

namespace missive::dialplan {

struct Application;
class ApplicationTable;
class FunctionTable;

// That one look-up goes through.
inline constexpr std::size_t most_contexts = 128;

struct Priority {
  int number = 1;
  std::string label;
  std::string application;            // as written
  const Application* call = nullptr;  // nullptr: there is none of that name
  Template arguments;
  conf::Location where;
};

// What `exten => alice,hint,PJSIP/alice&Custom:desk,CustomPresence:alice` says: whose state the
// extension has. Variables in it are filled in by Hints, which knows the extension asked for.
struct Hint {
  std::string text;
  std::string name;  // the one in parentheses behind it
  conf::Location where;
};

struct Extension {
  std::string name;  // as written: "alice", "_1NXX."
  bool is_pattern = false;
  std::optional<Hint> hint;          // with nothing to run it may be all there is
  std::vector<Priority> priorities;  // by number

  const Priority* find(int number) const;
  std::optional<int> find_label(std::string_view label) const;
};

struct Include {
  std::string context;
  std::optional<TimeRange> when;
  conf::Location where;
};

struct Context {
  std::string name;
  conf::Location where;
  std::vector<Include> includes;
  std::vector<Extension> extensions;  // in file order
  std::vector<std::size_t> patterns;  // places in `extensions`, the best match first
  // By name without dashes.
  std::unordered_map<std::string, std::size_t, base::StringHash, std::equal_to<>> exact;
};

class Dialplan {
 public:
  // The tables outlive the Dialplan. Fails when the file cannot be read or has an error; a
  // missing file is an empty dialplan. `problems` gets everything, also warnings such as
  // an application or function that does not exist.
  static base::Result<std::shared_ptr<const Dialplan>> load(const std::filesystem::path& folder,
                                                            const ApplicationTable& applications,
                                                            const FunctionTable& functions,
                                                            conf::Problems& problems);
  // The same from text.
  static base::Result<std::shared_ptr<const Dialplan>> parse(std::string_view text,
                                                             const ApplicationTable& applications,
                                                             const FunctionTable& functions,
                                                             conf::Problems& problems);

  // nullptr when there is none.
  const Context* context(std::string_view name) const;
  const Priority* find(std::string_view context, std::string_view exten, int priority,
                       base::WallTime now) const;
  // The number of the priority with that label.
  std::optional<int> find_label(std::string_view context, std::string_view exten,
                                std::string_view label, base::WallTime now) const;
  // The extension that `exten` would run first, for `missive explain`; nullptr when there is none.
  const Extension* extension(std::string_view context, std::string_view exten,
                             base::WallTime now) const;
  // The one that has the hint for `exten`; nullptr when none has.
  const Extension* hinted(std::string_view context, std::string_view exten,
                          base::WallTime now) const;

  const std::vector<Context>& contexts() const { return contexts_; }
  // [globals], with what the values refer to filled in.
  const std::vector<std::pair<std::string, std::string>>& globals() const { return globals_; }
  // clearglobalvars=yes: a reload forgets global variables that runs have set.
  bool clears_globals() const { return clears_globals_; }

 private:
  friend class DialplanBuilder;
  friend class DialplanEditor;  // dialplan_change.cc
  struct Search;                // dialplan.cc
  // Calls visit(const Extension&) for each that matches, best first, until it returns true.
  template <class Visit>
  bool visit_matches(std::string_view context, Search& search, Visit&& visit) const;

  std::vector<Context> contexts_;
  std::unordered_map<std::string, std::size_t, base::StringHash, std::equal_to<>> places_;
  std::vector<std::pair<std::string, std::string>> globals_;
  bool clears_globals_ = false;
};

}  // namespace missive::dialplan

// Makes a Dialplan of the sections of extensions.conf.
//
// Used once, by Dialplan::load() and parse(). What is wrong is collected, with file and line:
// lines that cannot be read are errors, and then there is no Dialplan; what Asterisk would run
// all the same (an application that does not exist, a priority that is there twice) is a
// warning. The tables outlive the Dialplan.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "conf/conf.h"
#include "dialplan/dialplan.h"
#include "dialplan/extension_line.h"
#include "dialplan/load_time_text.h"
#include "dialplan/pattern.h"

namespace missive::dialplan {

class DialplanBuilder {
 public:
  // `found`: what reading the file has found already.
  DialplanBuilder(const ApplicationTable& applications, const FunctionTable& functions,
                  conf::Problems& found);

  // All that was found goes to `problems`, the first error also into the Result.
  base::Result<std::shared_ptr<const Dialplan>> build(const conf::File& file,
                                                      conf::Problems& problems);

 private:
  // What `n` and `same` refer to.
  struct Cursor {
    std::size_t context = 0;
    std::string name;
    std::string caller;
    int priority = 0;  // 0: there was none
  };

  void read_general(const conf::Section& section);
  void read_globals(const conf::Section& section);
  void read_context(const conf::Section& section);
  void read_option(const conf::Option& option, Cursor& cursor);
  void read_exten(const conf::Option& option, Cursor& cursor);
  void read_same(const conf::Option& option, Cursor& cursor);
  void read_line(const conf::Option& option, const ExtensionLine& line, Cursor& cursor);
  void read_include(const conf::Option& option, Context& context);
  void add(const conf::Option& option, const Cursor& cursor, std::string_view label,
           const Call& call);
  void add_hint(const conf::Option& option, const Cursor& cursor, std::string_view text);
  Extension* extension(const conf::Option& option, const Cursor& cursor);
  Priority make_priority(const conf::Option& option, const Cursor& cursor, const Call& call);
  std::string expand(std::string_view text, const conf::Location& where);
  void finish();
  void check_includes(const Context& context);

  void error(const conf::Location& where, std::string text);
  void warn(const conf::Location& where, std::string text);

  const ApplicationTable& applications_;
  const FunctionTable& functions_;
  conf::Problems& found_;
  LoadTimeText texts_;
  std::shared_ptr<Dialplan> dialplan_ = std::make_shared<Dialplan>();
  // Patterns by context and name, and their order by context and place.
  std::map<std::pair<std::size_t, std::string>, std::size_t> patterns_;
  std::map<std::pair<std::size_t, std::size_t>, PatternOrder> orders_;
};

}  // namespace missive::dialplan

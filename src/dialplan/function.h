// Functions of the dialplan: ${NAME(arguments)} and Set(NAME(arguments)=value).
//
// A FunctionTable is filled at start-up and immutable after; names are matched without
// regard to case. A function gets its arguments expanded, as one text; split_arguments()
// takes them apart. It is called by the thread that the Run is on at that time, so it may use
// the Run freely and anything shared only through what locks. An error is one sentence; the
// caller logs it with the place in extensions.conf and goes on with an empty value.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/text.h"

namespace missive::dialplan {

class Run;

struct Function {
  using Read = std::function<base::Result<std::string>(Run&, std::string_view arguments)>;
  using Write =
      std::function<base::Result<void>(Run&, std::string_view arguments, std::string_view value)>;

  std::string_view name;
  Read read;               // empty: write-only
  Write write = nullptr;   // empty: read-only
  bool blocks = false;     // may take its time: never on a shard's thread
  bool dangerous = false;  // runs commands: only with live_dangerously
};

class FunctionTable {
 public:
  void add(Function function) { functions_.emplace(function.name, std::move(function)); }
  // nullptr when there is none.
  const Function* find(std::string_view name) const;
  std::vector<std::string_view> names() const;

 private:
  std::map<std::string, Function, base::ILess> functions_;
};

// The arguments of a function or an application: at commas that are outside of quotes, parentheses
// and brackets; `\,` is a comma. Quotes and backslashes are taken off where `unquote`. Of `limit`
// arguments the last one keeps the rest as it is: commas, quotes and all. Of an empty text there
// are none; behind a comma at the end there is an empty one.
std::vector<std::string> split_arguments(std::string_view text, std::size_t limit = 0,
                                         bool unquote = true);

// All functions that need nothing but a Run (functions/*.cc).
void add_text_functions(FunctionTable& table);      // LEN CUT FILTER REPLACE ... functions/text.cc
void add_list_functions(FunctionTable& table);      // FIELDQTY SORT PUSH ... functions/list.cc
void add_encoding_functions(FunctionTable& table);  // URIENCODE BASE64_* MD5 ... encoding.cc
void add_logic_functions(FunctionTable& table);     // IF ISNULL MATH RAND ... logic.cc
void add_time_functions(FunctionTable& table);      // STRFTIME STRPTIME IFTIME ... time.cc
void add_variable_functions(
    FunctionTable& table);  // HASH ARRAY GLOBAL SET EVAL ENV ... variables.cc
void add_database_functions(FunctionTable& table);  // DB DB_EXISTS ... database.cc
void add_lock_functions(FunctionTable& table);      // LOCK TRYLOCK UNLOCK  locks.cc
void add_json_functions(FunctionTable& table);      // JSON_DECODE  json.cc
void add_web_functions(FunctionTable& table);       // CURL CURLOPT  web.cc
void add_system_functions(FunctionTable& table);    // SHELL  system.cc
void add_sip_functions(FunctionTable& table);       // PJSIP_PARSE_URI  sip.cc
void add_message_functions(FunctionTable& table);   // MESSAGE MESSAGE_DATA  message.cc
void add_jabber_functions(FunctionTable& table);    // JABBER_STATUS JABBER_RECEIVE  jabber.cc
void add_host_functions(FunctionTable& table);      // PJSIP_ENDPOINT AMI_CLIENT ... host.cc
void add_state_functions(FunctionTable& table);     // DEVICE_STATE HINT ... functions/states.cc

inline void add_functions(FunctionTable& table) {
  for (const auto add :
       {add_text_functions, add_list_functions, add_encoding_functions, add_logic_functions,
        add_time_functions, add_variable_functions, add_database_functions, add_lock_functions,
        add_json_functions, add_web_functions, add_system_functions, add_sip_functions,
        add_message_functions, add_jabber_functions, add_host_functions, add_state_functions}) {
    add(table);
  }
}

}  // namespace missive::dialplan

// HASH HASHKEYS ARRAY GLOBAL ENV EVAL LOCAL LOCAL_PEEK
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "dialplan/functions/arguments.h"
#include "dialplan/functions/hash.h"
#include "dialplan/template.h"

namespace missive::dialplan {
namespace {

using Text = base::Result<std::string>;
using Done = base::Result<void>;

// --- HASH: each key is a variable of the run of its own.

base::Result<std::string> hash_prefix(std::string_view name) {
  name = base::trim(name);
  if (name.empty() || name.find('~') != name.npos) {
    return base::fail("HASH wants a name without ~, not \"{}\"", base::printable(name, 40));
  }
  return fmt::format("~HASH~{}~", name);
}

Text read_hash(Run& run, std::string_view text) {
  const auto arguments = Arguments::raw(text, 2);
  const auto prefix = hash_prefix(arguments.text(0));
  if (!prefix) return prefix;
  if (arguments.size() >= 2) {
    const auto* value = run.variables().find(*prefix + arguments.text(1));
    return value != nullptr ? *value : std::string();
  }
  std::string out;
  bool first = true;
  for (const auto& [name, value] : run.variables().all()) {
    if (!name.starts_with(*prefix)) continue;
    append_item(out, value, std::exchange(first, false));
    if (out.size() > max_text) break;
  }
  return limited(std::move(out));
}

Done write_hash(Run& run, std::string_view text, std::string_view value) {
  const auto arguments = Arguments::raw(text, 2);
  const auto prefix = hash_prefix(arguments.text(0));
  if (!prefix) return tl::unexpected(prefix.error());
  if (arguments.size() >= 2) {
    run.variables().set(*prefix + arguments.text(1), std::string(value));
    return {};
  }
  const auto* names = run.variables().find(hash_fields);
  if (names == nullptr) {
    return base::fail(
        "HASH wants a name and a key; the name alone is for what CURL() gives with "
        "CURLOPT(hashcompat)");
  }
  const Arguments keys(*names), values(value);
  for (std::size_t i = 0; i < keys.size(); ++i) run.variables().set(*prefix + keys[i], values[i]);
  return {};
}

Text read_hashkeys(Run& run, std::string_view text) {
  const auto prefix = hash_prefix(Arguments(text)[0]);
  if (!prefix) return prefix;
  std::string out;
  for (const auto& [name, value] : run.variables().all()) {
    if (!name.starts_with(*prefix)) continue;
    if (!out.empty()) out += ',';
    out += std::string_view(name).substr(prefix->size());
    if (out.size() > max_text) break;
  }
  return limited(std::move(out));
}

// --- ARRAY

Done write_array(Run& run, std::string_view text, std::string_view value) {
  const Arguments names(text), values(value);
  if (names.size() == 0) return base::fail("ARRAY wants names of variables: ARRAY(a,b)=1,2");
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (const auto done = set_by_name(run, names[i], values[i]); !done) return done;
  }
  return {};
}

// --- GLOBAL

Text read_global(Run& run, std::string_view name) {
  return run.shared().globals.find(variable_name(base::trim(name))).value_or("");
}

Done write_global(Run& run, std::string_view name, std::string_view value) {
  name = variable_name(base::trim(name));
  if (name.empty()) return base::fail("GLOBAL wants the name of a variable");
  run.shared().set_global(name, std::string(value));
  return {};
}

// --- ENV: setenv() would race with whoever reads, so what is written stays with us.

class EnvironmentVariables {
 public:
  std::string get(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    if (const auto found = written_.find(name); found != written_.end()) return found->second;
    const char* value = std::getenv(name.c_str());
    return value != nullptr ? value : "";
  }
  Done set(const std::string& name, std::string_view value) {
    const std::lock_guard lock(mutex_);
    if (written_.size() >= max_names && written_.count(name) == 0) {
      return base::fail("ENV has been given {} names; that is the most", max_names);
    }
    written_[name] = std::string(value);
    return {};
  }

 private:
  static constexpr std::size_t max_names = 1000;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::string> written_;
};

bool is_environment_name(std::string_view name) {
  return !name.empty() && name.find('=') == name.npos && name.find('\0') == name.npos;
}

void add_env(FunctionTable& table) {
  const auto variables = std::make_shared<EnvironmentVariables>();
  table.add({"ENV",
             [variables](Run&, std::string_view text) -> Text {
               const std::string name(base::trim(text));
               return is_environment_name(name) ? variables->get(name) : std::string();
             },
             [variables](Run&, std::string_view text, std::string_view value) -> Done {
               const std::string name(base::trim(text));
               if (!is_environment_name(name)) {
                 return base::fail("ENV wants the name of an environment variable");
               }
               return variables->set(name, value);
             }});
}

// --- EVAL

Text read_eval(Run& run, std::string_view text) {
  const Depth depth;
  if (depth.too_deep()) return base::fail("EVAL is nested too deeply: does its text name itself?");
  return limited(expand(run, text));
}

// --- LOCAL

Text read_local(Run& run, std::string_view name) {
  if (run.frames().empty()) return std::string();
  const auto* value = run.frames().back().locals.find(variable_name(base::trim(name)));
  return value != nullptr ? *value : std::string();
}

Done write_local(Run& run, std::string_view name, std::string_view value) {
  name = variable_name(base::trim(name));
  if (name.empty()) return base::fail("LOCAL wants the name of a variable");
  if (run.frames().empty()) return base::fail("LOCAL({}) has a meaning only inside of Gosub", name);
  run.frames().back().locals.set(name, std::string(value));
  return {};
}

// What the variable is to `hidden_by` calls further out.
Text read_local_peek(Run& run, std::string_view text) {
  const Arguments arguments(text);
  const auto hidden_by = base::parse_number<std::size_t>(base::trim(arguments[0]));
  const auto name = variable_name(base::trim(arguments[1]));
  if (!hidden_by || name.empty()) {
    return base::fail("LOCAL_PEEK wants a number and a variable: LOCAL_PEEK(1,name)");
  }
  if (*hidden_by == 0) return run.variable(name).value_or("");
  const auto& frames = run.frames();
  if (*hidden_by > frames.size()) return std::string();
  for (auto left = frames.size() - *hidden_by; left > 0; --left) {
    if (const auto* value = frames[left - 1].locals.find(name)) return *value;
  }
  const auto* value = run.variables().find(name);
  return value != nullptr ? *value : std::string();
}

}  // namespace

void add_variable_functions(FunctionTable& table) {
  table.add({"HASH", read_hash, write_hash});
  table.add({"HASHKEYS", read_hashkeys});
  table.add({"ARRAY", nullptr, write_array});
  table.add({"GLOBAL", read_global, write_global});
  add_env(table);
  // Its text may name CURL(), which nobody knows before.
  table.add({"EVAL", read_eval, nullptr, true});
  table.add({"LOCAL", read_local, write_local});
  table.add({"LOCAL_PEEK", read_local_peek});
}

}  // namespace missive::dialplan

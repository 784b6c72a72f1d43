// JSON_DECODE(varname,item[,separator[,options]])
#include <nlohmann/json.hpp>
#include <string>

#include "base/text.h"
#include "dialplan/functions/arguments.h"

namespace missive::dialplan {
namespace {

using Text = base::Result<std::string>;
using Json = nlohmann::json;

constexpr int max_depth = 64;

// The parser does not recurse, but writing a value out does. Brackets inside of strings do not
// count.
bool is_too_deep(std::string_view text) {
  bool quoted = false;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '[' || c == '{')) {
      if (++depth > max_depth) return true;
    } else if (!quoted && (c == ']' || c == '}')) {
      --depth;
    }
  }
  return false;
}

// The member of an object or, by its number, of an array; nullptr when there is none.
const Json* member(const Json& value, std::string_view key) {
  if (value.is_object()) {
    const auto found = value.find(std::string(key));
    return found != value.end() ? &*found : nullptr;
  }
  if (value.is_array()) {
    const auto place = base::parse_number<std::size_t>(key);
    return place && *place < value.size() ? &value[*place] : nullptr;
  }
  return nullptr;
}

std::string written(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>();
  if (value.is_boolean()) return value.get<bool>() ? "1" : "0";
  if (value.is_null()) return {};
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Text read_json_decode(Run& run, std::string_view text) {
  const auto arguments = Arguments::raw(text, 4);
  if (arguments.size() < 2) {
    return base::fail("JSON_DECODE wants a variable and a key: JSON_DECODE(name,key)");
  }
  const auto document = value_of(run, arguments.text(0));
  if (!document) return document;
  if (document->empty()) return std::string();
  if (document->size() > max_text) {
    return base::fail("the JSON has {} octets; {} are the most", document->size(), max_text);
  }
  if (is_too_deep(*document)) {
    return base::fail("the JSON is nested more than {} levels deep", max_depth);
  }
  const auto root = Json::parse(*document, nullptr, false);
  if (root.is_discarded()) return base::fail("{} does not hold JSON", arguments.text(0));
  const std::string path = arguments.text(1);
  const char separator = arguments.delimiter(2, '.');
  const Json* value = &root;
  for (std::string_view rest = path; value != nullptr;) {
    const auto end = rest.find(separator);
    value = member(*value, rest.substr(0, end));
    if (end == rest.npos) break;
    rest.remove_prefix(end + 1);
  }
  if (value == nullptr) return std::string();
  const bool count = arguments[3].find('c') != std::string::npos;
  if (count && value->is_array()) return std::to_string(value->size());
  return limited(written(*value));
}

}  // namespace

void add_json_functions(FunctionTable& table) { table.add({"JSON_DECODE", read_json_decode}); }

}  // namespace missive::dialplan

// MESSAGE, MESSAGE_DATA.
#include "base/text.h"
#include "dialplan/function.h"
#include "dialplan/run.h"

namespace missive::dialplan {
namespace {

using base::iequals;

base::Result<std::string> read_message(Run& run, std::string_view arguments) {
  const auto name = base::trim(arguments);
  const auto& message = run.message();
  if (iequals(name, "to")) return std::string(message.to());
  if (iequals(name, "from")) return std::string(message.from());
  if (iequals(name, "body")) return std::string(message.body());
  return base::fail("MESSAGE({}): to, from or body can be read", base::printable(name, 40));
}

base::Result<void> write_message(Run& run, std::string_view arguments, std::string_view value) {
  const auto name = base::trim(arguments);
  auto& message = run.message();
  if (iequals(name, "to")) {
    message.set_to(std::string(value));
  } else if (iequals(name, "from")) {
    message.set_from(std::string(value));
  } else if (iequals(name, "body")) {
    message.set_body(std::string(value));
  } else if (!iequals(name, "custom_data")) {
    return base::fail("MESSAGE({}): to, from, body or custom_data can be set",
                      base::printable(name, 40));
  } else if (iequals(base::trim(value), "mark_all_outbound")) {
    message.mark_all_outbound();
  } else if (iequals(base::trim(value), "clear_all_outbound")) {
    message.clear_all_outbound();
  } else {
    return base::fail(
        "MESSAGE(custom_data) takes mark_all_outbound or clear_all_outbound, not '{}'",
        base::printable(value, 40));
  }
  return {};
}

base::Result<std::string> read_datum(Run& run, std::string_view arguments) {
  const auto name = base::trim(arguments);
  if (name.empty()) return base::fail("MESSAGE_DATA() needs the name of a header or variable");
  return std::string(run.message().datum(name).value_or(std::string_view{}));
}

base::Result<void> write_datum(Run& run, std::string_view arguments, std::string_view value) {
  const auto name = base::trim(arguments);
  if (name.empty()) return base::fail("MESSAGE_DATA() needs the name of a header or variable");
  run.message().set_datum(name, std::string(value));
  return {};
}

}  // namespace

void add_message_functions(FunctionTable& table) {
  table.add({"MESSAGE", read_message, write_message});
  table.add({"MESSAGE_DATA", read_datum, write_datum});
}

}  // namespace missive::dialplan

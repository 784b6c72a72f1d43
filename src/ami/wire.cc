#include "ami/wire.h"

#include <fmt/format.h>

#include "base/text.h"

namespace missive::ami {
namespace {

template <class Unit>
long long fraction(base::WallTime time) {
  const auto since = time.time_since_epoch();
  return std::chrono::floor<Unit>(since - std::chrono::floor<std::chrono::seconds>(since)).count();
}

}  // namespace

void append_printable(std::string& out, std::string_view value) {
  if (!base::has_control(value)) {
    out += value;
    return;
  }
  for (const char c : value) {
    if (base::is_control(c) && c != '\t') {
      out += base::printable({&c, 1});
    } else {
      out += c;
    }
  }
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  append_printable(out, value);
  out += "\r\n";
}

void begin_reply(std::string& out, std::string_view response, std::string_view action_id) {
  append_header(out, "Response", response);
  if (!action_id.empty()) append_header(out, "ActionID", action_id);
}

void append_reply(std::string& out, std::string_view response, std::string_view action_id,
                  std::string_view message) {
  begin_reply(out, response, action_id);
  append_header(out, "Message", message);
  end_packet(out);
}

void append_failure(std::string& out, std::string_view action_id, std::string_view message,
                    std::string_view reason) {
  begin_reply(out, "Error", action_id);
  append_header(out, "Message", message);
  if (!reason.empty()) append_header(out, "Reason", reason);
  end_packet(out);
}

std::string epoch_text(base::WallTime time) {
  return fmt::format("{}.{:06}", std::chrono::system_clock::to_time_t(time),
                     fraction<std::chrono::microseconds>(time));
}

std::string event_time_text(base::WallTime time) {
  return fmt::format("{}.{:03}{}", base::local_text(time, "%Y-%m-%dT%H:%M:%S"),
                     fraction<std::chrono::milliseconds>(time), base::local_text(time, "%z"));
}

std::string date_text(base::WallTime time) { return base::local_text(time, "%Y-%m-%d"); }
std::string time_text(base::WallTime time) { return base::local_text(time, "%H:%M:%S"); }

}  // namespace missive::ami

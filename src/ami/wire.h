// Writing AMI: headers and the beginnings of replies, appended to a string.
//
// Whatever the value came from, it stays inside its line: control characters are written
// as \xNN (a tab stays). Packets end with end_packet(). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/time_text.h"

namespace missive::ami {

void append_printable(std::string& out, std::string_view value);
void append_header(std::string& out, std::string_view name, std::string_view value);
inline void end_packet(std::string& out) { out += "\r\n"; }

// "Response: Success" and the ActionID, when there is one.
void begin_reply(std::string& out, std::string_view response, std::string_view action_id);
// A whole reply with nothing but `Message:`.
void append_reply(std::string& out, std::string_view response, std::string_view action_id,
                  std::string_view message);
// An error, with its `Reason:` where there is one.
void append_failure(std::string& out, std::string_view action_id, std::string_view message,
                    std::string_view reason);

std::string epoch_text(base::WallTime time);       // "1795352550.325019"
std::string event_time_text(base::WallTime time);  // "2026-11-22T13:02:29.874+0000", local time
std::string date_text(base::WallTime time);        // "2026-11-22", local time
std::string time_text(base::WallTime time);        // "13:02:28", local time
using base::utc_text;

}  // namespace missive::ami

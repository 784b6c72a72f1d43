// What goes through the console's local socket: frames of a kind and a text.
//
//   run 20\npjsip show endpoints
//
// To the server: `run` (a command), `complete` (the line so far), `follow` (shows the log from now
// on). To the console: `hello` (server, process, host), `output`, then `done` (ok or error), of a
// command; `choices` (words by line); `log` (level, blank, line), `packet` (a SIP packet).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace missive::console {

struct Frame {
  std::string_view kind, text;
};

void append_frame(std::string& out, std::string_view kind, std::string_view text);
// The first frame of `data`, which is taken off it; nothing where it is not all there yet. Fails
// where that is no frame, or one with a text longer than `longest`.
base::Result<std::optional<Frame>> take_frame(std::string_view& data, std::size_t longest);

}  // namespace missive::console

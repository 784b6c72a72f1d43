// What needs the class system beside an action's own, as Asterisk has it: whatever may run
// commands.
//
// Pure. Source: Asterisk documentation, "Privilege Escalations with Dialplan Functions",
// manager.conf, "write".
#pragma once

#include <string_view>

#include "ami/session.h"
#include "base/text.h"

namespace missive::ami {

// Whether what the user names may run commands, if live_dangerously of missive.conf allows that.
inline bool may_run_commands(const Session& session) {
  return any(session.user()->write & Class::system);
}

// Whether the user may have the text expanded: SHELL and EVAL need the class system. A name can be
// put together as it is expanded, so this only tells early: dialplan::Run::distrust() prevents it.
inline bool may_name(const Session& session, std::string_view text) {
  if (may_run_commands(session)) return true;
  const auto names = base::upper(text);
  return names.find("SHELL") == std::string::npos && names.find("EVAL") == std::string::npos;
}

}  // namespace missive::ami

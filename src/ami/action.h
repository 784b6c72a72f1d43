// The AMI actions this server knows.
//
// One table, sorted by name; each action is a function in actions/ that answers through the
// Session it is given. `privilege` is what ListCommands shows: one of its classes in the
// user's `write` is enough, none is needed where it is none.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "ami/classes.h"
#include "ami/configuration.h"
#include "ami/packet_reader.h"

namespace missive::ami {

class Session;
struct Shared;

struct Action {
  std::string_view name;
  std::string_view synopsis;
  Class privilege;
  bool before_login;
  void (*run)(Session& session, const ActionView& action);
  bool of_chan_sip = false;  // there is no such action without a sip.conf
};

std::span<const Action> all_actions();
// Without regard to case; nullptr when there is none.
const Action* find_action(std::string_view name);
bool may_run(const Action& action, const User& user);
// Whether this server has it.
bool is_there(const Action& action, const Shared& shared);

}  // namespace missive::ami

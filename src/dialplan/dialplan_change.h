// Another dialplan that differs from one in a single extension or priority.
//
// What the actions DialplanExtensionAdd and DialplanExtensionRemove and the commands `dialplan add`
// and `dialplan remove` do, by InForce::change(). The tables outlive the Dialplan. Pure; any
// thread. Source: Asterisk documentation, these actions.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dialplan/dialplan.h"

namespace missive::dialplan {

struct Changed {
  enum class Outcome {
    done,
    exists,        // there is such a priority, and it is not to be replaced
    no_context,    // there is none of that name
    no_extension,  // nor such an extension in the context
    no_priority,   // nor such a priority of the extension
    refused,       // `problem` says why
  };
  Outcome outcome = Outcome::done;
  std::string problem;
  std::shared_ptr<const Dialplan> dialplan;  // of done only
};

// In the place of a priority's number: the hint of an extension, whose state that is.
inline constexpr int hint_priority = -1;
// A number from 1, or "hint".
std::optional<int> priority_number(std::string_view text);

struct NewPriority {
  std::string_view context;  // is made where there is none
  std::string_view exten;    // a pattern begins with an underscore
  int number = 1;            // or hint_priority: `application` is what the hint says
  std::string_view label = {};
  std::string_view application;
  std::string_view arguments;
  bool replace = false;
};
Changed add_priority(const Dialplan& dialplan, const NewPriority& added,
                     const ApplicationTable& applications, const FunctionTable& functions);

// The whole extension without a number. The context stays, be it empty.
Changed remove_extension(const Dialplan& dialplan, std::string_view context, std::string_view exten,
                         std::optional<int> number);

}  // namespace missive::dialplan

// The functions and applications there are, filled once.
//
// What loads a dialplan and what runs one share them; immutable, any thread.
#pragma once

#include "dialplan/application.h"
#include "dialplan/function.h"

namespace missive::dialplan {

inline const FunctionTable& all_functions() {
  static const auto table = [] {
    FunctionTable functions;
    add_functions(functions);
    return functions;
  }();
  return table;
}

inline const ApplicationTable& all_applications() {
  static const auto table = [] {
    ApplicationTable applications;
    add_applications(applications);
    return applications;
  }();
  return table;
}

}  // namespace missive::dialplan

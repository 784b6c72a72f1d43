// The options of CURL(), as CURLOPT() sets them for one run.
//
// Kept in the run's own variables under names that no dialplan writes by accident. Values
// are checked when they are set: what comes from a message cannot add lines to a request.
// Source: Asterisk documentation, function CURLOPT.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialplan/run.h"

namespace missive::dialplan {

class CurlOptions {
 public:
  explicit CurlOptions(Run& run) : run_(run) {}

  base::Result<void> set(std::string_view name, std::string_view value);
  // What was set, or "" (of a list: all, with commas). An error when there is no such option.
  base::Result<std::string> get(std::string_view name) const;

  // Of options that exist; "" or nothing when they have not been set.
  std::string text(std::string_view name) const;
  bool flag(std::string_view name, bool fallback) const;
  // Of ...timeout in milliseconds.
  long number(std::string_view name, long fallback) const;
  std::vector<std::string> list(std::string_view name) const;

 private:
  Run& run_;
};

}  // namespace missive::dialplan

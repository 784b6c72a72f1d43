// Which events a session gets to see: eventfilter of manager.conf and the action Filter.
//
// Two ways to say one. The old: a POSIX extended regular expression over the whole event,
// with `!` in front to shut out what matches. The new: criteria that name the event, one
// header and how to compare, such as `action(exclude),name(Hangup),header(Channel),
// method(starts_with)`, and an expression; without a method it is a regular expression if
// there is one. An event passes when it matches one of the including filters (or there are
// none) and none of the excluding ones.
//
// Expressions that could exhaust memory or time when compiled (over 1,024 octets,
// repetitions of more than 1,000 in all, back-references) are refused. Immutable and
// shareable between threads once made. Source: Asterisk documentation, "AMI Event
// Filtering"; regex(7).
#pragma once

#include <regex.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ami/event.h"
#include "base/result.h"

namespace missive::ami {

class EventFilter {
 public:
  static base::Result<EventFilter> from_expression(std::string_view text);
  static base::Result<EventFilter> from_criteria(std::string_view criteria,
                                                 std::string_view expression);

  bool excludes() const { return excludes_; }
  bool matches(const Event& event) const;

 private:
  enum class Method { none, regex, exact, starts_with, ends_with, contains };

  base::Result<void> apply(std::string_view criterion, std::string_view argument);
  base::Result<void> compile();
  bool compares(std::string_view text) const;

  bool excludes_ = false;
  Method method_ = Method::none;
  bool method_given_ = false;
  std::string name_;
  std::string header_;
  std::string expression_;
  std::shared_ptr<const regex_t> regex_;
};

class EventFilters {
 public:
  void add(EventFilter filter);
  bool empty() const { return including_.empty() && excluding_.empty(); }
  bool pass(const Event& event) const;

 private:
  std::vector<EventFilter> including_;
  std::vector<EventFilter> excluding_;
};

}  // namespace missive::ami

// Which events a session gets to see: eventfilter of manager.conf and the action Filter.
//
// Two ways to say one. The old: a POSIX extended regular expression over the whole event. The new:
// criteria that name the event, one header and how to compare, such as
// `action(exclude),name(Hangup),header(Channel),method(starts_with)`, and an expression where there
// is a method. In both `!` in front of the expression shuts out what matches, unless action() says
// otherwise. An event passes when it matches one of the including filters (or there are none) and
// none of the excluding ones.
//
// Regular expressions have the bounds of base/regex.h, and look at the first 8 KiB of an event.
// Immutable and shareable between threads once made. Source: Asterisk documentation, "AMI Event
// Filtering".
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ami/event.h"
#include "base/regex.h"
#include "base/result.h"

namespace missive::ami {

class EventFilter {
 public:
  enum class Mistake { format, expression };
  struct Refusal {
    Mistake what;
    std::string text;
  };
  using Made = tl::expected<EventFilter, Refusal>;

  // Without criteria it is the old way.
  static Made make(std::string_view criteria, std::string_view expression);

  bool excludes() const { return excludes_; }
  bool matches(const Event& event) const;

 private:
  enum class Method { none, regex, exact, starts_with, ends_with, contains };

  base::Result<void> read(std::string_view criteria);
  base::Result<void> apply(std::string_view criterion, std::string_view argument);
  base::Result<void> check() const;
  bool compares(std::string_view text) const;

  bool excludes_ = false;
  Method method_ = Method::none;
  std::string name_;
  std::string header_;
  std::string expression_;
  std::shared_ptr<const base::Regex> regex_;
};

class EventFilters {
 public:
  static constexpr std::size_t max_filters = 100;  // that a session may come to have

  void add(EventFilter filter);
  std::size_t size() const { return including_.size() + excluding_.size(); }
  bool empty() const { return size() == 0; }
  bool pass(const Event& event) const;

 private:
  std::vector<EventFilter> including_;
  std::vector<EventFilter> excluding_;
};

}  // namespace missive::ami

#include "ami/event_filter.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace missive::ami {
namespace {

// Calls visit(value) for every `name: value` line of the event until it answers true.
template <class Visit>
bool any_header(std::string_view text, std::string_view name, Visit&& visit) {
  while (!text.empty()) {
    const auto end = std::min(text.find("\r\n"), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 2, text.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !base::iequals(line.substr(0, colon), name)) continue;
    if (visit(base::trim_left(line.substr(colon + 1)))) return true;
  }
  return false;
}

}  // namespace

EventFilter::Made EventFilter::make(std::string_view criteria, std::string_view expression) {
  EventFilter filter;
  filter.excludes_ = expression.starts_with('!');
  if (filter.excludes_) expression.remove_prefix(1);
  filter.expression_ = expression;
  const auto read = filter.read(criteria);
  if (!read) return tl::unexpected(Refusal{Mistake::format, read.error().text});
  if (filter.method_ != Method::regex) return filter;
  auto compiled = base::Regex::compile(expression);
  if (!compiled) return tl::unexpected(Refusal{Mistake::expression, compiled.error().text});
  filter.regex_ = std::make_shared<const base::Regex>(std::move(*compiled));
  return filter;
}

base::Result<void> EventFilter::read(std::string_view criteria) {
  if (criteria.empty()) {
    method_ = Method::regex;
    return check();
  }
  for (const auto part : base::split_list(criteria)) {
    const auto open = part.find('(');
    if (open == std::string_view::npos || !part.ends_with(')')) {
      return base::fail(
          "'{}' is no criterion; write name(Event), header(Name), method(how) or "
          "action(include) or action(exclude)",
          base::printable(part, 40));
    }
    const auto argument = base::trim(part.substr(open + 1, part.size() - open - 2));
    if (auto applied = apply(base::trim(part.substr(0, open)), argument); !applied) return applied;
  }
  return check();
}

// That what is said goes together.
base::Result<void> EventFilter::check() const {
  if (method_ != Method::none && expression_.empty()) {
    return base::fail("the filter is empty; the method needs an expression to compare with");
  }
  if (method_ == Method::none && !expression_.empty()) {
    return base::fail("an expression needs a method other than none, such as method(regex)");
  }
  if (method_ == Method::none && name_.empty() && header_.empty()) {
    return base::fail("nothing to match; give name(), header() or a method and an expression");
  }
  return {};
}

base::Result<void> EventFilter::apply(std::string_view criterion, std::string_view argument) {
  static constexpr std::array<std::string_view, 6> methods{"none",        "regex",     "exact",
                                                           "starts_with", "ends_with", "contains"};
  if (argument.empty()) return base::fail("{}() is empty", base::printable(criterion, 40));
  if (base::iequals(criterion, "name")) {
    name_ = argument;
  } else if (base::iequals(criterion, "header")) {
    header_ = argument;
  } else if (base::iequals(criterion, "action")) {
    excludes_ = base::iequals(argument, "exclude");
    if (!excludes_ && !base::iequals(argument, "include")) {
      return base::fail("action({}) is neither include nor exclude", base::printable(argument, 40));
    }
  } else if (base::iequals(criterion, "method")) {
    const auto method = std::find_if(methods.begin(), methods.end(), [&](std::string_view name) {
      return base::iequals(name, argument);
    });
    if (method == methods.end()) {
      return base::fail(
          "method({}) is none of regex, exact, starts_with, ends_with, contains, none",
          base::printable(argument, 40));
    }
    method_ = static_cast<Method>(method - methods.begin());
  } else {
    return base::fail("'{}' is none of action, name, header, method",
                      base::printable(criterion, 40));
  }
  return {};
}

bool EventFilter::matches(const Event& event) const {
  if (!name_.empty() && event.name != name_) return false;
  if (header_.empty()) return compares(event.text);
  return any_header(event.text, header_,
                    [this](std::string_view value) { return compares(value); });
}

bool EventFilter::compares(std::string_view text) const {
  switch (method_) {
    case Method::none:
      return true;
    case Method::exact:
      return text == expression_;
    case Method::starts_with:
      return text.starts_with(expression_);
    case Method::ends_with:
      return text.ends_with(expression_);
    case Method::contains:
      return text.find(expression_) != std::string_view::npos;
    case Method::regex:
      break;
  }
  return regex_->matches(text.substr(0, base::Regex::max_subject)).value_or(false);
}

void EventFilters::add(EventFilter filter) {
  (filter.excludes() ? excluding_ : including_).push_back(std::move(filter));
}

bool EventFilters::pass(const Event& event) const {
  const auto matches = [&event](const EventFilter& filter) { return filter.matches(event); };
  if (!including_.empty() && std::none_of(including_.begin(), including_.end(), matches)) {
    return false;
  }
  return std::none_of(excluding_.begin(), excluding_.end(), matches);
}

}  // namespace missive::ami

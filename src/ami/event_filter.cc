#include "ami/event_filter.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace missive::ami {
namespace {

constexpr std::size_t max_expression = 1024;
constexpr unsigned max_repetitions = 1000;

// The greatest number between the braces of `{m,n}`; 1 when that is no repetition.
unsigned repetition(std::string_view text) {
  unsigned greatest = 1;
  unsigned number = 0;
  for (const char c : text) {
    if (c == '}') return std::max(greatest, number);
    if (base::is_digit(c)) {
      number = std::min(number * 10 + static_cast<unsigned>(c - '0'), max_repetitions + 1);
    } else {
      greatest = std::max(greatest, number);
      number = 0;
    }
  }
  return 1;
}

// The C library expands repetitions, nested ones by multiplication, and follows
// back-references by trying everything.
bool is_harmless(std::string_view pattern) {
  if (pattern.size() > max_expression) return false;
  unsigned long long product = 1;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      if (++i < pattern.size() && base::is_digit(pattern[i])) return false;
    } else if (pattern[i] == '{') {
      product *= repetition(pattern.substr(i + 1));
      if (product > max_repetitions) return false;
    }
  }
  return true;
}

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

base::Result<EventFilter> EventFilter::from_expression(std::string_view text) {
  EventFilter filter;
  filter.excludes_ = text.starts_with('!');
  if (filter.excludes_) text.remove_prefix(1);
  if (text.empty()) return base::fail("the filter is empty; a regular expression is needed");
  filter.expression_ = text;
  filter.method_ = Method::regex;
  if (auto compiled = filter.compile(); !compiled) return tl::unexpected(compiled.error());
  return filter;
}

base::Result<EventFilter> EventFilter::from_criteria(std::string_view criteria,
                                                     std::string_view expression) {
  EventFilter filter;
  filter.expression_ = expression;
  for (const auto part : base::split_list(criteria)) {
    const auto open = part.find('(');
    if (open == std::string_view::npos || !part.ends_with(')')) {
      return base::fail(
          "'{}' is no criterion; write name(Event), header(Name), method(how) or "
          "action(include) or action(exclude)",
          base::printable(part, 40));
    }
    const auto argument = base::trim(part.substr(open + 1, part.size() - open - 2));
    auto applied = filter.apply(base::trim(part.substr(0, open)), argument);
    if (!applied) return tl::unexpected(applied.error());
  }
  if (!filter.method_given_ && !expression.empty()) filter.method_ = Method::regex;
  if (filter.method_ != Method::none && expression.empty()) {
    return base::fail("the method needs an expression to compare with");
  }
  if (filter.method_ == Method::none && filter.name_.empty() && filter.header_.empty()) {
    return base::fail("nothing to match; give name(), header() or an expression");
  }
  if (auto compiled = filter.compile(); !compiled) return tl::unexpected(compiled.error());
  return filter;
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
    method_given_ = true;
  } else {
    return base::fail("'{}' is none of action, name, header, method",
                      base::printable(criterion, 40));
  }
  return {};
}

base::Result<void> EventFilter::compile() {
  if (method_ != Method::regex) return {};
  if (!is_harmless(expression_)) {
    return base::fail(
        "the regular expression is too costly; at most {} octets, {} repetitions, no "
        "back-references",
        max_expression, max_repetitions);
  }
  auto compiled = std::make_unique<regex_t>();
  const int error = regcomp(compiled.get(), expression_.c_str(), REG_EXTENDED | REG_NOSUB);
  if (error != 0) {
    char text[128];
    regerror(error, compiled.get(), text, sizeof(text));
    return base::fail("'{}' is no regular expression: {}", base::printable(expression_, 80), text);
  }
  regex_ = {compiled.release(), [](const regex_t* regex) {
              auto* owned = const_cast<regex_t*>(regex);
              regfree(owned);
              delete owned;
            }};
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
  regmatch_t range{};
  range.rm_eo = static_cast<regoff_t>(text.size());
  return regexec(regex_.get(), text.data(), 1, &range, REG_STARTEND) == 0;
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

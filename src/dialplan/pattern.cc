#include "dialplan/pattern.h"

#include <algorithm>
#include <bitset>

#include "base/text.h"

namespace missive::dialplan {
namespace {

using Set = std::bitset<256>;
constexpr auto npos = std::string_view::npos;

std::size_t index_of(char c) { return static_cast<unsigned char>(c); }

// The digit that the letter begins its digits with, or nothing for any other character.
char first_digit(char letter) {
  switch (base::to_lower(letter)) {
    case 'x':
      return '0';
    case 'z':
      return '1';
    case 'n':
      return '2';
    default:
      return '\0';
  }
}

// A character inside of a set, behind any backslash.
char take_from_set(std::string_view& text) {
  if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
  const char c = text.front();
  text.remove_prefix(1);
  return c;
}

// The place of the ']' behind `text`, which begins behind the '['; npos without one.
std::size_t find_set_end(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == ']') {
      return i;
    }
  }
  return npos;
}

// Calls visit(first, last) for every range and character in a set.
template <class Visit>
void visit_set(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const char first = take_from_set(text);
    char last = first;
    if (text.size() > 1 && text.front() == '-') {
      text.remove_prefix(1);
      last = take_from_set(text);
    }
    visit(index_of(first), index_of(last));
  }
}

bool is_in_set(std::string_view text, char c) {
  bool is_in = false;
  visit_set(text, [&is_in, c](std::size_t first, std::size_t last) {
    is_in |= first <= index_of(c) && index_of(c) <= last;
  });
  return is_in;
}

std::string_view without_underscore(std::string_view pattern) {
  if (pattern.starts_with('_')) pattern.remove_prefix(1);
  return pattern;
}

void skip_dashes(std::string_view& text) {
  while (text.starts_with('-')) text.remove_prefix(1);
}

// Takes one place off the pattern and says whether `c` fits it.
bool take_match(std::string_view& pattern, char c) {
  const char place = pattern.front();
  pattern.remove_prefix(1);
  if (const char first = first_digit(place); first != '\0') return c >= first && c <= '9';
  if (place != '[') return c == place;
  const auto end = find_set_end(pattern);
  if (end == npos) return false;
  const bool fits = is_in_set(pattern.substr(0, end), c);
  pattern.remove_prefix(end + 1);
  return fits;
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view exten) {
  pattern = without_underscore(pattern);
  for (;;) {
    skip_dashes(pattern);
    if (pattern.starts_with('!')) return true;
    if (pattern.starts_with('.')) return !exten.empty();
    skip_dashes(exten);
    if (pattern.empty() || exten.empty()) return pattern.empty() && exten.empty();
    if (!take_match(pattern, exten.front())) return false;
    exten.remove_prefix(1);
  }
}

std::string without_dashes(std::string_view name) {
  std::string out(name);
  out.erase(std::remove(out.begin(), out.end(), '-'), out.end());
  return out.empty() ? std::string(name) : out;
}

namespace {

std::string characters_of(const Set& set) {
  std::string characters;
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (set[i]) characters += static_cast<char>(i);
  }
  return characters;
}

Set digits_from(char first) {
  Set set;
  for (char digit = first; digit <= '9'; ++digit) set.set(index_of(digit));
  return set;
}

Set read_set(std::string_view text) {
  Set set;
  visit_set(text, [&set](std::size_t first, std::size_t last) {
    for (auto i = first; i <= last; ++i) set.set(i);
  });
  return set;
}

}  // namespace

base::Result<PatternOrder> PatternOrder::of(std::string_view pattern,
                                            std::vector<std::string>& warnings) {
  static constexpr int dot_width = 1'000, bang_width = 1'001;
  const auto shown = base::printable(pattern, 80);
  char small_wildcard = '\0';
  bool has_small_letters = false;
  PatternOrder order;
  for (auto rest = without_underscore(pattern); !rest.empty();) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == '-') continue;
    if (c == '.' || c == '!') {
      order.places_.push_back({c == '.' ? dot_width : bang_width, {}});
      break;
    }
    Set set;
    if (const char first = first_digit(c); first != '\0') {
      set = digits_from(first);
      if (c >= 'a') small_wildcard = c;
    } else if (c == '[') {
      const auto end = find_set_end(rest);
      if (end == npos) return base::fail("pattern '{}' has a '[' without its ']'", shown);
      set = read_set(rest.substr(0, end));
      rest.remove_prefix(end + 1);
      if (set.none()) {
        warnings.push_back(
            fmt::format("a set of pattern '{}' is empty, so nothing matches", shown));
      }
    } else {
      set.set(index_of(c));
      has_small_letters |= c >= 'a' && c <= 'z';
    }
    order.places_.push_back({static_cast<int>(set.count()), characters_of(set)});
  }
  if (small_wildcard != '\0' && has_small_letters) {
    warnings.push_back(
        fmt::format("'{0}' in pattern '{1}' stands for a digit; the letter itself is "
                    "[{0}]",
                    small_wildcard, shown));
  }
  return order;
}

}  // namespace missive::dialplan

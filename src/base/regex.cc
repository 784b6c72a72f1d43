#include "base/regex.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace missive::base {
namespace {

constexpr int max_depth = 32;           // of groups
constexpr unsigned max_count = 255;     // in {m,n}
constexpr unsigned max_repeated = 12;   // of repeated groups: each '+' may double the automaton
constexpr unsigned max_product = 1000;  // of all counts: nested ones multiply the automaton
constexpr unsigned max_growth = 4096;   // by both together

// The place behind a bracket expression that begins at `place`.
std::size_t skip_brackets(std::string_view pattern, std::size_t place) {
  ++place;
  if (place < pattern.size() && pattern[place] == '^') ++place;
  if (place < pattern.size() && pattern[place] == ']') ++place;
  while (place < pattern.size() && pattern[place] != ']') {
    // [:alpha:] [.x.] [=x=]
    const char kind = pattern[place] == '[' && place + 1 < pattern.size() ? pattern[place + 1] : 0;
    if (kind == ':' || kind == '.' || kind == '=') {
      const char close[] = {kind, ']', 0};
      const auto end = pattern.find(close, place + 2);
      if (end == pattern.npos) return pattern.size();
      place = end + 2;
    } else {
      ++place;
    }
  }
  return place + 1;
}

// The largest number in a count that begins at `place`, and the place behind it.
std::pair<unsigned, std::size_t> read_count(std::string_view pattern, std::size_t place) {
  unsigned largest = 0, number = 0;
  for (++place; place < pattern.size() && pattern[place] != '}'; ++place) {
    number = is_digit(pattern[place])
                 ? std::min(100'000u, number * 10 + static_cast<unsigned>(pattern[place] - '0'))
                 : 0;
    largest = std::max(largest, number);
  }
  return {largest, place + 1};
}

// The '+' or '{' at `place` repeats what is a group or repeated already.
bool repeats_a_group(std::string_view pattern, std::size_t place) {
  static constexpr std::string_view behind = ")+*?}";
  return place > 0 && (pattern[place] == '+' || pattern[place] == '{') &&
         behind.find(pattern[place - 1]) != behind.npos;
}

Result<void> check(std::string_view pattern) {
  if (pattern.size() > Regex::max_pattern) {
    return fail("the regular expression has {} octets; {} are the most", pattern.size(),
                Regex::max_pattern);
  }
  if (pattern.find('\0') != pattern.npos) {
    return fail("the regular expression has a NUL in it");
  }
  int depth = 0;
  unsigned product = 1, repeated = 0;
  for (std::size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (repeats_a_group(pattern, i) && ++repeated > max_repeated) {
      return fail("the regular expression repeats more than {} groups", max_repeated);
    }
    if (c == '\\') {
      if (i + 1 < pattern.size() && is_digit(pattern[i + 1])) {
        return fail("back-references such as \\{} are not allowed in a regular expression",
                    pattern[i + 1]);
      }
      i += 2;
    } else if (c == '[') {
      i = skip_brackets(pattern, i);
    } else if (c == '{') {
      const auto [count, behind] = read_count(pattern, i);
      if (count > max_count || (product *= std::max(1u, count)) > max_product) {
        return fail(
            "the counts in the regular expression are too large: one may be {}, "
            "all multiplied {}",
            max_count, max_product);
      }
      i = behind;
    } else {
      if (c == '(' && ++depth > max_depth) {
        return fail("the groups of the regular expression are nested too deeply");
      }
      if (c == ')') --depth;
      ++i;
    }
  }
  if (product << repeated > max_growth) {
    return fail("the regular expression repeats too much, counts and repeated groups together");
  }
  return {};
}

}  // namespace

void Regex::Free::operator()(regex_t* compiled) const {
  regfree(compiled);
  delete compiled;
}

Result<Regex> Regex::compile(std::string_view pattern, bool ignore_case) {
  if (const auto fine = check(pattern); !fine) return tl::unexpected(fine.error());
  auto compiled = std::make_unique<regex_t>();
  const int flags = REG_EXTENDED | (ignore_case ? REG_ICASE : 0);
  if (const int error = regcomp(compiled.get(), std::string(pattern).c_str(), flags)) {
    std::array<char, 128> why{};
    regerror(error, compiled.get(), why.data(), why.size());
    return fail("\"{}\" is no regular expression: {}", printable(pattern, 80), why.data());
  }
  return Regex(std::unique_ptr<regex_t, Free>(compiled.release()));
}

Result<bool> Regex::run(std::string_view text, std::span<regmatch_t> places,
                        std::size_t wanted) const {
  if (text.size() > max_subject) {
    return fail("a regular expression looks at {} octets at most, not at {}", max_subject,
                text.size());
  }
  // REG_STARTEND: a NUL does not end the text, nor does it have to be there.
  places[0] = {0, static_cast<regoff_t>(text.size())};
  const char* start = text.data() != nullptr ? text.data() : "";
  return regexec(compiled_.get(), start, wanted, places.data(), REG_STARTEND) == 0;
}

Result<std::optional<Regex::Match>> Regex::find(std::string_view text) const {
  std::array<regmatch_t, 2> places{};
  const bool has_group = compiled_->re_nsub > 0;
  const auto found = run(text, places, has_group ? 2 : 1);
  if (!found) return tl::unexpected(found.error());
  if (!*found) return std::optional<Match>();
  const auto part = [text](const regmatch_t& place) {
    return text.substr(static_cast<std::size_t>(place.rm_so),
                       static_cast<std::size_t>(place.rm_eo - place.rm_so));
  };
  Match match;
  match.whole = part(places[0]);
  if (has_group) match.group = places[1].rm_so >= 0 ? part(places[1]) : std::string_view();
  return std::optional<Match>(match);
}

Result<bool> Regex::matches(std::string_view text) const {
  std::array<regmatch_t, 1> places{};
  return run(text, places, 0);
}

}  // namespace missive::base

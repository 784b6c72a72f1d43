#include "base/regex.h"

#include <re2/re2.h>

#include <array>

#include "base/text.h"

namespace missive::base {
namespace {

// Of one expression. A pattern that needs more is refused; where a text makes it need more, RE2
// does with less and takes longer.
constexpr std::int64_t max_memory = 128 * 1024;

// Writes in RE2's syntax what POSIX extended expressions, as glibc reads them, say another way.
class Translation {
 public:
  explicit Translation(std::string_view pattern) : pattern_(pattern) {}

  Result<std::string> run() {
    while (place_ < pattern_.size() && !error_) step();
    if (error_) return tl::unexpected(*error_);
    return std::move(out_);
  }

 private:
  void step() {
    const char c = pattern_[place_];
    if (c == '\\') return escape();
    if (c == '[') return brackets();
    if (pattern_.substr(place_).starts_with("{,")) {  // {,3} is {0,3}
      out_ += "{0,";
      place_ += 2;
      return;
    }
    out_ += c;
    ++place_;
  }

  // A letter that GNU gives no meaning is itself; RE2 has meanings of its own.
  void escape() {
    constexpr std::string_view same = "wWsSbB";
    if (place_ + 1 == pattern_.size()) {
      out_ += '\\';  // which is the error that it is
      ++place_;
      return;
    }
    const char c = pattern_[place_ + 1];
    place_ += 2;
    if (is_digit(c) && c != '0') {
      return refuse(
          fail("back-references such as \\{} are not allowed in a regular expression", c));
    }
    if (c == '<' || c == '>') {
      out_ += "\\b";
    } else if (same.find(c) != same.npos) {
      out_.append(1, '\\').append(1, c);
    } else {
      out_ += RE2::QuoteMeta(re2::StringPiece(&c, 1));
    }
  }

  // In brackets a backslash is itself.
  void brackets() {
    take();
    if (next() == '^') take();
    if (next() == ']') {
      out_ += '\\';
      take();
    }
    while (place_ < pattern_.size() && next() != ']') {
      const char kind = next() == '[' && place_ + 1 < pattern_.size() ? pattern_[place_ + 1] : 0;
      if (kind == '.' || kind == '=') {
        return refuse(fail("[.x.] and [=x=] are not allowed in a regular expression"));
      }
      const auto end = kind == ':' ? pattern_.find(":]", place_ + 2) : pattern_.npos;
      if (end != pattern_.npos) {
        while (place_ < end + 2) take();
      } else {
        if (next() == '\\' || next() == '[') out_ += '\\';
        take();
      }
    }
    if (place_ < pattern_.size()) take();
  }

  char next() const { return place_ < pattern_.size() ? pattern_[place_] : '\0'; }
  void take() { out_ += pattern_[place_++]; }
  void refuse(tl::unexpected<Error> error) { error_ = std::move(error.value()); }

  const std::string_view pattern_;
  std::size_t place_ = 0;
  std::string out_;
  std::optional<Error> error_;
};

RE2::Options options() {
  RE2::Options out;
  out.set_encoding(RE2::Options::EncodingLatin1);
  out.set_posix_syntax(true);
  out.set_longest_match(true);
  out.set_one_line(true);
  out.set_dot_nl(true);
  out.set_perl_classes(true);
  out.set_word_boundary(true);
  out.set_max_mem(max_memory);
  out.set_log_errors(false);
  return out;
}

std::string_view view(const re2::StringPiece& piece) { return {piece.data(), piece.size()}; }

Result<void> check_size(std::string_view text) {
  if (text.size() <= Regex::max_subject) return {};
  return fail("a regular expression looks at {} octets at most, not at {}", Regex::max_subject,
              text.size());
}

}  // namespace

Regex::Regex(std::unique_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::compile(std::string_view pattern) {
  if (pattern.size() > max_pattern) {
    return fail("the regular expression has {} octets; {} are the most", pattern.size(),
                max_pattern);
  }
  if (pattern.find('\0') != pattern.npos) {
    return fail("the regular expression has a NUL in it");
  }
  const auto translated = Translation(pattern).run();
  if (!translated) return tl::unexpected(translated.error());
  auto compiled = std::make_unique<const RE2>(*translated, options());
  if (!compiled->ok()) {
    return fail("\"{}\" is no regular expression: {}", printable(pattern, 80),
                printable(compiled->error(), 120));
  }
  return Regex(std::move(compiled));
}

bool Regex::has_group() const { return compiled_->NumberOfCapturingGroups() > 0; }

Result<std::optional<Regex::Match>> Regex::find(std::string_view text) const {
  if (const auto fits = check_size(text); !fits) return tl::unexpected(fits.error());
  std::array<re2::StringPiece, 2> places;
  const bool grouped = has_group();
  const re2::StringPiece subject(text.data(), text.size());
  if (!compiled_->Match(subject, 0, text.size(), RE2::UNANCHORED, places.data(), grouped ? 2 : 1)) {
    return std::optional<Match>();
  }
  Match match{.whole = view(places[0]), .group = std::nullopt};
  if (grouped) match.group = view(places[1]);
  return std::optional<Match>(match);
}

Result<bool> Regex::matches(std::string_view text) const {
  if (const auto fits = check_size(text); !fits) return tl::unexpected(fits.error());
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

}  // namespace missive::base

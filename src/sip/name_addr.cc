#include "sip/name_addr.h"

#include "base/text.h"
#include "sip/chars.h"

namespace missive::sip {

namespace {

// Where the first of the two characters is, or the size. (find_first_of() is many
// times slower on the short texts here.)
std::size_t find_either(std::string_view text, char a, char b) {
  std::size_t i = 0;
  while (i < text.size() && text[i] != a && text[i] != b) ++i;
  return i;
}

// A display name without quotes: tokens with blanks between them. RFC 3261 wants a
// blank before the '<' too; RFC 4475 section 3.1.1.6 says to do without.
bool is_token_list(std::string_view name) {
  for (const char c : name) {
    if (!chars::is(c, chars::token) && !base::is_blank(c)) return false;
  }
  return true;
}

base::Result<void> take_display_name(std::string_view& rest, NameAddr& result) {
  if (rest.front() == '"') {
    const auto inside = take_quoted(rest);
    if (!inside) return base::fail("the closing '\"' of the display name is missing");
    result.display_name = *inside;
    result.quoted = true;
    chars::skip_blanks(rest);
    if (rest.empty() || rest.front() != '<') {
      return base::fail("a quoted display name must be followed by '<' and a URI");
    }
    return {};
  }
  const auto bracket = rest.find('<');
  const auto name = rest.substr(0, bracket);
  if (!is_token_list(name)) {
    return base::fail("the display name '{}' must stand in quotes", base::printable(name, 80));
  }
  result.display_name = base::trim(name);
  rest.remove_prefix(bracket);
  return {};
}

base::Result<void> take_bracketed_uri(std::string_view& rest, NameAddr& result) {
  const auto end = rest.find('>');
  if (end == std::string_view::npos) return base::fail("the '>' after the URI is missing");
  result.uri = rest.substr(1, end - 1);
  rest.remove_prefix(end + 1);
  return {};
}

base::Result<void> take_bare_uri(std::string_view& rest, NameAddr& result) {
  result.uri = base::trim_right(rest.substr(0, rest.find(';')));
  rest.remove_prefix(result.uri.size());
  if (find_either(result.uri, ',', '?') != result.uri.size()) {
    return base::fail("the URI '{}' must stand in angle brackets, as it holds ',' or '?'",
                      base::printable(result.uri, 80));
  }
  return {};
}

base::Result<void> check_params(std::string_view rest) {
  Param param;
  ParamStep step;
  bool tagged = false;
  while ((step = next_param(rest, param)) == ParamStep::param) {
    if (!chars::same_name(param.name, "tag")) continue;
    if (tagged || param.quoted || param.value.empty() || !chars::all(param.value, chars::token)) {
      return base::fail("the tag must be given once, as a token");
    }
    tagged = true;
  }
  if (step == ParamStep::error || !rest.empty()) {
    return base::fail("'{}' is no header parameter; they are ;name or ;name=value",
                      base::printable(rest, 80));
  }
  return {};
}

}  // namespace

base::Result<NameAddr> parse_name_addr(std::string_view text) {
  NameAddr result;
  auto rest = base::trim(text);
  if (rest.empty()) return base::fail("the address is empty");

  base::Result<void> ok;
  // A ';' before any '<' ends the URI of the bare form.
  const auto mark = rest.front() == '"' ? 0 : find_either(rest, '<', ';');
  const bool bracketed = mark < rest.size() && rest[mark] != ';';
  if (bracketed) {
    ok = take_display_name(rest, result);
    if (ok) ok = take_bracketed_uri(rest, result);
  } else {
    ok = take_bare_uri(rest, result);
  }
  if (!ok) return tl::unexpected(std::move(ok.error()));
  if (result.uri.empty() || !chars::all(result.uri, chars::uri)) {
    return base::fail("'{}' is no URI", base::printable(result.uri, 80));
  }
  chars::skip_blanks(rest);
  result.params = rest;
  if (ok = check_params(rest); !ok) return tl::unexpected(std::move(ok.error()));
  return result;
}

std::string NameAddr::unquoted_display() const {
  return quoted ? unquote(display_name) : std::string(display_name);
}

std::optional<std::string_view> NameAddr::param(std::string_view name) const {
  if (const auto found = find_param(params, name)) return found->value;
  return std::nullopt;
}

std::string_view NameAddr::tag() const { return param("tag").value_or(std::string_view{}); }

void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(base::is_control(c) ? ' ' : c);
  }
  out.push_back('"');
}

bool ListSplitter::next(std::string_view& item) {
  if (!more_) return false;
  bool in_brackets = false;
  std::size_t i = 0;
  for (; i < rest_.size(); ++i) {
    const char c = rest_[i];
    if (c == '"' && !in_brackets) {
      auto quoted = rest_.substr(i);
      if (!take_quoted(quoted)) {
        i = rest_.size();
        break;
      }
      i = rest_.size() - quoted.size() - 1;
    } else if (c == '<' || c == '>') {
      in_brackets = c == '<';
    } else if (c == ',' && !in_brackets) {
      break;
    }
  }
  item = base::trim(rest_.substr(0, i));
  more_ = i < rest_.size();
  rest_.remove_prefix(more_ ? i + 1 : i);
  return true;
}

}  // namespace missive::sip

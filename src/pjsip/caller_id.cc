#include "base/text.h"
#include "pjsip/endpoint.h"

namespace missive::pjsip {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789+*#") == std::string_view::npos;
}

// The end of the quoted string at the front (behind its '"'), 0 without one.
std::size_t quoted_length(std::string_view text) {
  if (text.empty() || text.front() != '"') return 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return 0;
}

std::string unescape(std::string_view quoted) {
  std::string out;
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    if (quoted[i] == '\\' && i + 1 < quoted.size()) ++i;
    out += quoted[i];
  }
  return out;
}

}  // namespace

base::Result<CallerId> CallerId::parse(std::string_view text) {
  text = base::trim(text);
  CallerId id;
  const auto quoted = quoted_length(text);
  auto rest = text;
  if (quoted > 0) {
    id.name = unescape(text.substr(1, quoted - 2));
    rest = base::trim(text.substr(quoted));
  } else if (const auto open = text.find('<'); open != std::string_view::npos) {
    id.name = base::trim(text.substr(0, open));
    rest = text.substr(open);
  } else if (!is_number(text)) {
    id.name = text;
    rest = {};
  } else {
    id.number = text;
    return id;
  }
  if (rest.empty()) return id;
  if (rest.front() != '<' || rest.back() != '>' || rest.find('>') != rest.size() - 1) {
    return base::fail("'{}' is no caller ID; \"Name\" <number> would be right",
                      base::printable(text, 80));
  }
  id.number = base::trim(rest.substr(1, rest.size() - 2));
  return id;
}

}  // namespace missive::pjsip

#include "xmpp/characters.h"

#include <algorithm>

#include "base/text.h"

namespace missive::xmpp {
namespace {

// The two code points of the first plane that XML leaves out.
constexpr std::string_view excluded[] = {"\xEF\xBF\xBE", "\xEF\xBF\xBF"};

bool is_control(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

// The octets of the character that `text` begins with; 0 where it begins with none.
std::size_t character_at(std::string_view text) {
  if (is_control(text.front())) return 0;
  const auto begins = [text](std::string_view one) { return text.starts_with(one); };
  if (std::any_of(std::begin(excluded), std::end(excluded), begins)) return 0;
  for (std::size_t length = 1; length <= std::min<std::size_t>(4, text.size()); ++length) {
    if (base::is_utf8(text.substr(0, length))) return length;
  }
  return 0;
}

}  // namespace

base::Result<void> check_characters(std::string_view text) {
  const auto bad = std::find_if(text.begin(), text.end(), is_control);
  if (bad != text.end()) {
    return base::fail("octet {} is a control character (\\x{:02x}), which XMPP cannot carry",
                      bad - text.begin(), static_cast<unsigned char>(*bad));
  }
  if (!base::is_utf8(text)) return base::fail("it is no UTF-8, and XMPP carries nothing else");
  for (const auto one : excluded) {
    const auto place = text.find(one);
    if (place != std::string_view::npos) {
      return base::fail("octet {} begins a character that XMPP cannot carry", place);
    }
  }
  return {};
}

std::string carried(std::string_view text, std::size_t limit) {
  std::string out;
  while (!text.empty()) {
    const auto length = character_at(text);
    const auto taken = std::max<std::size_t>(length, 1);
    if (out.size() + taken > limit) break;
    length > 0 ? out.append(text.substr(0, length)) : out.append("?");
    text.remove_prefix(taken);
  }
  return out;
}

}  // namespace missive::xmpp

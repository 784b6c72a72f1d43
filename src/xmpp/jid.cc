#include "xmpp/jid.h"

#include <algorithm>

#include "base/text.h"
#include "xmpp/characters.h"

namespace missive::xmpp {
namespace {

constexpr std::size_t max_part = 1023;

// RFC 7622 section 3.3.1: what a local part may not hold.
bool is_of_local(char c) {
  constexpr std::string_view excluded = "\"&'/:<>@ ";
  return !base::is_control(c) && excluded.find(c) == std::string_view::npos;
}

// A host name, an IPv4 address, or an IPv6 address in brackets.
bool is_of_domain(char c) {
  constexpr std::string_view marks = ".-_[]:";
  return base::is_alpha(c) || base::is_digit(c) || marks.find(c) != std::string_view::npos ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool all_of(std::string_view text, bool (*fits)(char)) {
  return std::all_of(text.begin(), text.end(), fits);
}

}  // namespace

base::Result<Jid> Jid::parse(std::string_view text) {
  const auto wrong = [text](std::string_view why) {
    return base::fail("'{}' is no XMPP address such as user@example.com: {}",
                      base::printable(text, 80), why);
  };
  if (const auto good = check_characters(text); !good) return wrong(good.error().text);
  Jid jid;
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    jid.resource = text.substr(slash + 1);
    text = text.substr(0, slash);
    if (jid.resource.empty()) return wrong("nothing follows the '/'");
  }
  const auto at = text.find('@');
  if (at != std::string_view::npos) {
    jid.local = base::lower(text.substr(0, at));
    text = text.substr(at + 1);
    if (jid.local.empty()) return wrong("nothing precedes the '@'");
  }
  if (text.size() > 1 && text.ends_with('.')) text.remove_suffix(1);
  jid.domain = base::lower(text);
  if (jid.domain.empty()) return wrong("it has no domain");
  if (!all_of(jid.local, is_of_local)) return wrong("its user has a character that is not allowed");
  if (!all_of(jid.domain, is_of_domain)) return wrong("its domain is no host name");
  if (std::any_of(jid.resource.begin(), jid.resource.end(), base::is_control)) {
    return wrong("its resource has a control character");
  }
  if (std::max({jid.local.size(), jid.domain.size(), jid.resource.size()}) > max_part) {
    return wrong("a part of it is over 1023 octets");
  }
  return jid;
}

std::string Jid::bare() const { return local.empty() ? domain : local + '@' + domain; }

std::string Jid::full() const { return resource.empty() ? bare() : bare() + '/' + resource; }

}  // namespace missive::xmpp

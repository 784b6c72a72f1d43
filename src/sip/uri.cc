#include "sip/uri.h"

#include <algorithm>

#include "base/text.h"
#include "sip/chars.h"

namespace missive::sip {

namespace {

// Takes the part up to the next `separator` off the front, and the separator.
std::string_view take_part(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const auto part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

struct Pair {
  std::string_view name;
  std::string_view value;
  bool has_value;
};

Pair split_pair(std::string_view part) {
  const auto equals = part.find('=');
  if (equals == std::string_view::npos) return {part, {}, false};
  return {part.substr(0, equals), part.substr(equals + 1), true};
}

unsigned hex_value(char c) {
  return base::is_digit(c) ? static_cast<unsigned>(c - '0')
                           : static_cast<unsigned>(base::to_lower(c) - 'a' + 10);
}

char decode(std::string_view escaped) {
  return static_cast<char>(hex_value(escaped[1]) << 4 | hex_value(escaped[2]));
}

// One character of a component for comparison: an escaped reserved character is
// another one than the plain one (RFC 3261 section 19.1.4).
unsigned take_unit(std::string_view& text, bool fold_case) {
  char c = text.front();
  bool distinct = false;
  if (chars::is_escaped(text)) {
    c = decode(text);
    distinct = std::string_view(";/?:@&=+$,").find(c) != std::string_view::npos;
    text.remove_prefix(3);
  } else {
    text.remove_prefix(1);
  }
  if (fold_case) c = base::to_lower(c);
  return static_cast<unsigned char>(c) | (distinct ? 0x100U : 0U);
}

bool same_component(std::string_view a, std::string_view b, bool fold_case) {
  while (!a.empty() && !b.empty()) {
    if (take_unit(a, fold_case) != take_unit(b, fold_case)) return false;
  }
  return a.empty() && b.empty();
}

std::optional<std::string_view> find_param(std::string_view rest, std::string_view name) {
  while (!rest.empty()) {
    const auto pair = split_pair(take_part(rest, ';'));
    if (same_component(pair.name, name, true)) return pair.value;
  }
  return std::nullopt;
}

// Far above any real URI; keeps comparing each with each cheap.
bool too_many(std::string_view pairs, char separator) {
  return std::count(pairs.begin(), pairs.end(), separator) >= 64;
}

bool valid_params(std::string_view rest) {
  if (rest.empty() || rest.back() == ';' || too_many(rest, ';')) return false;
  while (!rest.empty()) {
    const auto pair = split_pair(take_part(rest, ';'));
    if (pair.name.empty() || (pair.has_value && pair.value.empty())) return false;
    if (find_param(rest, pair.name)) return false;  // each name once, section 19.1.1
    if (!chars::all_or_escaped(pair.name, chars::param) ||
        !chars::all_or_escaped(pair.value, chars::param)) {
      return false;
    }
  }
  return true;
}

bool valid_headers(std::string_view rest) {
  if (rest.empty() || rest.back() == '&' || too_many(rest, '&')) return false;
  while (!rest.empty()) {
    const auto pair = split_pair(take_part(rest, '&'));
    if (pair.name.empty() || !pair.has_value) return false;
    if (!chars::all_or_escaped(pair.name, chars::header) ||
        !chars::all_or_escaped(pair.value, chars::header)) {
      return false;
    }
  }
  return true;
}

base::Result<void> parse_userinfo(std::string_view userinfo, Uri& uri) {
  const auto colon = userinfo.find(':');
  uri.user = userinfo.substr(0, colon);
  if (colon != std::string_view::npos) uri.password = userinfo.substr(colon + 1);
  if (uri.user.empty()) return base::fail("the URI has an '@' but no user before it");
  if (!chars::all_or_escaped(uri.user, chars::user)) {
    return base::fail("the user part '{}' holds a character that must be written as %HH",
                      base::printable(uri.user, 80));
  }
  if (!chars::all_or_escaped(uri.password, chars::password)) {
    return base::fail("the password part of the URI holds a character that must be written as %HH");
  }
  return {};
}

base::Result<Uri> parse_sip_uri(std::string_view rest, Uri uri) {
  // '@' is legal nowhere but behind the userinfo, which may itself hold ';' and '?'.
  if (const auto at = rest.find('@'); at != std::string_view::npos) {
    if (auto userinfo = parse_userinfo(rest.substr(0, at), uri); !userinfo) {
      return tl::unexpected(std::move(userinfo.error()));
    }
    rest.remove_prefix(at + 1);
  }
  std::size_t host_end = 0;
  while (host_end < rest.size() && rest[host_end] != ';' && rest[host_end] != '?') ++host_end;
  const auto host = parse_host_port(rest.substr(0, host_end));
  if (!host) return tl::unexpected(host.error());
  uri.host = host->host;
  uri.host_is_ipv6 = host->ipv6;
  uri.port = host->port;
  rest.remove_prefix(host_end);

  if (!rest.empty() && rest.front() == ';') {
    uri.params = rest.substr(1, rest.find('?') - 1);
    if (!valid_params(uri.params)) {
      return base::fail("the URI parameters ';{}' are malformed; they are ;name or ;name=value",
                        base::printable(uri.params, 80));
    }
    rest.remove_prefix(1 + uri.params.size());
  }
  if (!rest.empty()) {
    uri.headers = rest.substr(1);
    if (!valid_headers(uri.headers)) {
      return base::fail("the URI headers '?{}' are malformed; they are name=value joined by '&'",
                        base::printable(uri.headers, 80));
    }
  }
  return uri;
}

bool valid_scheme(std::string_view scheme) {
  if (scheme.empty() || !base::is_alpha(scheme.front())) return false;
  return std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return base::is_alpha(c) || base::is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

bool param_must_match(std::string_view name) {
  for (const auto* known : {"transport", "user", "ttl", "method", "maddr"}) {
    if (same_component(name, known, true)) return true;
  }
  return false;
}

// Every parameter of `a` that `b` has too is the same, and `b` lacks none that counts.
bool params_match(std::string_view a, std::string_view b) {
  while (!a.empty()) {
    const auto pair = split_pair(take_part(a, ';'));
    const auto other = find_param(b, pair.name);
    if (other ? !same_component(pair.value, *other, true) : param_must_match(pair.name)) {
      return false;
    }
  }
  return true;
}

int count_pairs(std::string_view headers, const Pair& wanted) {
  int count = 0;
  while (!headers.empty()) {
    const auto pair = split_pair(take_part(headers, '&'));
    count += same_component(pair.name, wanted.name, true) &&
             same_component(pair.value, wanted.value, true);
  }
  return count;
}

// Every header of `a` is as often in `b`; a name may occur more than once.
bool headers_match(std::string_view a, std::string_view b) {
  const auto all = a;
  while (!a.empty()) {
    const auto pair = split_pair(take_part(a, '&'));
    if (count_pairs(all, pair) != count_pairs(b, pair)) return false;
  }
  return true;
}

}  // namespace

bool Uri::sips() const { return chars::same_name(scheme, "sips"); }
bool Uri::sip() const { return chars::same_name(scheme, "sip") || sips(); }

std::optional<std::string_view> Uri::param(std::string_view name) const {
  return find_param(params, name);
}

std::string Uri::str() const {
  std::string out;
  out.reserve(scheme.size() + user.size() + password.size() + host.size() + params.size() +
              headers.size() + opaque.size() + 16);
  out.append(scheme).push_back(':');
  if (!sip()) return out.append(opaque);
  if (!user.empty()) {
    out.append(user);
    if (!password.empty()) out.append(":").append(password);
    out.push_back('@');
  }
  if (host_is_ipv6) {
    out.append("[").append(host).append("]");
  } else {
    out.append(host);
  }
  if (port) out.append(":").append(std::to_string(*port));
  if (!params.empty()) out.append(";").append(params);
  if (!headers.empty()) out.append("?").append(headers);
  return out;
}

base::Result<Uri> parse_uri(std::string_view text) {
  const auto colon = text.find(':');
  Uri uri;
  uri.scheme = text.substr(0, colon);
  if (colon == std::string_view::npos || !valid_scheme(uri.scheme)) {
    return base::fail("'{}' does not begin with a URI scheme such as 'sip:'",
                      base::printable(text, 80));
  }
  const auto rest = text.substr(colon + 1);
  if (uri.sip()) return parse_sip_uri(rest, uri);
  if (rest.empty() || !chars::all_or_escaped(rest, chars::opaque)) {
    return base::fail("'{}' is no well-formed URI", base::printable(text, 80));
  }
  uri.opaque = rest;
  return uri;
}

bool equivalent(const Uri& a, const Uri& b) {
  if (!base::iequals(a.scheme, b.scheme)) return false;
  if (!a.sip()) return a.opaque == b.opaque;
  if (!same_component(a.user, b.user, false) || !same_component(a.password, b.password, false) ||
      !same_host(a.host, a.host_is_ipv6, b.host, b.host_is_ipv6) || a.port != b.port) {
    return false;
  }
  return params_match(a.params, b.params) && params_match(b.params, a.params) &&
         headers_match(a.headers, b.headers) && headers_match(b.headers, a.headers);
}

std::string escape_user(std::string_view text) {
  static constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (chars::is(c, chars::user)) {
      out += c;
    } else {
      const auto octet = static_cast<unsigned char>(c);
      out += {'%', hex[octet >> 4], hex[octet & 15]};
    }
  }
  return out;
}

std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const bool escaped = chars::is_escaped(text);
    out += escaped ? decode(text) : text.front();
    text.remove_prefix(escaped ? 3 : 1);
  }
  return out;
}

}  // namespace missive::sip

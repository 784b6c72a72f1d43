#include "pjsip/digest_credentials.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "sip/chars.h"
#include "sip/params.h"

namespace missive::pjsip {
namespace {

namespace chars = sip::chars;

enum Parameter : unsigned {
  username,
  realm,
  nonce,
  uri,
  response,
  cnonce,
  algorithm,
  qop,
  nonce_count,
  unknown
};
constexpr auto names = std::to_array<std::string_view>(
    {"username", "realm", "nonce", "uri", "response", "cnonce", "algorithm", "qop", "nc"});

Parameter parameter_of(std::string_view name) {
  const auto found = std::find_if(names.begin(), names.end(), [name](std::string_view known) {
    return chars::same_name(name, known);
  });
  return static_cast<Parameter>(found - names.begin());
}

// `token` or `"quoted string"` off the front; nothing where neither stands there.
std::optional<std::string> take_value(std::string_view& rest) {
  chars::skip_blanks(rest);
  if (!rest.empty() && rest.front() == '"') {
    const auto inside = sip::take_quoted(rest);
    if (!inside) return std::nullopt;
    return inside->find('\\') == std::string_view::npos ? std::string(*inside)
                                                        : sip::unquote(*inside);
  }
  const auto token = chars::take_run(rest, chars::token);
  if (token.empty()) return std::nullopt;
  return std::string(token);
}

// One to eight hexadecimal digits, not all of them 0.
std::optional<std::uint32_t> parse_nonce_count(std::string_view text) {
  std::uint32_t count = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, count, 16);
  if (text.size() > 8 || error != std::errc{} || stop != end || count == 0) return std::nullopt;
  return count;
}

base::Result<void> set(DigestCredentials& to, Parameter parameter, std::string value) {
  switch (parameter) {
    case username:
      to.username = std::move(value);
      break;
    case realm:
      to.realm = std::move(value);
      break;
    case nonce:
      to.nonce = std::move(value);
      break;
    case uri:
      to.uri = std::move(value);
      break;
    case response:
      to.response = std::move(value);
      break;
    case cnonce:
      to.cnonce = std::move(value);
      break;
    case algorithm: {
      const auto known = sip::parse_algorithm(value);
      if (!known) {
        return base::fail("the algorithm '{}' is not supported", base::printable(value, 40));
      }
      to.algorithm = *known;
      break;
    }
    case qop:
      if (!base::iequals(value, "auth")) {
        return base::fail("qop '{}' was not offered; auth was", base::printable(value, 40));
      }
      to.qop = sip::DigestQop::auth;
      break;
    case nonce_count: {
      const auto count = parse_nonce_count(value);
      if (!count) {
        return base::fail("nc '{}' is not a count of eight hexadecimal digits",
                          base::printable(value, 40));
      }
      to.nonce_count = *count;
      break;
    }
    case unknown:
      break;  // may be anything, RFC 7616 section 3.4
  }
  return {};
}

base::Result<void> check(const DigestCredentials& credentials, unsigned seen) {
  for (const auto needed : {username, realm, nonce, uri, response}) {
    if ((seen & (1U << needed)) == 0) return base::fail("there is no {}", names[needed]);
  }
  const bool has_qop = credentials.qop != sip::DigestQop::none;
  if (has_qop && (credentials.cnonce.empty() || credentials.nonce_count == 0)) {
    return base::fail("qop needs cnonce and nc");
  }
  return {};
}

}  // namespace

base::Result<DigestCredentials> parse_digest_credentials(std::string_view value) {
  auto rest = base::trim(value);
  const auto scheme = chars::take_run(rest, chars::token);
  if (!chars::same_name(scheme, "digest") || rest.empty() || !base::is_blank(rest.front())) {
    return base::fail("the scheme '{}' is not Digest", base::printable(scheme, 40));
  }
  DigestCredentials credentials;
  unsigned seen = 0;
  do {
    chars::skip_blanks(rest);
    const auto name = chars::take_run(rest, chars::token);
    if (name.empty() || !chars::take(rest, '=')) {
      return base::fail("'name=value' is expected at '{}'", base::printable(rest, 40));
    }
    auto text = take_value(rest);
    if (!text) return base::fail("the value of {} is broken", base::printable(name, 40));
    const auto parameter = parameter_of(name);
    if (parameter != unknown && (seen & (1U << parameter)) != 0) {
      return base::fail("{} is given twice", base::printable(name, 40));
    }
    seen |= 1U << parameter;
    if (auto good = set(credentials, parameter, std::move(*text)); !good) {
      return tl::unexpected(good.error());
    }
    chars::skip_blanks(rest);
    if (rest.empty()) break;
  } while (chars::take(rest, ','));
  if (!rest.empty()) return base::fail("',' is expected at '{}'", base::printable(rest, 40));
  if (auto good = check(credentials, seen); !good) return tl::unexpected(good.error());
  return credentials;
}

}  // namespace missive::pjsip

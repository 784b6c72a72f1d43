#include "xmpp/origin.h"

#include "base/text.h"

namespace missive::xmpp {
namespace {

constexpr std::string_view scheme = "xmpp:";

bool stays(char c) {
  constexpr std::string_view marks = "-_.~@";
  return base::is_alpha(c) || base::is_digit(c) || marks.find(c) != std::string_view::npos;
}

void escape(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : text) {
    if (stays(c)) {
      out += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out += '%';
    out += digits[octet >> 4];
    out += digits[octet & 15];
  }
}

int digit(char c) {
  return base::is_digit(c) ? c - '0' : base::is_hex_digit(c) ? base::to_lower(c) - 'a' + 10 : 0;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

std::string Origin::str() const {
  std::string out(scheme);
  escape(out, account);
  out += '/';
  escape(out, address);
  out += "?id=";
  escape(out, id);
  if (!to.empty()) {
    out += "&to=";
    escape(out, to);
  }
  if (receipt) out += "&receipt";
  if (marker) out += "&marker";
  return out;
}

std::optional<Origin> Origin::parse(std::string_view text) {
  if (!text.starts_with(scheme)) return std::nullopt;
  text.remove_prefix(scheme.size());
  const auto slash = text.find('/');
  const auto query = text.find("?id=");
  if (slash == std::string_view::npos || query == std::string_view::npos || query < slash) {
    return std::nullopt;
  }
  Origin origin;
  origin.account = unescape(text.substr(0, slash));
  origin.address = unescape(text.substr(slash + 1, query - slash - 1));
  text.remove_prefix(query + 4);
  const auto parts = base::split_list(text, '&');
  origin.id = unescape(text.substr(0, text.find('&')));
  for (const auto part : parts) {
    origin.receipt = origin.receipt || part == "receipt";
    origin.marker = origin.marker || part == "marker";
    if (part.starts_with("to=")) origin.to = unescape(part.substr(3));
  }
  return origin;
}

}  // namespace missive::xmpp

// PJSIP_PARSE_URI PJSIP_PARSE_URI_FROM
#include <array>
#include <string>

#include "base/text.h"
#include "dialplan/functions/arguments.h"
#include "sip/name_addr.h"
#include "sip/uri.h"

namespace missive::dialplan {
namespace {

using Text = base::Result<std::string>;

struct ParsedUri {
  std::string display;
  sip::Uri uri;  // views into the text that was parsed
};

// "Bob" <sip:bob@example.com>, or the URI alone.
base::Result<ParsedUri> parse(std::string_view text) {
  text = base::trim(text);
  ParsedUri parsed;
  if (text.find('<') != text.npos) {
    const auto name_addr = sip::parse_name_addr(text);
    if (!name_addr) return tl::unexpected(name_addr.error());
    parsed.display = name_addr->unquoted_display();
    text = name_addr->uri;
  }
  const auto uri = sip::parse_uri(text);
  if (!uri) return tl::unexpected(uri.error());
  parsed.uri = *uri;
  return parsed;
}

std::string param(const sip::Uri& uri, std::string_view name) {
  return std::string(uri.param(name).value_or(""));
}

struct Part {
  std::string_view name;
  std::string (*read)(const ParsedUri&);
};

constexpr std::array parts{
    Part{"display", [](const ParsedUri& p) { return p.display; }},
    Part{"scheme", [](const ParsedUri& p) { return std::string(p.uri.scheme); }},
    Part{"user", [](const ParsedUri& p) { return sip::unescape(p.uri.user); }},
    Part{"passwd", [](const ParsedUri& p) { return sip::unescape(p.uri.password); }},
    Part{"host", [](const ParsedUri& p) { return std::string(p.uri.host); }},
    Part{"port", [](const ParsedUri& p) { return std::to_string(p.uri.port.value_or(0)); }},
    Part{"user_param", [](const ParsedUri& p) { return param(p.uri, "user"); }},
    Part{"method_param", [](const ParsedUri& p) { return param(p.uri, "method"); }},
    Part{"transport_param", [](const ParsedUri& p) { return param(p.uri, "transport"); }},
    Part{"ttl_param",
         [](const ParsedUri& p) { return std::string(p.uri.param("ttl").value_or("-1")); }},
    Part{"lr_param", [](const ParsedUri& p) { return std::string(p.uri.param("lr") ? "1" : "0"); }},
    Part{"maddr_param", [](const ParsedUri& p) { return param(p.uri, "maddr"); }},
};

Text read_part(std::string_view text, std::string_view name) {
  name = base::trim(name);
  for (const auto& part : parts) {
    if (!base::iequals(part.name, name)) continue;
    const auto parsed = parse(text);
    if (!parsed) return tl::unexpected(parsed.error());
    return part.read(*parsed);
  }
  return base::fail(
      "\"{}\" is no part of a URI: display, scheme, user, passwd, host, port or "
      "one of the ..._param",
      base::printable(name, 40));
}

// The part is behind the last comma, since a display name may have some of its own.
Text read_parse_uri(Run&, std::string_view text) {
  const auto comma = text.rfind(',');
  if (comma == text.npos) {
    return base::fail("PJSIP_PARSE_URI wants a URI and a part: PJSIP_PARSE_URI(uri,host)");
  }
  return read_part(text.substr(0, comma), text.substr(comma + 1));
}

Text read_parse_uri_from(Run& run, std::string_view text) {
  const auto comma = text.rfind(',');
  if (comma == text.npos) {
    return base::fail(
        "PJSIP_PARSE_URI_FROM wants a variable and a part: "
        "PJSIP_PARSE_URI_FROM(name,host)");
  }
  const auto value = value_of(run, base::trim(text.substr(0, comma)));
  if (!value) return value;
  return read_part(*value, text.substr(comma + 1));
}

}  // namespace

void add_sip_functions(FunctionTable& table) {
  table.add({"PJSIP_PARSE_URI", read_parse_uri});
  table.add({"PJSIP_PARSE_URI_FROM", read_parse_uri_from});
}

}  // namespace missive::dialplan

#include "dialplan/functions/curl_options.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace missive::dialplan {
namespace {

enum class Kind {
  text,
  list,     // each setting adds one
  flag,     // yes or no
  seconds,  // may have a fraction
  number,
  codes,  // HTTP status codes with commas
  proxy_type,
  hash,     // yes, no or legacy
  ignored,  // of protocols that are not spoken here
};

struct Option {
  std::string_view name;
  Kind kind;
};

constexpr std::array options{
    Option{"conntimeout", Kind::seconds},  Option{"cookie", Kind::list},
    Option{"dnstimeout", Kind::seconds},   Option{"failurecodes", Kind::codes},
    Option{"followlocation", Kind::flag},  Option{"ftptext", Kind::ignored},
    Option{"ftptimeout", Kind::ignored},   Option{"hashcompat", Kind::hash},
    Option{"header", Kind::flag},          Option{"httpheader", Kind::list},
    Option{"httptimeout", Kind::seconds},  Option{"maxredirs", Kind::number},
    Option{"proxy", Kind::text},           Option{"proxyport", Kind::number},
    Option{"proxytype", Kind::proxy_type}, Option{"proxyuserpwd", Kind::text},
    Option{"referer", Kind::text},         Option{"ssl_verifyhost", Kind::flag},
    Option{"ssl_verifypeer", Kind::flag},  Option{"useragent", Kind::text},
    Option{"userpwd", Kind::text},
};

const Option* find_option(std::string_view name) {
  const auto found = std::find_if(options.begin(), options.end(), [name](const Option& option) {
    return base::iequals(option.name, name);
  });
  return found != options.end() ? &*found : nullptr;
}

base::Result<const Option*> known_option(std::string_view name) {
  name = base::trim(name);
  if (const auto* option = find_option(name)) return option;
  return base::fail("CURLOPT knows no option \"{}\"", base::printable(name, 40));
}

// Whole milliseconds of "2" or "0.5".
std::optional<long> parse_seconds(std::string_view text) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (!(seconds >= 0 && seconds <= 86'400)) return std::nullopt;
  return static_cast<long>(seconds * 1000);
}

bool is_codes(std::string_view value) {
  const auto codes = base::split_list(value);
  return std::all_of(codes.begin(), codes.end(), [](std::string_view code) {
    return base::parse_number<unsigned short>(code).has_value();
  });
}

bool is_valid(Kind kind, std::string_view value) {
  switch (kind) {
    case Kind::flag:
      return base::parse_bool(value).has_value();
    case Kind::seconds:
      return parse_seconds(value).has_value();
    case Kind::number:
      return base::parse_number<int>(value).has_value();
    case Kind::codes:
      return is_codes(value);
    case Kind::proxy_type:
      return base::iequals(value, "http") || base::istarts_with(value, "socks4") ||
             base::istarts_with(value, "socks5");
    case Kind::hash:
      return base::parse_bool(value).has_value() || base::iequals(value, "legacy");
    default:
      return true;
  }
}

std::string variable_of(std::string_view option) { return fmt::format("~CURLOPT~{}~", option); }

}  // namespace

base::Result<void> CurlOptions::set(std::string_view name, std::string_view value) {
  const auto option = known_option(name);
  if (!option) return tl::unexpected(option.error());
  const auto [known_name, kind] = **option;
  if (base::has_control(value) || !is_valid(kind, kind == Kind::text ? value : base::trim(value))) {
    return base::fail("CURLOPT({}) cannot be \"{}\"", known_name, base::printable(value, 60));
  }
  if (kind == Kind::ignored) {
    run_.notice(fmt::format("CURLOPT({}) has no effect: CURL speaks HTTP only", known_name));
  }
  const auto variable = variable_of(known_name);
  std::string stored(kind == Kind::text || kind == Kind::list ? value : base::trim(value));
  if (kind == Kind::list) {
    constexpr std::size_t most = 64 * 1024;
    if (const auto* before = run_.variables().find(variable)) stored = *before + '\n' + stored;
    if (stored.size() > most) return base::fail("CURLOPT({}) has been set too often", known_name);
  }
  run_.variables().set(variable, std::move(stored));
  return {};
}

base::Result<std::string> CurlOptions::get(std::string_view name) const {
  const auto option = known_option(name);
  if (!option) return tl::unexpected(option.error());
  std::string value = text((*option)->name);
  std::replace(value.begin(), value.end(), '\n', ',');
  return value;
}

std::string CurlOptions::text(std::string_view name) const {
  const auto* value = run_.variables().find(variable_of(name));
  return value != nullptr ? *value : std::string();
}

bool CurlOptions::flag(std::string_view name, bool fallback) const {
  const auto value = text(name);
  return value.empty() ? fallback : base::parse_bool(value).value_or(true);  // "legacy" is yes
}

long CurlOptions::number(std::string_view name, long fallback) const {
  const auto value = text(name);
  if (value.empty()) return fallback;
  const auto* option = find_option(name);
  if (option != nullptr && option->kind == Kind::seconds) {
    return parse_seconds(value).value_or(fallback);
  }
  return base::parse_number<int>(value).value_or(fallback);
}

std::vector<std::string> CurlOptions::list(std::string_view name) const {
  const std::string value = text(name);
  std::vector<std::string> items;
  for (const auto item : base::split_list(value, '\n')) items.emplace_back(item);
  return items;
}

}  // namespace missive::dialplan

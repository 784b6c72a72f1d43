#include "pjsip/outgoing_headers.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/text.h"
#include "sip/chars.h"
#include "sip/params.h"

namespace missive::pjsip {
namespace {

using base::iequals;
using base::printable;
namespace chars = sip::chars;

// Asterisk's list, with the compact forms and with the headers this server alone writes.
constexpr std::array blocked_names{"To",
                                   "t",
                                   "From",
                                   "f",
                                   "Via",
                                   "v",
                                   "Route",
                                   "Contact",
                                   "m",
                                   "Call-ID",
                                   "i",
                                   "CSeq",
                                   "Allow",
                                   "Content-Length",
                                   "l",
                                   "Request-URI",
                                   "Record-Route",
                                   "Proxy-Authorization",
                                   "Authorization"};

bool is_token(std::string_view text) { return !text.empty() && chars::all(text, chars::token); }

bool is_blocked(std::string_view name) {
  return std::any_of(blocked_names.begin(), blocked_names.end(),
                     [name](std::string_view blocked) { return iequals(name, blocked); });
}

base::Result<void> take_max_forwards(std::string_view value, OutgoingHeaders& out) {
  const auto number = base::parse_number<int>(base::trim(value));
  if (!number || *number < 0 || *number > 255) {
    return base::fail("Variable Max-Forwards: '{}' is no number from 0 to 255",
                      printable(value, 40));
  }
  if (*number == 0) {
    return base::fail("Variable Max-Forwards: 0 hops are left, so the message may go no further");
  }
  out.max_forwards = *number - 1;
  return {};
}

// word [ "@" word ], of a length that no peer minds.
bool is_call_id(std::string_view text) {
  const auto is_word = [](std::string_view part) {
    return !part.empty() && chars::all(part, chars::word);
  };
  if (text.size() > 128) return false;
  const auto at = text.find('@');
  if (at == std::string_view::npos) return is_word(text);
  return is_word(text.substr(0, at)) && is_word(text.substr(at + 1));
}

base::Result<void> take(const message::Variable& variable, OutgoingHeaders& out) {
  const auto name = base::trim(variable.name);
  if (!is_token(name)) {
    return base::fail("Variable '{}': not a header name; letters, digits and -.!%*_+`'~ are",
                      printable(name, 60));
  }
  if (base::has_control(variable.value)) {
    return base::fail("Variable {}: the value holds a control character: '{}'", name,
                      printable(variable.value, 80));
  }
  if (iequals(name, "Max-Forwards")) return take_max_forwards(variable.value, out);
  if (iequals(name, "Content-Type") || iequals(name, "c")) {
    out.content_type = base::trim(variable.value);
    if (is_media_type(out.content_type)) return {};
    return base::fail("Variable Content-Type: '{}' is no media type such as text/html",
                      printable(out.content_type, 80));
  }
  if (is_blocked(name)) {
    log::info("variable '{}' is not sent as a header: the server writes that one itself", name);
    return {};
  }
  if (iequals(name, "Thread") && is_call_id(base::trim(variable.value))) {
    out.call_id = base::trim(variable.value);
    return {};
  }
  out.user_agent_given = out.user_agent_given || iequals(name, "User-Agent");
  out.extra.push_back({name, variable.value});
  return {};
}

}  // namespace

bool is_media_type(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || !is_token(base::trim(text.substr(0, slash)))) return false;
  auto rest = text.substr(slash + 1);
  const auto params = std::min(rest.find(';'), rest.size());
  if (!is_token(base::trim(rest.substr(0, params)))) return false;
  rest.remove_prefix(params);
  sip::Param param;
  auto step = sip::next_param(rest, param);
  for (; step == sip::ParamStep::param; step = sip::next_param(rest, param)) {
    if (!param.has_value) return false;
  }
  return step == sip::ParamStep::end && rest.empty();
}

base::Result<void> sort_variables(std::span<const message::Variable> variables,
                                  int default_max_forwards, OutgoingHeaders& out) {
  out.extra.clear();
  out.content_type = "text/plain";
  out.call_id = {};
  out.max_forwards = default_max_forwards;
  out.user_agent_given = false;
  for (const auto& variable : variables) {
    if (auto taken = take(variable, out); !taken) return taken;
  }
  return {};
}

}  // namespace missive::pjsip

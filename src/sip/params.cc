#include "sip/params.h"

#include "base/text.h"
#include "sip/chars.h"

namespace missive::sip {

std::optional<std::string_view> take_quoted(std::string_view& rest) {
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '\\') {
      ++i;
    } else if (rest[i] == '"') {
      const auto inside = rest.substr(1, i - 1);
      rest.remove_prefix(i + 1);
      return inside;
    }
  }
  return std::nullopt;
}

std::string unquote(std::string_view inside) {
  std::string out;
  out.reserve(inside.size());
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '\\' && i + 1 < inside.size()) ++i;
    out += inside[i];
  }
  return out;
}

ParamStep next_param(std::string_view& rest, Param& param) {
  chars::skip_blanks(rest);
  if (rest.empty() || rest.front() == ',') return ParamStep::end;
  if (!chars::take(rest, ';')) return ParamStep::error;
  chars::skip_blanks(rest);
  param = Param{};
  param.name = chars::take_run(rest, chars::token);
  if (param.name.empty()) return ParamStep::error;
  if (!chars::take(rest, '=')) return ParamStep::param;

  param.has_value = true;
  chars::skip_blanks(rest);
  if (!rest.empty() && rest.front() == '"') {
    const auto inside = take_quoted(rest);
    if (!inside) return ParamStep::error;
    param.value = *inside;
    param.quoted = true;
    return ParamStep::param;
  }
  param.value = chars::take_run(rest, chars::value);
  return param.value.empty() ? ParamStep::error : ParamStep::param;
}

std::optional<Param> find_param(std::string_view params, std::string_view name) {
  Param param;
  while (next_param(params, param) == ParamStep::param) {
    if (base::iequals(param.name, name)) return param;
  }
  return std::nullopt;
}

}  // namespace missive::sip

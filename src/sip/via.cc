#include "sip/via.h"

#include "base/text.h"
#include "sip/chars.h"
#include "sip/host.h"
#include "sip/params.h"

namespace missive::sip {

namespace {

using chars::take;
using chars::take_run;

tl::unexpected<base::Error> malformed(std::string_view what, std::string_view rest) {
  return base::fail("Via: {} expected before '{}'", what, base::printable(rest, 60));
}

std::string_view take_token(std::string_view& rest) {
  chars::skip_blanks(rest);
  return take_run(rest, chars::token);
}

// sent-protocol: SIP / 2.0 / UDP, blanks allowed around the slashes.
bool take_protocol(std::string_view& rest, Via& via) {
  via.protocol = take_token(rest);
  if (via.protocol.empty() || !take(rest, '/')) return false;
  via.version = take_token(rest);
  if (via.version.empty() || !take(rest, '/')) return false;
  via.transport = take_token(rest);
  return !via.transport.empty() && !rest.empty() && base::is_blank(rest.front());
}

bool take_host(std::string_view& rest, Via& via) {
  chars::skip_blanks(rest);
  if (rest.empty() || rest.front() != '[') {
    via.host = take_run(rest, chars::host);
    return is_valid_host(via.host);
  }
  const auto end = rest.find(']');
  if (end == std::string_view::npos) return false;
  via.host = rest.substr(1, end - 1);
  via.host_is_ipv6 = true;
  rest.remove_prefix(end + 1);
  return is_ipv6(via.host);
}

bool take_port(std::string_view& rest, Via& via) {
  if (!take(rest, ':')) return true;
  chars::skip_blanks(rest);
  std::size_t digits = 0;
  while (digits < rest.size() && base::is_digit(rest[digits])) ++digits;
  via.port = parse_port(rest.substr(0, digits));
  rest.remove_prefix(digits);
  return via.port.has_value();
}

bool set_address(const Param& param, std::string_view& address) {
  auto value = param.value;
  const bool bracketed = value.size() > 2 && value.front() == '[' && value.back() == ']';
  if (bracketed) value = value.substr(1, value.size() - 2);
  if (!address.empty() || param.quoted) return false;
  address = value;
  if (bracketed || value.find(':') != std::string_view::npos) return is_ipv6(value);
  return is_valid_host(value);
}

bool set_rport(const Param& param, Via& via) {
  if (via.has_rport || param.quoted) return false;
  via.has_rport = true;
  if (param.has_value) via.rport = parse_port(param.value);
  return via.rport.has_value() == param.has_value;
}

bool set_ttl(const Param& param, Via& via) {
  if (via.ttl) return false;
  via.ttl = base::parse_number<std::uint8_t>(param.value);
  return via.ttl.has_value();
}

bool set_branch(const Param& param, Via& via) {
  if (!via.branch.empty() || param.quoted || !chars::all(param.value, chars::token)) return false;
  via.branch = param.value;
  return !via.branch.empty();
}

// False when a parameter we know is malformed or given twice.
bool apply(const Param& param, Via& via) {
  switch (param.name.size()) {
    case 3:
      return chars::same_name(param.name, "ttl") ? set_ttl(param, via) : true;
    case 5:
      if (chars::same_name(param.name, "rport")) return set_rport(param, via);
      return chars::same_name(param.name, "maddr") ? set_address(param, via.maddr) : true;
    case 6:
      return chars::same_name(param.name, "branch") ? set_branch(param, via) : true;
    case 8:
      return chars::same_name(param.name, "received") ? set_address(param, via.received) : true;
    default:
      return true;
  }
}

}  // namespace

base::Result<Via> parse_via(std::string_view& rest) {
  Via via;
  if (!take_protocol(rest, via)) return malformed("'SIP/2.0/' and a transport", rest);
  if (!take_host(rest, via)) return malformed("a host name or address", rest);
  if (!take_port(rest, via)) return malformed("a port from 1 to 65535", rest);

  chars::skip_blanks(rest);
  const auto params = rest;
  Param param;
  ParamStep step;
  while ((step = next_param(rest, param)) == ParamStep::param) {
    if (!apply(param, via)) {
      return base::fail("Via: the parameter '{}' is malformed or given twice",
                        base::printable(param.name, 60));
    }
  }
  if (step == ParamStep::error) return malformed("';name', ';name=value' or ','", rest);
  via.params = params.substr(0, params.size() - rest.size());
  while (!via.params.empty() && base::is_blank(via.params.back())) via.params.remove_suffix(1);
  if (take(rest, ',')) {
    chars::skip_blanks(rest);
    if (rest.empty()) return base::fail("Via: nothing follows the last ','");
  }
  return via;
}

}  // namespace missive::sip

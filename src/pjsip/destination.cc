#include "pjsip/destination.h"

#include "base/text.h"
#include "sip/name_addr.h"

namespace missive::pjsip {
namespace {

using Form = Destination::Form;
constexpr std::string_view dial_prefix = "PJSIP/";

bool is_sip_uri(std::string_view text) {
  return base::istarts_with(text, "sip:") || base::istarts_with(text, "sips:");
}

// A display name, an angle bracket or a scheme begin a URI; names and hosts have none of them.
bool is_uri_form(std::string_view text) {
  return text.starts_with('"') || text.starts_with('<') || is_sip_uri(text) ||
         text.find('<') < text.find('/');
}

// Fills target and display_name from `<sip:a@b>`, `"A" <sip:a@b>` or `sip:a@b;transport=tcp`.
base::Result<void> take_uri(std::string_view text, Destination& out) {
  out.target = text;
  if (!is_sip_uri(text)) {  // else a bare URI, whose parameters are its own
    const auto address = sip::parse_name_addr(text);
    if (!address) return tl::unexpected(address.error());
    if (!address->params.empty()) {
      return base::fail("'{}' follows the closing '>'; parameters belong inside the brackets",
                        base::printable(address->params, 60));
    }
    out.target = address->uri;
    out.display_name = address->display_name;
  }
  if (!is_sip_uri(out.target)) {
    return base::fail("'{}' is no SIP URI; it must begin with sip: or sips:",
                      base::printable(out.target, 80));
  }
  return {};
}

base::Result<Destination> parse_dial_string(std::string_view text);

base::Result<Destination> parse_behind_endpoint(std::string_view endpoint, std::string_view rest) {
  if (endpoint.empty()) return base::fail("there is no endpoint in front of '/'");
  if (rest.empty()) return base::fail("nothing follows '{}/'", base::printable(endpoint, 80));
  Destination out{.form = Form::endpoint_name, .endpoint = endpoint, .target = rest};
  if (is_uri_form(rest)) {
    out.form = Form::endpoint_uri;
    if (const auto taken = take_uri(rest, out); !taken) return tl::unexpected(taken.error());
    return out;
  }
  if (rest.find('/') != std::string_view::npos) {
    return base::fail(
        "'{}' has a second '/'; endpoint/aor, endpoint/user@host or endpoint/URI"
        " would be right",
        base::printable(rest, 80));
  }
  if (rest.find('@') != std::string_view::npos) out.form = Form::endpoint_user_host;
  return out;
}

base::Result<Destination> parse_dial_string(std::string_view text) {
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    return parse_behind_endpoint(text.substr(0, slash), text.substr(slash + 1));
  }
  // The last '@': a user may hold one, an endpoint's name may not.
  const auto at = text.rfind('@');
  Destination out{.form = Form::dial_string, .endpoint = text};
  if (at != std::string_view::npos) {
    out.user = text.substr(0, at);
    out.endpoint = text.substr(at + 1);
    if (out.user.empty()) return base::fail("there is no user in front of '@'");
  }
  if (out.endpoint.empty())
    return base::fail("PJSIP/ names no endpoint; PJSIP/user@endpoint would");
  return out;
}

}  // namespace

std::string_view name_of(Form form) {
  switch (form) {
    case Form::name:
      return "endpoint or host";
    case Form::name_at_host:
      return "endpoint@domain or user@host";
    case Form::endpoint_name:
      return "endpoint/aor or endpoint/host";
    case Form::endpoint_user_host:
      return "endpoint/user@host";
    case Form::endpoint_uri:
      return "endpoint/URI";
    case Form::uri:
      return "URI";
    case Form::dial_string:
      return "PJSIP/user@endpoint";
  }
  return "";
}

base::Result<Destination> parse_destination(std::string_view text) {
  text = base::trim(text);
  if (text.empty()) return base::fail("the destination is empty");
  if (text.starts_with(dial_prefix)) return parse_dial_string(text.substr(dial_prefix.size()));
  if (is_uri_form(text)) {
    Destination out{.form = Form::uri};
    if (const auto taken = take_uri(text, out); !taken) return tl::unexpected(taken.error());
    return out;
  }
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    return parse_behind_endpoint(text.substr(0, slash), text.substr(slash + 1));
  }
  const auto at = text.find('@');
  if (at == std::string_view::npos) return Destination{.endpoint = text, .target = text};
  Destination out{.form = Form::name_at_host, .endpoint = text.substr(0, at)};
  out.user = out.endpoint;
  out.target = text;
  if (out.user.empty()) return base::fail("there is no user in front of '@'");
  if (at + 1 == text.size()) return base::fail("no host follows '@'");
  return out;
}

}  // namespace missive::pjsip

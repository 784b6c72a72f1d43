#include "chan_sip/destination.h"

#include "base/text.h"
#include "sip/name_addr.h"

namespace missive::chan_sip {
namespace {

using base::fail;
using base::istarts_with;

constexpr std::string_view forms =
    "PEER, USER@PEER, USER@HOST or \"Name\" <sip:USER@HOST> would be right";

// Takes the scheme off the front; false where there is none.
bool take_scheme(std::string_view& text, Destination& out) {
  out.sips = istarts_with(text, "sips:");
  out.uri = out.sips || istarts_with(text, "sip:");
  if (out.uri) text.remove_prefix(out.sips ? 5 : 4);
  return out.uri;
}

}  // namespace

base::Result<Destination> parse_destination(std::string_view text) {
  Destination out;
  text = base::trim(text);
  if (text.empty()) return fail("the destination is empty; {}", forms);
  if (text.starts_with('"') || text.find('<') != text.npos) {
    const auto parsed = sip::parse_name_addr(text);
    if (!parsed) return tl::unexpected(parsed.error());
    out.display_name = parsed->display_name;
    text = base::trim(parsed->uri);
  }
  const bool scheme = take_scheme(text, out);
  const auto at = text.find('@');
  if (!scheme && at != text.npos && text.find(':') < at) {
    return fail("it is no SIP URI; {}", forms);
  }
  // A '?' in front of the '@' is part of the user.
  const auto host_at = at == text.npos ? 0 : at + 1;
  out.address = text.substr(0, text.find('?', host_at));
  if (at != text.npos) out.user = text.substr(0, at);
  const auto host = out.address.substr(host_at);
  if (host.empty()) return fail("it names nobody; {}", forms);
  if (at != text.npos && out.user.empty()) return fail("there is no user in front of '@'");
  const bool bare = host.find_first_of(":;") == host.npos;
  if (bare && !out.sips) out.peer = host;
  return out;
}

}  // namespace missive::chan_sip

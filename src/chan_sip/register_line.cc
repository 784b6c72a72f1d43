#include "chan_sip/register_line.h"

#include <vector>

#include "base/text.h"
#include "sip/host.h"

namespace missive::chan_sip {
namespace {

using base::fail;

constexpr std::string_view form =
    "[peer?][transport://]user[@domain][:secret[:authuser]]@host[:port][/extension][~expiry]";

// What stands in front of `mark`, which goes with it; nothing where there is no mark.
std::optional<std::string_view> take_before(std::string_view& text, std::string_view mark) {
  const auto at = text.find(mark);
  if (at == text.npos) return std::nullopt;
  const auto taken = text.substr(0, at);
  text.remove_prefix(at + mark.size());
  return taken;
}

// `user[@domain[:port]][:secret[:authuser]]`
base::Result<void> read_account(std::string_view text, RegisterLine& out) {
  std::vector<std::string_view> parts;
  for (auto rest = text;;) {
    const auto part = take_before(rest, ":");
    parts.push_back(part.value_or(rest));
    if (!part) break;
  }
  const auto at = parts[0].find('@');
  out.user = parts[0].substr(0, at);
  if (at != std::string_view::npos) out.domain = parts[0].substr(at + 1);
  if (out.user.empty()) return fail("names no user; the form is {}", form);
  if (parts.size() == 4 && !out.domain.empty()) {
    if (!sip::parse_port(parts[1])) return fail("the port of the domain is none from 1 to 65535");
    out.domain.append(":").append(parts[1]);
    parts.erase(parts.begin() + 1);
  }
  if (parts.size() > 3) return fail("has too many ':' in front of the host; the form is {}", form);
  if (parts.size() > 1) out.secret = parts[1];
  if (parts.size() > 2) out.authuser = parts[2];
  if (!out.domain.empty() && !sip::parse_host_port(out.domain)) {
    return fail("'{}' is no domain", base::printable(out.domain, 80));
  }
  return {};
}

// `host[:port]`; the name of a peer may be what no host is.
base::Result<void> read_host(std::string_view text, RegisterLine& out) {
  if (const auto host = sip::parse_host_port(text)) {
    out.host = host->ipv6 ? fmt::format("[{}]", host->host) : std::string(host->host);
    out.port = host->port;
    return {};
  }
  if (text.empty()) return fail("names no host behind '@'; the form is {}", form);
  const auto colon = text.find(':');
  if (colon != text.npos) return fail("'{}' is no host:port", base::printable(text, 80));
  out.host = text;
  return {};
}

}  // namespace

base::Result<RegisterLine> RegisterLine::parse(std::string_view text) {
  RegisterLine out;
  const auto at = text.rfind('@');
  if (at == text.npos) return fail("has no '@' in front of the host; the form is {}", form);
  auto account = text.substr(0, at);
  auto host = text.substr(at + 1);

  // Both stand in front of any ':' of the account: a secret may hold such marks, too.
  if (account.find('?') < account.find(':')) out.peer = base::trim(*take_before(account, "?"));
  if (account.find("://") == account.find(':') && account.find(':') != account.npos) {
    const auto transport = take_before(account, "://");
    out.transport = sip::protocol_named(base::trim(*transport));
    if (!out.transport) {
      return fail("'{}' is none of udp, tcp, tls", base::printable(*transport, 40));
    }
  }
  if (auto read = read_account(base::trim(account), out); !read)
    return tl::unexpected(read.error());

  if (const auto tilde = host.rfind('~'); tilde != host.npos) {
    const auto seconds = base::parse_number<long>(base::trim(host.substr(tilde + 1)));
    if (!seconds || *seconds < 1 || *seconds > 4'294'967'295) {
      return fail("the expiry behind '~' is no number of seconds");
    }
    out.expiry = std::chrono::seconds(*seconds);
    host = host.substr(0, tilde);
  }
  if (const auto slash = host.find('/'); slash != host.npos) {
    out.extension = base::trim(host.substr(slash + 1));
    if (out.extension.empty()) out.extension = "s";
    host = host.substr(0, slash);
  }
  if (auto read = read_host(base::trim(host), out); !read) return tl::unexpected(read.error());
  return out;
}

}  // namespace missive::chan_sip

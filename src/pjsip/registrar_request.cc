#include "pjsip/registrar_request.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "sip/name_addr.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;
using sip::HeaderId;
using std::chrono::seconds;

constexpr std::size_t max_uri = 255;       // octets, as Asterisk
constexpr std::size_t max_instance = 255;  // a URN in brackets is about 50

// delta-seconds; nothing when malformed.
std::optional<seconds> parse_seconds(std::string_view text) {
  constexpr std::uint64_t max = std::numeric_limits<std::uint32_t>::max();
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!base::is_digit(c)) return std::nullopt;
    value = std::min(max, value * 10 + static_cast<unsigned>(c - '0'));
  }
  return seconds(value);
}

// What malformed is taken for (RFC 3261 section 20.10).
seconds seconds_or_hour(std::string_view text) { return parse_seconds(text).value_or(3600s); }

seconds within_limits(seconds asked, const Aor& aor) {
  return std::min(std::max(asked, aor.minimum_expiration), aor.maximum_expiration);
}

// `asked` is what the phone wants, nothing: it leaves that to us.
OrRefused<seconds> granted(std::optional<seconds> asked, const Aor& aor) {
  if (!asked) return within_limits(aor.default_expiration, aor);
  if (*asked == 0s) return 0s;
  if (*asked < aor.minimum_expiration && *asked < 1h) {
    auto answer = refused(423, "Interval Too Brief");
    answer.value().headers = fmt::format("Min-Expires: {}\r\n", aor.minimum_expiration.count());
    return answer;
  }
  return within_limits(*asked, aor);
}

// In thousandths: 0 to 1 with up to three decimals.
std::optional<unsigned> parse_q(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  unsigned q = text[0] == '1' ? 1000 : 0;
  if (text.size() == 1) return q;
  if (text[1] != '.') return std::nullopt;
  unsigned weight = 100;
  for (const char c : text.substr(2)) {
    if (!base::is_digit(c)) return std::nullopt;
    q += weight * static_cast<unsigned>(c - '0');
    weight /= 10;
  }
  return q <= 1000 ? std::optional(q) : std::nullopt;
}

// A numeric host that no phone can have.
bool is_no_phone(const sip::Uri& uri) {
  const auto address = net::Address::from_ip(uri.host, 0);
  if (!address) return false;
  if (address->is_unspecified_ip()) return true;
  if (!address->is_v6()) {
    const auto ip = ntohl(reinterpret_cast<const sockaddr_in*>(address->data())->sin_addr.s_addr);
    return IN_MULTICAST(ip) || ip == INADDR_BROADCAST;
  }
  const auto& ip = reinterpret_cast<const sockaddr_in6*>(address->data())->sin6_addr;
  return IN6_IS_ADDR_MULTICAST(&ip);
}

bool is_websocket(std::string_view protocol) {
  return base::iequals(protocol, "WS") || base::iequals(protocol, "WSS");
}

// Without the header part, which has no place in a Request-URI (RFC 3261 table 1).
std::string target_of(sip::Uri uri) {
  uri.headers = {};
  return uri.str();
}

// Reads one request.
class Reader {
 public:
  Reader(const sip::Packet& request, const Aor& aor, const ContactOrigin& origin)
      : request_(request), aor_(aor), origin_(origin) {}

  OrRefused<RequestedBindings> read() {
    if (const auto* header = request_.find(HeaderId::Expires)) {
      expires_ = seconds_or_hour(base::trim(header->value));
      out_.expires = *expires_ == 0s ? 0s : within_limits(*expires_, aor_);
    }
    std::size_t values = 0;
    bool star = false;
    for (const auto& header : request_.headers()) {
      if (header.id != HeaderId::Contact) continue;
      sip::ListSplitter list(header.value);
      std::string_view value;
      while (list.next(value)) {
        ++values;
        if (value == "*") {
          star = true;
        } else if (auto taken = take(value); !taken) {
          return tl::unexpected(std::move(taken.error()));
        }
      }
    }
    if (!star) return std::move(out_);
    if (values > 1) return refused(400, "Contact: * stands alone");
    if (!request_.find(HeaderId::Expires) ||
        parse_seconds(base::trim(request_.value(HeaderId::Expires))) != 0s) {
      return refused(400, "Contact: * needs Expires: 0");
    }
    out_.remove_all = true;
    return std::move(out_);
  }

 private:
  OrRefused<void> take(std::string_view value) {
    const auto address = sip::parse_name_addr(value);
    if (!address) return refused(400, "Malformed Contact header");
    const auto uri = sip::parse_uri(address->uri);
    if (!uri || !uri->sip()) return refused(400, "Contact is no SIP URI");
    if (address->uri.size() > max_uri) {
      return refused(400, "Contact URI is longer than {} octets", max_uri);
    }
    RequestedBinding binding;
    binding.given = address->uri;
    if (auto placed = place(*uri, binding); !placed) return placed;
    if (auto read = read_params(*address, binding); !read) return read;
    out_.bindings.push_back(std::move(binding));
    return {};
  }

  OrRefused<void> place(const sip::Uri& uri, RequestedBinding& binding) const {
    if (origin_.rewrite) {
      binding.uri = rewritten(uri, origin_);
      binding.flow_only = origin_.stream;
      return {};
    }
    if (is_no_phone(uri)) return refused(400, "Contact has an address that nobody can have");
    binding.uri = target_of(uri);
    binding.flow_only = origin_.stream && (is_websocket(origin_.protocol) ||
                                           base::lower(uri.host).ends_with(".invalid"));
    return {};
  }

  OrRefused<void> read_params(const sip::NameAddr& address, RequestedBinding& binding) const {
    const auto expires = address.param("expires");
    const auto expiration = granted(expires ? seconds_or_hour(*expires) : expires_, aor_);
    if (!expiration) return tl::unexpected(expiration.error());
    binding.expiration = *expiration;
    if (const auto text = address.param("q")) {
      const auto q = parse_q(*text);
      if (!q) return refused(400, "Contact has a q that is not from 0 to 1");
      binding.q = *q;
    }
    binding.instance = address.param("+sip.instance").value_or("");
    if (binding.instance.size() > max_instance) {
      return refused(400, "Contact has a +sip.instance of more than {} octets", max_instance);
    }
    const auto reg_id = address.param("reg-id");
    if (!reg_id || binding.instance.empty()) return {};  // nothing without an instance
    const auto number = sip::parse_decimal(*reg_id, 0x7FFFFFFF);
    if (!number || *number == 0) return refused(400, "Contact has a malformed reg-id");
    binding.reg_id = std::to_string(*number);
    binding.flow_only = origin_.stream;
    return {};
  }

  const sip::Packet& request_;
  const Aor& aor_;
  const ContactOrigin& origin_;
  std::optional<seconds> expires_;
  RequestedBindings out_;
};

}  // namespace

OrRefused<RequestedBindings> read_bindings(const sip::Packet& request, const Aor& aor,
                                           const ContactOrigin& origin) {
  return Reader(request, aor, origin).read();
}

std::string rewritten(const sip::Uri& uri, const ContactOrigin& origin) {
  auto out = uri;
  const auto host = origin.source.ip();
  out.host = host;
  out.host_is_ipv6 = origin.source.is_v6();
  out.port = origin.source.port();
  out.headers = {};
  // What leads elsewhere is left out: transport, and maddr, which goes before the host.
  std::string params;
  auto rest = uri.params;
  while (!rest.empty()) {
    const auto param = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(rest.size(), param.size() + 1));
    const auto name = param.substr(0, param.find('='));
    if (base::iequals(name, "transport") || base::iequals(name, "maddr")) continue;
    if (!params.empty()) params += ';';
    params += param;
  }
  if (origin.stream) {
    if (!params.empty()) params += ';';
    params += "transport=" + base::lower(origin.protocol);
  }
  out.params = params;
  return out.str();
}

}  // namespace missive::pjsip

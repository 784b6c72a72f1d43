#include "pjsip/register_request.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

#include "base/text.h"
#include "pjsip/line_token.h"
#include "sip/name_addr.h"
#include "sip/uri.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;
using sip::HeaderId;
using std::chrono::seconds;

// RFC 9562 section 6.6: the namespace of URLs, 6ba7b811-9dad-11d1-80b4-00c04fd430c8.
constexpr std::string_view url_namespace{
    "\x6b\xa7\xb8\x11\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8", 16};

bool is_sips(std::string_view uri) { return base::istarts_with(uri, "sips:"); }

std::string machine_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

// delta-seconds at the front, whatever follows.
std::optional<seconds> leading_seconds(std::string_view text) {
  constexpr std::uint64_t max = std::numeric_limits<std::uint32_t>::max();
  text = base::trim(text);
  if (text.empty() || !base::is_digit(text.front())) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!base::is_digit(c)) break;
    value = std::min(max, value * 10 + static_cast<unsigned>(c - '0'));
  }
  return seconds(value);
}

std::optional<seconds> expires_of(const sip::NameAddr& contact) {
  const auto text = contact.param("expires");
  return text ? leading_seconds(*text) : std::nullopt;
}

void append_contact_params(std::string& out, const Registration& registration) {
  const auto& own = registration.contact_header_params;
  if (!own.empty()) {
    if (own.front() != ';') out += ';';
    out += own;
  }
  if (!registration.support_outbound) return;
  out += ";reg-id=1;+sip.instance=\"<";
  out += instance_id(registration.name, machine_name());
  out += ">\"";
}

std::string_view supported(const Registration& registration) {
  if (registration.support_outbound) return "outbound, path";
  return registration.support_path ? "path" : "";
}

}  // namespace

std::string contact_uri(const Registration& registration, std::string_view protocol,
                        const sip::SentBy& own) {
  std::string out = is_sips(registration.server_uri) ? "sips:" : "sip:";
  out += registration.contact_user.empty() ? "s" : sip::escape_user(registration.contact_user);
  out += '@';
  out += own.host_port;
  if (!base::iequals(protocol, "UDP")) out.append(";transport=").append(base::lower(protocol));
  if (registration.line) out.append(";line=").append(line_token(registration.name));
  if (registration.support_outbound) out += ";ob";
  return out;
}

void write_register(const RegisterRequest& what, std::string_view protocol, const sip::SentBy& own,
                    const RequestIdentity& identity, sip::OutgoingRequest& out) {
  const auto& registration = what.registration;
  const auto& global = what.configuration.global();
  sip::RequestWriter writer(out, sip::Method::REGISTER, registration.server_uri);
  writer.via(protocol, own.host_port);
  writer.open("From").append("<").append(registration.client_uri).append(">");
  writer.close(identity.from_tag());
  writer.open("To").append("<").append(registration.client_uri).append(">");
  writer.close();
  writer.header("Call-ID", identity.call_id());
  writer.cseq(identity.cseq);
  if (!registration.outbound_proxy.empty()) {
    writer.open("Route").append("<").append(registration.outbound_proxy).append(">");
    writer.close();
  }
  auto& contact = writer.open("Contact");
  contact.append("<").append(contact_uri(registration, protocol, own)).append(">");
  append_contact_params(contact, registration);
  writer.close();
  writer.number("Expires", static_cast<std::uint64_t>(what.expires.count()));
  if (const auto names = supported(registration); !names.empty()) {
    writer.header("Supported", names);
  }
  writer.number("Max-Forwards", global.max_forwards);
  const auto& agent = registration.user_agent.empty() ? global.user_agent : registration.user_agent;
  if (!agent.empty()) writer.header("User-Agent", agent);
  writer.no_body();
}

std::string instance_id(std::string_view registration, std::string_view host) {
  std::string text(url_namespace);
  text.append("missive://").append(host).append("/registration/").append(registration);
  std::array<unsigned char, EVP_MAX_MD_SIZE> octets;
  unsigned size = 0;
  if (::EVP_Digest(text.data(), text.size(), octets.data(), &size, EVP_sha1(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL does not provide SHA-1");
  }
  octets[6] = static_cast<unsigned char>((octets[6] & 0x0f) | 0x50);
  octets[8] = static_cast<unsigned char>((octets[8] & 0x3f) | 0x80);
  static constexpr std::string_view hex = "0123456789abcdef";
  std::string out = "urn:uuid:";
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += {hex[octets[i] >> 4], hex[octets[i] & 15]};
  }
  return out;
}

seconds granted_expiration(const sip::Packet& response, std::string_view contact, seconds asked) {
  std::optional<seconds> only;
  std::size_t contacts = 0;
  const auto ours = sip::parse_uri(contact);
  for (const auto& header : response.headers()) {
    if (header.id != HeaderId::Contact) continue;
    sip::ListSplitter list(header.value);
    std::string_view value;
    while (list.next(value)) {
      const auto address = sip::parse_name_addr(value);
      const auto uri = address ? sip::parse_uri(address->uri) : tl::unexpected(address.error());
      if (!uri) continue;
      ++contacts;
      only = expires_of(*address);
      if (only && ours && sip::equivalent(*uri, *ours)) return *only;
    }
  }
  if (contacts == 1 && only) return *only;
  return leading_seconds(response.value(HeaderId::Expires)).value_or(asked);
}

std::optional<seconds> min_expires(const sip::Packet& response) {
  return leading_seconds(response.value(HeaderId::MinExpires));
}

std::optional<seconds> retry_after(const sip::Packet& response) {
  const auto* header = response.find("Retry-After");
  const auto time = header != nullptr ? leading_seconds(header->value) : std::nullopt;
  if (!time || *time == 0s) return std::nullopt;
  return std::min<seconds>(*time, 24h);
}

}  // namespace missive::pjsip

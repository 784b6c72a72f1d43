#include "net/tls_names.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

#include "base/text.h"
#include "net/address.h"

namespace missive::net {
namespace {

using AlternativeNames = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;

std::string_view octets_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string_view without_brackets(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return host.substr(1, host.size() - 2);
  }
  return host;
}

// The octets of an IP address as a certificate holds them; "" for what is none.
std::string address_octets(std::string_view host) {
  const auto address = Address::from_ip(host, 0);
  if (!address) return {};
  const auto* any = address->data();
  if (address->is_v6()) {
    const auto& octets = reinterpret_cast<const sockaddr_in6*>(any)->sin6_addr;
    return {reinterpret_cast<const char*>(&octets), sizeof octets};
  }
  const auto& octets = reinterpret_cast<const sockaddr_in*>(any)->sin_addr;
  return {reinterpret_cast<const char*>(&octets), sizeof octets};
}

std::string address_text(std::string_view octets) {
  sockaddr_in6 storage{};
  if (octets.size() == sizeof(in6_addr)) {
    storage.sin6_family = AF_INET6;
    std::copy(octets.begin(), octets.end(), reinterpret_cast<char*>(&storage.sin6_addr));
  } else {
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
    v4.sin_family = AF_INET;
    std::copy(octets.begin(), octets.end(), reinterpret_cast<char*>(&v4.sin_addr));
  }
  return Address(reinterpret_cast<const sockaddr*>(&storage)).ip();
}

// `*.example.org` and `a.example.org`: one label, and two at least behind it.
bool matches_wildcard(std::string_view pattern, std::string_view domain) {
  if (pattern.substr(0, 2) != "*.") return false;
  const auto parent = pattern.substr(1);
  if (parent.find('.', 1) == parent.npos) return false;
  const auto dot = domain.find('.');
  return dot != domain.npos && dot > 0 && domain.substr(dot) == parent;
}

// The last common name is the most specific one.
std::string common_name(const X509& certificate) {
  const auto* subject = X509_get_subject_name(&certificate);
  int last = -1;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) last = at;
  if (last < 0) return {};
  unsigned char* utf8 = nullptr;
  const auto* entry = X509_NAME_get_entry(subject, last);
  const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
  if (size < 0) return {};
  std::string out(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return out;
}

}  // namespace

CertificateNames::CertificateNames(const X509& certificate) {
  add_alternative_names(certificate);
  if (common_name_counts_) add_common_name(certificate);
}

void CertificateNames::add_alternative_names(const X509& certificate) {
  const AlternativeNames names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(
                                   &certificate, NID_subject_alt_name, nullptr, nullptr)),
                               GENERAL_NAMES_free);
  const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  for (int i = 0; i < count; ++i) {
    const auto* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) {
      common_name_counts_ = false;
      domains_.push_back(base::lower(octets_of(name->d.dNSName)));
    } else if (name->type == GEN_URI) {
      common_name_counts_ = false;
      add_sip_uri(octets_of(name->d.uniformResourceIdentifier));
    } else if (name->type == GEN_IPADD) {
      const auto octets = octets_of(name->d.iPAddress);
      if (octets.size() == 4 || octets.size() == 16) addresses_.emplace_back(octets);
    }
  }
}

// A URI with a user names that user, one of another scheme something else (RFC 5922 section 7.1).
void CertificateNames::add_sip_uri(std::string_view uri) {
  if (!base::istarts_with(uri, "sip:") || uri.find('@') != uri.npos) return;
  uri.remove_prefix(4);
  auto host = uri.substr(0, uri.find_first_of(";?"));
  const auto end = host.empty() || host[0] != '[' ? host.find(':') : host.find("]:");
  if (end != host.npos) host = host.substr(0, host[0] == '[' ? end + 1 : end);
  if (const auto octets = address_octets(host); !octets.empty()) {
    addresses_.push_back(octets);
  } else if (!host.empty()) {
    domains_.push_back(base::lower(host));
  }
}

void CertificateNames::add_common_name(const X509& certificate) {
  if (auto name = common_name(certificate); !name.empty()) domains_.push_back(base::lower(name));
}

bool CertificateNames::covers(std::string_view domain, bool allow_wildcards) const {
  if (const auto octets = address_octets(without_brackets(domain)); !octets.empty()) {
    return std::find(addresses_.begin(), addresses_.end(), octets) != addresses_.end();
  }
  if (!domain.empty() && domain.back() == '.') domain.remove_suffix(1);
  if (domain.empty()) return false;
  const auto wanted = base::lower(domain);
  return std::any_of(domains_.begin(), domains_.end(), [&](const std::string& name) {
    return name == wanted || (allow_wildcards && matches_wildcard(name, wanted));
  });
}

bool CertificateNames::covers_by_wildcard_only(std::string_view domain) const {
  return !covers(domain, false) && covers(domain, true);
}

std::string CertificateNames::str() const {
  std::string out;
  const auto add = [&out](std::string_view name) {
    if (!out.empty()) out += ", ";
    out += base::printable(name, 80);
  };
  for (const auto& name : domains_) add(name);
  for (const auto& octets : addresses_) add(address_text(octets));
  return out.empty() ? "nobody" : base::printable(out);
}

std::string subject_of(const X509& certificate) {
  if (const auto name = common_name(certificate); !name.empty()) return base::printable(name, 80);
  const auto names = CertificateNames(certificate).str();
  return names == "nobody" ? "" : names;
}

}  // namespace missive::net

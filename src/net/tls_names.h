// Whom a certificate stands for, as SIP asks it.
//
// A SIP domain is named by a subjectAltName of type URI (`sip:example.org`, without a user) or of
// type DNS; only when there is none of either does the common name count. An IP address is named
// by a subjectAltName of type IP. Names are compared whole, without regard to case; `*.example.org`
// stands for one label, and only where wildcards are allowed, which RFC 5922 forbids for SIP.
// Plain values, any thread.
//
// Source: RFC 5922 sections 7.1, 7.2; RFC 5280 section 4.2.1.6.
#pragma once

#include <string>
#include <string_view>
#include <vector>

struct x509_st;  // OpenSSL's X509

namespace missive::net {

class CertificateNames {
 public:
  CertificateNames() = default;
  explicit CertificateNames(const x509_st& certificate);

  // `domain`: a host name, or an IP address as in a URI (IPv6 with or without brackets).
  bool covers(std::string_view domain, bool allow_wildcards) const;
  // It would, were wildcards allowed.
  bool covers_by_wildcard_only(std::string_view domain) const;
  // "a.example.org, 192.0.2.1": for error texts; "nobody" when there are none.
  std::string str() const;

 private:
  void add_alternative_names(const x509_st& certificate);
  void add_common_name(const x509_st& certificate);
  void add_sip_uri(std::string_view uri);

  std::vector<std::string> domains_;    // lower case
  std::vector<std::string> addresses_;  // 4 or 16 octets each
  bool common_name_counts_ = true;
};

// "example.org" of a certificate, for error texts: its common name, else its first name, else "".
std::string subject_of(const x509_st& certificate);

}  // namespace missive::net

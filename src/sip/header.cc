#include "sip/header.h"

#include <array>
#include <concepts>
#include <cstring>

#include "base/text.h"

namespace missive::sip {

namespace {

using enum HeaderId;

constexpr std::array<std::string_view, static_cast<std::size_t>(Other) + 1> names{
    "Via",
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Max-Forwards",
    "Contact",
    "Content-Type",
    "Content-Length",
    "Content-Encoding",
    "Content-Disposition",
    "Content-Language",
    "MIME-Version",
    "Expires",
    "Min-Expires",
    "Route",
    "Record-Route",
    "Service-Route",
    "Path",
    "Authorization",
    "Proxy-Authorization",
    "WWW-Authenticate",
    "Proxy-Authenticate",
    "Authentication-Info",
    "Allow",
    "Allow-Events",
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Accept-Contact",
    "Reject-Contact",
    "Request-Disposition",
    "Supported",
    "Unsupported",
    "Require",
    "Proxy-Require",
    "User-Agent",
    "Server",
    "Organization",
    "Subject",
    "Priority",
    "Event",
    "Subscription-State",
    "SIP-ETag",
    "SIP-If-Match",
    "Refer-To",
    "Referred-By",
    "Reply-To",
    "In-Reply-To",
    "Retry-After",
    "Date",
    "Timestamp",
    "Warning",
    "Error-Info",
    "Reason",
    "Identity",
    "Identity-Info",
    "Privacy",
    "P-Asserted-Identity",
    "P-Preferred-Identity",
    "Session-Expires",
    ""};

HeaderId compact(char c) {
  switch (base::to_lower(c)) {
    case 'a':
      return AcceptContact;
    case 'b':
      return ReferredBy;
    case 'c':
      return ContentType;
    case 'd':
      return RequestDisposition;
    case 'e':
      return ContentEncoding;
    case 'f':
      return From;
    case 'i':
      return CallId;
    case 'j':
      return RejectContact;
    case 'k':
      return Supported;
    case 'l':
      return ContentLength;
    case 'm':
      return Contact;
    case 'n':
      return IdentityInfo;
    case 'o':
      return Event;
    case 'r':
      return ReferTo;
    case 's':
      return Subject;
    case 't':
      return To;
    case 'u':
      return AllowEvents;
    case 'v':
      return Via;
    case 'x':
      return SessionExpires;
    case 'y':
      return Identity;
    default:
      return Other;
  }
}

// The bit that tells 'A' from 'a' set in each octet of what is at `text`.
template <class Word>
Word fold(const char* text) {
  Word word;
  std::memcpy(&word, text, sizeof(word));
  return word | static_cast<Word>(0x2020202020202020);
}

template <class Word>
bool same_in_steps(const char* a, const char* b, std::size_t size) {
  for (std::size_t i = 0; i + sizeof(Word) < size; i += sizeof(Word)) {
    if (fold<Word>(a + i) != fold<Word>(b + i)) return false;
  }
  const auto last = size - sizeof(Word);  // overlaps the step before
  return fold<Word>(a + last) == fold<Word>(b + last);
}

// Both have `size` > 1 octets. A known name has letters and '-' only, for which the
// fold is exact among the characters of a token.
bool same_name(const char* a, const char* b, std::size_t size) {
  if (size >= 8) return same_in_steps<std::uint64_t>(a, b, size);
  if (size >= 4) return same_in_steps<std::uint32_t>(a, b, size);
  return same_in_steps<std::uint16_t>(a, b, size);
}

HeaderId check(std::string_view name, HeaderId id) {
  const auto known = names[static_cast<std::size_t>(id)];
  return same_name(name.data(), known.data(), name.size()) ? id : Other;
}

// Several names of one length and first letter.
template <std::same_as<HeaderId>... Ids>
HeaderId check(std::string_view name, HeaderId first, Ids... others) {
  const auto id = check(name, first);
  return id != Other ? id : check(name, others...);
}

// Length and lower-case first letter in one number.
constexpr unsigned key(std::size_t length, char first) {
  return static_cast<unsigned>(length) << 8 | static_cast<unsigned char>(first);
}

HeaderId long_form(std::string_view name) {
  switch (key(name.size(), base::to_lower(name.front()))) {
    case key(2, 't'):
      return check(name, To);
    case key(3, 'v'):
      return check(name, Via);
    case key(4, 'c'):
      return check(name, CSeq);
    case key(4, 'd'):
      return check(name, Date);
    case key(4, 'f'):
      return check(name, From);
    case key(4, 'p'):
      return check(name, Path);
    case key(5, 'a'):
      return check(name, Allow);
    case key(5, 'e'):
      return check(name, Event);
    case key(5, 'r'):
      return check(name, Route);
    case key(6, 'a'):
      return check(name, Accept);
    case key(6, 'r'):
      return check(name, Reason);
    case key(6, 's'):
      return check(name, Server);
    case key(7, 'c'):
      return check(name, CallId, Contact);
    case key(7, 'e'):
      return check(name, Expires);
    case key(7, 'p'):
      return check(name, Privacy);
    case key(7, 'r'):
      return check(name, Require);
    case key(7, 's'):
      return check(name, Subject);
    case key(7, 'w'):
      return check(name, Warning);
    case key(8, 'i'):
      return check(name, Identity);
    case key(8, 'p'):
      return check(name, Priority);
    case key(8, 'r'):
      return check(name, ReferTo, ReplyTo);
    case key(8, 's'):
      return check(name, SipEtag);
    case key(9, 's'):
      return check(name, Supported);
    case key(9, 't'):
      return check(name, Timestamp);
    case key(10, 'e'):
      return check(name, ErrorInfo);
    case key(10, 'u'):
      return check(name, UserAgent);
    case key(11, 'i'):
      return check(name, InReplyTo);
    case key(11, 'm'):
      return check(name, MinExpires);
    case key(11, 'r'):
      return check(name, ReferredBy, RetryAfter);
    case key(11, 'u'):
      return check(name, Unsupported);
    case key(12, 'a'):
      return check(name, AllowEvents);
    case key(12, 'c'):
      return check(name, ContentType);
    case key(12, 'm'):
      return check(name, MaxForwards, MimeVersion);
    case key(12, 'o'):
      return check(name, Organization);
    case key(12, 'r'):
      return check(name, RecordRoute);
    case key(12, 's'):
      return check(name, SipIfMatch);
    case key(13, 'a'):
      return check(name, Authorization);
    case key(13, 'i'):
      return check(name, IdentityInfo);
    case key(13, 'p'):
      return check(name, ProxyRequire);
    case key(13, 's'):
      return check(name, ServiceRoute);
    case key(14, 'a'):
      return check(name, AcceptContact);
    case key(14, 'c'):
      return check(name, ContentLength);
    case key(14, 'r'):
      return check(name, RejectContact);
    case key(15, 'a'):
      return check(name, AcceptEncoding, AcceptLanguage);
    case key(15, 's'):
      return check(name, SessionExpires);
    case key(16, 'c'):
      return check(name, ContentEncoding, ContentLanguage);
    case key(16, 'w'):
      return check(name, WwwAuthenticate);
    case key(18, 'p'):
      return check(name, ProxyAuthenticate);
    case key(18, 's'):
      return check(name, SubscriptionState);
    case key(19, 'a'):
      return check(name, AuthenticationInfo);
    case key(19, 'c'):
      return check(name, ContentDisposition);
    case key(19, 'p'):
      return check(name, ProxyAuthorization, PAssertedIdentity);
    case key(19, 'r'):
      return check(name, RequestDisposition);
    case key(20, 'p'):
      return check(name, PPreferredIdentity);
    default:
      return Other;
  }
}

}  // namespace

HeaderId header_id(std::string_view name) {
  if (name.empty()) return Other;
  return name.size() == 1 ? compact(name.front()) : long_form(name);
}

std::string_view header_name(HeaderId id) { return names[static_cast<std::size_t>(id)]; }

}  // namespace missive::sip

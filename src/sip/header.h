// Header names: the ones we know, in long and compact form (RFC 3261 section 20).
//
// Names are compared without regard to case. A Header is views into the message
// it was read from; its value is unfolded and without blanks at either end.
#pragma once

#include <cstdint>
#include <string_view>

namespace missive::sip {

enum class HeaderId : std::uint8_t {
  Via,
  From,
  To,
  CallId,
  CSeq,
  MaxForwards,
  Contact,
  ContentType,
  ContentLength,
  ContentEncoding,
  ContentDisposition,
  ContentLanguage,
  MimeVersion,
  Expires,
  MinExpires,
  Route,
  RecordRoute,
  ServiceRoute,
  Path,
  Authorization,
  ProxyAuthorization,
  WwwAuthenticate,
  ProxyAuthenticate,
  AuthenticationInfo,
  Allow,
  AllowEvents,
  Accept,
  AcceptEncoding,
  AcceptLanguage,
  AcceptContact,
  RejectContact,
  RequestDisposition,
  Supported,
  Unsupported,
  Require,
  ProxyRequire,
  UserAgent,
  Server,
  Organization,
  Subject,
  Priority,
  Event,
  SubscriptionState,
  SipEtag,
  SipIfMatch,
  ReferTo,
  ReferredBy,
  ReplyTo,
  InReplyTo,
  RetryAfter,
  Date,
  Timestamp,
  Warning,
  ErrorInfo,
  Reason,
  Identity,
  IdentityInfo,
  Privacy,
  PAssertedIdentity,
  PPreferredIdentity,
  SessionExpires,
  Other
};

// Other for a name that is not known. `name` is a token.
HeaderId header_id(std::string_view name);

// The long form, "" for Other.
std::string_view header_name(HeaderId id);

struct Header {
  HeaderId id = HeaderId::Other;
  std::string_view name;  // as written, perhaps the compact form
  std::string_view value;
};

}  // namespace missive::sip

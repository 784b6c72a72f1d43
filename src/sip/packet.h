// One SIP message as views over the buffer it arrived in (RFC 3261 section 7).
//
// The caller owns the buffer and keeps it alive and unmoved for as long as the
// packet is looked at; parse() writes into it, since folded header lines are
// undone in place. A packet is meant to be used again and again by one thread:
// parse() keeps the capacity of the header list, so that parsing allocates
// nothing. Only the framing of the message is checked on parsing; the getters
// parse a header when they are first asked and remember it until the next parse(), and
// validate_request() (validate.h) checks what a request must have.
//
// After an error the packet holds what could be read: is_request() is then true
// when the request line was sound enough, and find() and top_via() find what a
// 400 is made of.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sip/header.h"
#include "sip/method.h"
#include "sip/name_addr.h"
#include "sip/uri.h"
#include "sip/via.h"

namespace missive::sip {

struct ParserLimits {
  std::size_t headers = 256;             // header lines
  std::size_t header_octets = 64 << 10;  // start line and headers
};

struct CSeq {
  std::uint32_t number = 0;  // below 2^31
  Method method = Method::unknown;
  std::string_view method_name;
};

class Packet {
 public:
  Packet() { headers_.reserve(32); }

  // Reads one whole message: a datagram, or what StreamFramer cut from a stream.
  // Line ends are CRLF; leading ones are skipped. Without Content-Length the body is
  // all that follows the headers; what follows a body of known length is cut off.
  base::Result<void> parse(std::span<char> message, const ParserLimits& limits = {});
  void clear();

  bool is_request() const { return is_request_; }
  // Of a request:
  Method method() const { return method_; }
  std::string_view method_name() const { return method_name_; }
  std::string_view request_uri() const { return request_uri_; }
  std::string_view version() const { return version_; }  // "SIP/2.0", "" when it is none
  // Of a response:
  int status() const { return status_; }
  std::string_view reason() const { return reason_; }

  const std::vector<Header>& headers() const { return headers_; }
  std::string_view body() const { return body_; }

  // The first header of that kind, or nullptr. Other kinds are found by name.
  const Header* find(HeaderId id) const;
  const Header* find(std::string_view name) const;
  // The value of the first one, "" when there is none.
  std::string_view value(HeaderId id) const;
  std::size_t count(HeaderId id) const;
  // Calls visit(const Header&) for each, in order.
  template <class Visit>
  void for_each(HeaderId id, Visit&& visit) const {
    for (const auto& header : headers_) {
      if (header.id == id) visit(header);
    }
  }

  const base::Result<Via>& top_via() const;
  base::Result<CSeq> cseq() const;
  const base::Result<NameAddr>& from() const;
  const base::Result<NameAddr>& to() const;
  // The Request-URI, and the URIs in From and To.
  const base::Result<Uri>& uri() const;
  const base::Result<Uri>& from_uri() const;
  const base::Result<Uri>& to_uri() const;
  std::string_view call_id() const { return value(HeaderId::CallId); }
  // Nothing when the header is absent.
  base::Result<std::optional<std::uint32_t>> max_forwards() const;    // 0 to 255
  base::Result<std::optional<std::uint32_t>> content_length() const;  // below 2^31

 private:
  friend class MessageReader;  // parser.cc
  base::Result<NameAddr> address_in(HeaderId id) const;

  bool is_request_ = false;
  Method method_ = Method::unknown;
  int status_ = 0;
  std::string_view method_name_;
  std::string_view request_uri_;
  std::string_view version_;
  std::string_view reason_;
  std::vector<Header> headers_;
  std::string_view body_;

  // What the getters have read since the last parse().
  mutable std::optional<base::Result<Via>> top_via_;
  mutable std::optional<base::Result<NameAddr>> from_, to_;
  mutable std::optional<base::Result<Uri>> uri_, from_uri_, to_uri_;
};

// Values of single headers.
base::Result<CSeq> parse_cseq(std::string_view value);
base::Result<std::uint32_t> parse_content_length(std::string_view value);
// Digits only, any number of leading zeros, at most `max`.
std::optional<std::uint32_t> parse_decimal(std::string_view digits, std::uint32_t max);

}  // namespace missive::sip

#include "sip/validate.h"

#include <bitset>

#include "base/text.h"
#include "sip/chars.h"
#include "sip/uri.h"

namespace missive::sip {

namespace {

using Check = std::optional<RequestError>;

template <class... Args>
Check refuse(fmt::format_string<Args...> reason, Args&&... args) {
  return RequestError{400, fmt::format(reason, std::forward<Args>(args)...)};
}

constexpr bool occurs_once(HeaderId id) {
  switch (id) {
    case HeaderId::From:
    case HeaderId::To:
    case HeaderId::CallId:
    case HeaderId::CSeq:
    case HeaderId::MaxForwards:
    case HeaderId::ContentLength:
    case HeaderId::ContentType:
    case HeaderId::Expires:
    case HeaderId::MinExpires:
    case HeaderId::Event:
      return true;
    default:
      return false;
  }
}

Check check_presence(const Packet& request) {
  std::bitset<static_cast<std::size_t>(HeaderId::Other) + 1> seen;
  for (const auto& header : request.headers()) {
    const auto index = static_cast<std::size_t>(header.id);
    if (seen[index] && occurs_once(header.id)) {
      return refuse("Repeated {} header", header_name(header.id));
    }
    seen.set(index);
  }
  for (const auto id :
       {HeaderId::Via, HeaderId::From, HeaderId::To, HeaderId::CallId, HeaderId::CSeq}) {
    if (!seen[static_cast<std::size_t>(id)]) return refuse("Missing {} header", header_name(id));
  }
  return std::nullopt;
}

Check check_request_uri(const Packet& request) {
  if (request.version().empty()) return refuse("Request line does not end with SIP/2.0");
  if (!base::iequals(request.version(), "SIP/2.0")) {
    return RequestError{505, "Version Not Supported"};
  }
  const auto& uri = request.uri();
  if (!uri) return refuse("Malformed Request-URI");
  if (!uri->sip() && !base::iequals(uri->scheme, "tel")) {
    return RequestError{416, "Unsupported URI Scheme"};
  }
  if (!uri->headers.empty()) return refuse("Headers in the Request-URI");
  return std::nullopt;
}

Check check_vias(const Packet& request) {
  const auto* const top = request.find(HeaderId::Via);
  for (const auto& header : request.headers()) {
    if (header.id != HeaderId::Via) continue;
    auto rest = header.value;
    if (&header == top) {
      const auto& via = request.top_via();
      if (!via || via->branch == "z9hG4bK") return refuse("Malformed Via header");
      if (via->params.data() + via->params.size() == rest.data() + rest.size()) continue;
    }
    do {
      const auto via = parse_via(rest);
      // The bare cookie promises a unique branch and gives none (RFC 4475 3.1.2.17).
      if (!via || via->branch == "z9hG4bK") return refuse("Malformed Via header");
    } while (!rest.empty());
  }
  return std::nullopt;
}

Check check_cseq(const Packet& request) {
  const auto cseq = request.cseq();
  if (!cseq) return refuse("Malformed CSeq header");
  if (cseq->method_name != request.method_name()) {
    return refuse("Method in CSeq is not the method of the request");
  }
  return std::nullopt;
}

bool valid_address(std::string_view value) {
  const auto address = parse_name_addr(value);
  return address && parse_uri(address->uri);
}

// word [ "@" word ]
bool valid_call_id(std::string_view value) {
  const auto at = value.find('@');
  const auto word = [](std::string_view part) {
    return !part.empty() && chars::all(part, chars::word);
  };
  if (at == std::string_view::npos) return word(value);
  return word(value.substr(0, at)) && word(value.substr(at + 1));
}

Check check_contacts(const Packet& request) {
  for (const auto& header : request.headers()) {
    if (header.id != HeaderId::Contact || header.value == "*") continue;
    ListSplitter values(header.value);
    std::string_view value;
    while (values.next(value)) {
      if (!valid_address(value)) return refuse("Malformed Contact header");
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<RequestError> validate_request(const Packet& request) {
  // The version comes first: under another one the rest may have another meaning.
  if (auto error = check_request_uri(request)) return error;
  if (auto error = check_presence(request)) return error;
  if (auto error = check_vias(request)) return error;
  if (auto error = check_cseq(request)) return error;
  if (!request.from_uri()) return refuse("Malformed From header");
  if (!request.to_uri()) return refuse("Malformed To header");
  if (!valid_call_id(request.call_id())) return refuse("Malformed Call-ID header");
  if (!request.max_forwards()) return refuse("Malformed Max-Forwards header");
  return check_contacts(request);
}

}  // namespace missive::sip

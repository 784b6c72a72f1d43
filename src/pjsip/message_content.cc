#include "pjsip/message_content.h"

#include <algorithm>

#include "base/text.h"
#include "sip/chars.h"
#include "sip/params.h"

namespace missive::pjsip {
namespace {

constexpr std::string_view text_plain = "text/plain";

struct MediaType {
  std::string_view type;     // "text/plain", as written
  std::string_view charset;  // empty: not given
};

// `type/subtype *(;parameter)`, RFC 3261 section 25.1; nothing where it is not.
std::optional<MediaType> parse_media_type(std::string_view value) {
  MediaType media;
  media.type = base::trim(value.substr(0, value.find(';')));
  const auto slash = media.type.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto is_token = [](std::string_view part) {
    return !part.empty() && sip::chars::all(part, sip::chars::token);
  };
  if (!is_token(media.type.substr(0, slash)) || !is_token(media.type.substr(slash + 1))) {
    return std::nullopt;
  }
  if (const auto parameters = value.find(';'); parameters != std::string_view::npos) {
    const auto charset = sip::find_param(value.substr(parameters), "charset");
    if (charset) media.charset = charset->value;
  }
  return media;
}

bool accepts(std::string_view range, std::string_view type) {
  if (range == "*/*" || base::iequals(range, type)) return true;
  return range.ends_with("/*") && base::istarts_with(type, range.substr(0, range.size() - 1));
}

bool is_encoded(const sip::Packet& request) {
  bool encoded = false;
  request.for_each(sip::HeaderId::ContentEncoding, [&encoded](const sip::Header& header) {
    encoded |= !header.value.empty() && !base::iequals(header.value, "identity");
  });
  return encoded;
}

sip::Response unsupported_type(std::span<const std::string> accept) {
  return {.status = 415, .reason = "", .headers = accept_header(accept)};
}

}  // namespace

std::string accept_header(std::span<const std::string> accept) {
  std::string out = "Accept: ";
  for (const auto& range : accept) {
    if (&range != accept.data()) out += ", ";
    out += range;
  }
  out += "\r\n";
  return out;
}

std::string_view content_type_of(const sip::Packet& request) {
  const auto* header = request.find(sip::HeaderId::ContentType);
  return header == nullptr ? text_plain : header->value;
}

std::optional<sip::Response> refuse_content(const sip::Packet& request, const ContentRules& rules) {
  const bool typed = request.find(sip::HeaderId::ContentType) != nullptr;
  if (!typed && !request.body().empty()) return unsupported_type(rules.accept);
  const auto media = parse_media_type(content_type_of(request));
  if (!media) return unsupported_type(rules.accept);
  const bool accepted =
      std::any_of(rules.accept.begin(), rules.accept.end(),
                  [&media](const std::string& range) { return accepts(range, media->type); });
  // An empty text without a type is let through whatever the types are.
  if (!accepted && typed) return unsupported_type(rules.accept);
  if (is_encoded(request)) {
    return sip::Response{.status = 415, .reason = "", .headers = "Accept-Encoding: identity\r\n"};
  }
  if (request.body().size() > rules.max_body) {
    return sip::Response{
        .status = 413, .reason = fmt::format("Body Over {} Octets", rules.max_body), .headers = ""};
  }
  if (!base::iequals(media->type, text_plain)) return std::nullopt;
  const bool known_charset = media->charset.empty() || base::iequals(media->charset, "utf-8") ||
                             base::iequals(media->charset, "us-ascii");
  if (!known_charset) {
    return sip::Response{
        .status = 415, .reason = "Charset Is Not UTF-8", .headers = accept_header(rules.accept)};
  }
  if (!base::is_utf8(request.body())) {
    return sip::Response{.status = 400, .reason = "Body Is Not UTF-8", .headers = ""};
  }
  return std::nullopt;
}

}  // namespace missive::pjsip

#include "pjsip/receipt_request.h"

#include <algorithm>

#include "base/text.h"
#include "message/imdn.h"
#include "pjsip/identity.h"

namespace missive::pjsip {
namespace {

constexpr std::string_view text_plain = "text/plain";

std::string_view content_type_inside(std::string_view type, std::string_view body) {
  const bool ascii = std::all_of(body.begin(), body.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii || !base::iequals(type, text_plain) || !base::is_utf8(body)) return type;
  return "text/plain;charset=utf-8";
}

}  // namespace

bool asks_for_receipt(const message::Message& message, std::string_view content_type) {
  return message.wants_receipt() && !message::is_of_type(content_type, message::cpim_type) &&
         !message::is_of_type(content_type, message::imdn_type);
}

base::Result<void> write_receipt_request(const MessageRequest& what, std::string_view own_host,
                                         base::WallTime accepted, std::string& out) {
  const auto& message = what.message;
  const auto& resolution = what.resolution;
  std::string from, to;
  if (auto done = append_from(from, message.from(), *resolution.endpoint, own_host); !done) {
    return done;
  }
  if (auto done = append_to(to, message.to(), resolution.display_name, resolution.to_uri());
      !done) {
    return done;
  }
  message::CpimWriter writer(out);
  writer.header("From", from);
  writer.header("To", to);
  writer.header("DateTime", message::cpim_time(accepted));
  writer.header("NS", fmt::format("imdn <{}>", message::imdn_namespace));
  writer.text("imdn.Message-ID", message.id());
  writer.header("imdn.Disposition-Notification", "positive-delivery, negative-delivery, display");
  writer.content(content_type_inside(what.headers.content_type, message.body()), message.body());
  return {};
}

}  // namespace missive::pjsip

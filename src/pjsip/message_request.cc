#include "pjsip/message_request.h"

#include "pjsip/delay_headers.h"
#include "pjsip/identity.h"
#include "pjsip/receipt_request.h"

namespace missive::pjsip {

base::Result<void> write_message(const MessageRequest& what, std::string_view protocol,
                                 const sip::SentBy& own, const RequestIdentity& identity,
                                 sip::OutgoingRequest& out) {
  const auto& endpoint = *what.resolution.endpoint;
  const auto& message = what.message;
  sip::RequestWriter writer(out, sip::Method::MESSAGE, what.resolution.request_uri);
  writer.via(protocol, own.host_port);

  auto from = append_from(writer.open("From"), message.from(), endpoint, own.host);
  if (!from) return from;
  writer.close(identity.from_tag());
  auto to = append_to(writer.open("To"), message.to(), what.resolution.display_name,
                      what.resolution.to_uri());
  if (!to) return to;
  writer.close();
  if (what.contact_header) {
    append_contact(writer.open("Contact"), endpoint, own.host_port);
    writer.close();
  }
  writer.header("Call-ID",
                what.headers.call_id.empty() ? identity.call_id() : what.headers.call_id);
  writer.cseq(identity.cseq);
  if (!what.resolution.route.empty()) writer.header("Route", what.resolution.route);
  for (const auto& header : what.headers.extra) writer.header(header.name, header.value);
  writer.number("Max-Forwards", static_cast<std::uint64_t>(what.headers.max_forwards));
  write_delay(writer, what.dispatch, what.headers);
  const auto& user_agent = what.configuration.global().user_agent;
  if (!what.headers.user_agent_given && !user_agent.empty()) {
    writer.header("User-Agent", user_agent);
  }
  if (!what.plain && asks_for_receipt(message, what.headers.content_type)) {
    std::string wrapped;
    auto written = write_receipt_request(what, own.host, what.dispatch.accepted, wrapped);
    if (!written) return written;
    writer.body(message::cpim_type, wrapped);
    return {};
  }
  writer.body(what.headers.content_type, message.body());
  return {};
}

}  // namespace missive::pjsip

#include "pjsip/message_uas.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "pjsip/identifier.h"
#include "pjsip/message_content.h"
#include "pjsip/message_key.h"
#include "pjsip/sender_identity.h"

namespace missive::pjsip {
namespace {

using sip::HeaderId;

// As Asterisk writes them.
std::string_view transport_name(std::string_view protocol) {
  if (protocol == "UDP") return "udp";
  if (protocol == "TCP") return "tcp";
  if (protocol == "TLS") return "tls";
  return protocol;
}

bool is_credentials(HeaderId id) {
  return id == HeaderId::Authorization || id == HeaderId::ProxyAuthorization;
}

// The extensions that the request needs, as Unsupported lists them; no extension is supported.
std::string required(const sip::Packet& packet) {
  std::string out;
  packet.for_each(HeaderId::Require, [&out](const sip::Header& header) {
    if (header.value.empty()) return;
    if (!out.empty()) out += ", ";
    out += header.value;
  });
  return out;
}

// An extension with control characters could only be meant to deceive those who read of it.
bool has_controls(std::string_view text) {
  return std::any_of(text.begin(), text.end(), base::is_control);
}

// What the dialplan knows of the way here that is in no header.
struct DataNames {
  std::string_view address, transport, endpoint;
};

const DataNames& data_names(std::string_view technology) {
  static constexpr DataNames pjsip{"PJSIP_RECVADDR", "PJSIP_TRANSPORT", "PJSIP_ENDPOINT"};
  static constexpr DataNames sip{"SIP_RECVADDR", "SIP_TRANSPORT", "SIP_PEERNAME"};
  return technology == "sip" ? sip : pjsip;
}

}  // namespace

std::string extension_of(const sip::Uri& request_uri, const Global& global) {
  auto exten = Identifier::user_of(request_uri, global.ignore_uri_user_options);
  if (exten.empty()) exten = "s";
  return exten;
}

void append_recipient(std::string& out, std::string_view technology, const sip::Uri& to) {
  out.append(technology).append(":");
  if (!to.sip()) {
    out.append(to.opaque.substr(0, to.opaque.find(';')));
    return;
  }
  if (!to.user.empty()) out.append(to.user).append("@");
  if (to.host_is_ipv6) out += '[';
  out += to.host;
  if (to.host_is_ipv6) out += ']';
}

void MessageUas::on_request(const EndpointRequest& request, sip::Response& response) {
  if (receipts_ != nullptr && receipts_->take(request)) {
    response.status = 200;
    return;
  }
  const auto& packet = request.packet();
  const auto refuse = [&response](int status, std::string reason, std::string headers) {
    response.status = status;
    response.reason = std::move(reason);
    response.headers = std::move(headers);
  };
  if (auto refusal = refuse_content(packet, {options_.message_accept, options_.max_body})) {
    return refuse(refusal->status, std::move(refusal->reason), std::move(refusal->headers));
  }
  if (packet.find(HeaderId::Require) != nullptr) {
    if (const auto extensions = required(packet); !extensions.empty()) {
      return refuse(420, "", "Unsupported: " + extensions + "\r\n");
    }
  }
  const auto hops = packet.max_forwards();
  if (!hops || (*hops && **hops == 0)) return refuse(hops ? 483 : 400, "", "");
  const auto& uri = packet.uri();
  if (!uri) return refuse(400, "Malformed Request-URI", "");
  exten_ = extension_of(*uri, request.configuration->global());
  const auto& context = request.endpoint.context_of_messages();
  const auto technology = request.configuration->technology();
  if (has_controls(exten_) || !intake_.has_destination(technology, context, exten_)) {
    log::debug("there is no extension '{}' in context '{}' for endpoint '{}'",
               base::printable(exten_, 80), context, request.endpoint.name);
    return refuse(404, "", "");
  }
  take_in(request, incoming_of(request, *uri), response);
}

void MessageUas::take_in(const EndpointRequest& request,
                         std::shared_ptr<const message::Incoming> message,
                         sip::Response& response) {
  const bool reliable = request.incoming.transport.reliable();
  if (!intake_.writes()) {
    intake_.take(message, {}, [this, &message, reliable, &response](Verdict verdict) {
      answer(verdict, *message, reliable, response);
    });
    return;
  }
  const auto postponed = layer_.postpone(request.incoming, response);
  if (!postponed) return answer(Verdict::no_room, *message, reliable, response);
  auto key = message_key(request.endpoint.name, request.packet());
  intake_.take(message, std::move(key),
               [this, message, reliable, request_id = *postponed](Verdict verdict) {
                 sip::Response late;
                 answer(verdict, *message, reliable, late);
                 layer_.answer(request_id, std::move(late));
               });
}

void MessageUas::answer(Verdict verdict, const message::Incoming& message, bool reliable,
                        sip::Response& response) {
  response.status = 503;
  switch (verdict) {
    case Verdict::accepted:
      response.status = 202;
      return events_.received(message);
    case Verdict::known:
      response.status = 202;
      return;
    case Verdict::no_room:
      if (reliable) {
        response.headers = "Retry-After: 5\r\n";
      } else {
        response.drop = true;
      }
      return;
    case Verdict::failed:
      response.headers = "Retry-After: 30\r\n";
      return;
  }
}

std::shared_ptr<const message::Incoming> MessageUas::incoming_of(const EndpointRequest& request,
                                                                 const sip::Uri& request_uri) {
  const auto& packet = request.packet();
  append_from(request, request_uri);
  append_to(request);
  gather_data(request);
  const auto id = shard_.random().uuid(shard_.clock().wall());
  const auto hops = packet.max_forwards();
  message::IncomingDraft draft{.id = id,
                               .technology = request.configuration->technology(),
                               .endpoint = request.endpoint.name,
                               .context = request.endpoint.context_of_messages(),
                               .exten = exten_,
                               .from = from_,
                               .to = to_,
                               .content_type = content_type_of(packet),
                               .body = packet.body(),
                               .data = data_};
  if (hops && *hops) draft.max_forwards = static_cast<int>(**hops);
  return message::Incoming::create(draft);
}

void MessageUas::append_from(const EndpointRequest& request, const sip::Uri& request_uri) {
  from_.clear();
  const auto& from = request.packet().from();
  const auto& uri = request.packet().from_uri();
  if (!uri) return;  // the transaction layer lets none through
  const auto local = request.incoming.transport.local();
  const Sender sender{*request.configuration, request.endpoint, request.authenticated_as,
                      request_uri, local};
  if (!append_sender(from_, sender, *from, *uri)) tell_replaced(request, from->uri);
}

// Once a minute for an endpoint: a phone that is set up so does it with every message.
void MessageUas::tell_replaced(const EndpointRequest& request, std::string_view from) {
  const auto now = shard_.now();
  const auto& name = request.endpoint.name;
  auto& told = told_[name];
  if (told != base::TimePoint{} && now - told < std::chrono::minutes{1}) return;
  told = now;
  log::info(
      "a MESSAGE of endpoint '{}' from {} says it is from {}, which is not its own; it goes on as "
      "from {} (trust_id_inbound=yes would let it pass)",
      name, request.incoming.from.str(), base::printable(from, 80), from_);
}

void MessageUas::append_to(const EndpointRequest& request) {
  to_.clear();
  const auto& uri = request.packet().to_uri();
  if (uri) append_recipient(to_, request.configuration->technology(), *uri);
}

void MessageUas::gather_data(const EndpointRequest& request) {
  data_.clear();
  if (!(request.incoming.from == source_address_)) {
    source_address_ = request.incoming.from;
    source_ = source_address_.str();
  }
  // First, so that they are found before any header.
  const auto& names = data_names(request.configuration->technology());
  data_.push_back({names.address, source_});
  data_.push_back({names.transport, transport_name(request.incoming.transport.protocol())});
  data_.push_back({names.endpoint, request.endpoint.name});
  for (const auto& header : request.packet().headers()) {
    if (is_credentials(header.id)) continue;
    const bool known = header.id != HeaderId::Other;
    // Neither technology's: a dialplan may serve both.
    const bool claims =
        base::istarts_with(header.name, "PJSIP_") || base::istarts_with(header.name, "SIP_");
    if (!known && claims) continue;
    data_.push_back({known ? sip::header_name(header.id) : header.name, header.value});
  }
}

}  // namespace missive::pjsip

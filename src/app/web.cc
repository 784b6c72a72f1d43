#include "app/web.h"

#include <algorithm>

#include "base/text.h"

namespace missive::app {

namespace {

bool is_welcome(const std::vector<std::string>& origins, std::string_view origin) {
  return origins.empty() || origin.empty() ||
         std::any_of(origins.begin(), origins.end(),
                     [origin](const std::string& known) { return base::iequals(known, origin); });
}

}  // namespace

http::Routes web_routes(const Settings& settings, SipSide& pjsip, SipSide* chan_sip) {
  // The one that has a transport for it; pjsip.conf goes first.
  const auto side_for = [&pjsip, chan_sip](bool secure) -> SipSide* {
    if (pjsip.transports().takes_web_sockets(secure)) return &pjsip;
    const bool other = chan_sip != nullptr && chan_sip->transports().takes_web_sockets(secure);
    return other ? chan_sip : nullptr;
  };
  http::WebSocketRoute phones;
  phones.path = "/ws";
  phones.description = "SIP over WebSocket";
  phones.sub_protocols = {"sip"};
  phones.refuse = [side_for, origins = settings.missive.sip.websocket_origins](
                      net::Shard&, const http::Request& request) -> std::optional<http::Response> {
    // A browser says whose page it is that connects.
    if (!is_welcome(origins, request.field("Origin"))) {
      return http::Response::error(403, "websocket_origins of missive.conf has no such origin");
    }
    if (side_for(request.secure) != nullptr) return std::nullopt;
    return http::Response::error(
        503, fmt::format("pjsip.conf has no transport with protocol = {}",
                         sip::name_of(request.secure ? sip::Protocol::wss : sip::Protocol::ws)));
  };
  phones.accepted = [side_for](net::Shard& shard, std::unique_ptr<net::MessageSocket> socket,
                               const http::Request& request) {
    if (auto* side = side_for(request.secure)) {
      side->transports().adopt_web_socket(shard.index(), std::move(socket));
    }
  };
  http::Routes routes;
  routes.add(std::move(phones));
  return routes;
}

http::ServerOptions web_options(const Settings& settings) {
  http::ServerOptions options;
  options.max_message = settings.missive.sip.max_message_size;
  options.ping_interval = settings.pjsip->global().keep_alive_interval;
  return options;
}

}  // namespace missive::app

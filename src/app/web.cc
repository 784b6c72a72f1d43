#include "app/web.h"

namespace missive::app {

http::Routes web_routes(SipSide& pjsip) {
  http::WebSocketRoute phones;
  phones.path = "/ws";
  phones.sub_protocols = {"sip"};
  phones.refuse = [&pjsip](net::Shard&,
                           const http::Request& request) -> std::optional<http::Response> {
    if (pjsip.transports().takes_web_sockets(request.secure)) return std::nullopt;
    return http::Response::error(
        503, fmt::format("pjsip.conf has no transport with protocol = {}",
                         sip::name_of(request.secure ? sip::Protocol::wss : sip::Protocol::ws)));
  };
  phones.accepted = [&pjsip](net::Shard& shard, std::unique_ptr<net::MessageSocket> socket,
                             const http::Request&) {
    pjsip.transports().adopt_web_socket(shard.index(), std::move(socket));
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

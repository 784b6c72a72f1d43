#include "http/routes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/base64.h"
#include "base/text.h"

namespace missive::http {
namespace {

bool covers(std::string_view route, bool below, std::string_view path) {
  if (path == route) return true;
  if (!below || !path.starts_with(route)) return false;
  return route.ends_with('/') || path[route.size()] == '/';
}

Response upgrade_required(std::string_view text) {
  auto out = Response::error(426, text);
  out.fields.push_back({"Upgrade", "websocket"});
  out.fields.push_back({"Sec-WebSocket-Version", "13"});
  return out;
}

bool is_key(std::string_view text) {
  const auto key = base::base64_decode(text);
  return key && key->size() == 16;
}

}  // namespace

Routes::Found Routes::find(std::string_view path) const {
  Found out;
  std::size_t longest = 0;
  for (const auto& route : routes_) {
    if (covers(route.path, route.below, path) && route.path.size() >= longest) {
      longest = route.path.size();
      out = &route;
    }
  }
  for (const auto& route : web_sockets_) {
    if (covers(route.path, false, path)) out = &route;  // no other is longer than the whole path
  }
  return out;
}

std::vector<Page> Routes::list() const {
  std::vector<Page> pages;
  for (const auto& route : routes_) {
    pages.push_back({route.path + (route.below ? "/..." : ""), route.description});
  }
  for (const auto& route : web_sockets_) pages.push_back({route.path, route.description});
  std::sort(pages.begin(), pages.end(),
            [](const Page& a, const Page& b) { return a.path < b.path; });
  return pages;
}

std::string_view chosen_sub_protocol(const Request& request, const WebSocketRoute& route) {
  for (const auto& field : request.fields) {
    if (!base::iequals(field.name, "Sec-WebSocket-Protocol")) continue;
    for (const auto asked : base::split_list(field.value)) {
      for (const auto& ours : route.sub_protocols) {
        if (base::iequals(asked, ours)) return asked;
      }
    }
  }
  return {};
}

std::optional<Response> refusal_of_upgrade(const Request& request, const WebSocketRoute& route) {
  if (!request.has_token("Upgrade", "websocket") || !request.has_token("Connection", "upgrade")) {
    return upgrade_required("this path is for WebSockets only");
  }
  if (request.method != "GET" || request.version < 11) {
    return Response::error(400, "a WebSocket is opened by GET with HTTP/1.1");
  }
  if (request.field("Sec-WebSocket-Version") != "13") {
    return upgrade_required("the WebSocket version must be 13");
  }
  if (request.field("Host").empty()) return Response::error(400, "Host is missing");
  if (!is_key(request.field("Sec-WebSocket-Key"))) {
    return Response::error(400, "Sec-WebSocket-Key is not 16 octets in Base64");
  }
  if (!route.sub_protocols.empty() && chosen_sub_protocol(request, route).empty()) {
    return Response::error(
        400, fmt::format("the WebSocket must ask for a sub-protocol that is spoken here: {}",
                         fmt::join(route.sub_protocols, ", ")));
  }
  return std::nullopt;
}

}  // namespace missive::http

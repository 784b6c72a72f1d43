// Which route a path has, and the parts of a request.
//
//  1. The longest path wins; a folder's route covers what is below, not what begins alike.
//  2. A WebSocket is found by its whole path, also below another route.
//  3. Fields are found without case; list fields may be several.
//  4. The first sub-protocol of the client's that the route has is chosen.
#include "http/routes.h"

#include <gtest/gtest.h>

namespace missive::http {
namespace {

Route route(std::string path, bool below) {
  Route out;
  out.path = std::move(path);
  out.below = below;
  return out;
}

std::string path_of(const Routes::Found& found) {
  if (const auto* const* plain = std::get_if<const Route*>(&found)) return (*plain)->path;
  if (const auto* const* socket = std::get_if<const WebSocketRoute*>(&found)) {
    return "ws " + (*socket)->path;
  }
  return "";
}

TEST(Routes, Find) {  // 1, 2
  Routes routes;
  routes.add(route("/ari/endpoints", true));
  routes.add(route("/ari", true));
  routes.add(route("/manager", false));
  WebSocketRoute events;
  events.path = "/ari/events";
  routes.add(events);
  EXPECT_EQ(path_of(routes.find("/ari")), "/ari");
  EXPECT_EQ(path_of(routes.find("/ari/x")), "/ari");
  EXPECT_EQ(path_of(routes.find("/ari/endpoints/PJSIP/a")), "/ari/endpoints");
  EXPECT_EQ(path_of(routes.find("/ari/endpointsx")), "/ari");
  EXPECT_EQ(path_of(routes.find("/ari/events")), "ws /ari/events");
  EXPECT_EQ(path_of(routes.find("/ari/events/x")), "/ari");
  EXPECT_EQ(path_of(routes.find("/manager")), "/manager");
  for (const auto* absent : {"/arid", "/manager/", "/manager/x", "/", "", "/ARI"}) {
    EXPECT_EQ(path_of(routes.find(absent)), "") << absent;
  }
}

TEST(Request, Fields) {  // 3
  Request request;
  request.fields = {{"Connection", "keep-alive"}, {"connection", "x , Upgrade"}};
  EXPECT_EQ(request.field("CONNECTION"), "keep-alive");
  EXPECT_TRUE(request.has_token("Connection", "upgrade"));
  EXPECT_FALSE(request.has_token("Connection", "up"));
  EXPECT_FALSE(request.has_token("Upgrade", "upgrade"));
}

TEST(Request, SubProtocol) {  // 4
  WebSocketRoute both;
  both.sub_protocols = {"sip", "msrp"};
  Request request;
  request.fields = {{"Sec-WebSocket-Protocol", "chat, msrp"}, {"Sec-WebSocket-Protocol", "sip"}};
  EXPECT_EQ(chosen_sub_protocol(request, both), "msrp");
  both.sub_protocols = {"sip"};
  EXPECT_EQ(chosen_sub_protocol(request, both), "sip");
  both.sub_protocols = {"xmpp"};
  EXPECT_EQ(chosen_sub_protocol(request, both), "");
}

}  // namespace
}  // namespace missive::http

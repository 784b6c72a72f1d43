// Tells the location service of connections that are gone, so that nothing is sent down them.
//
// A RequestUser that takes no request; one per shard.
#pragma once

#include "pjsip/location_service.h"
#include "sip/request_user.h"

namespace missive::pjsip {

class FlowWatch final : public sip::RequestUser {
 public:
  FlowWatch(unsigned shard, LocationService& locations) : shard_(shard), locations_(locations) {}
  bool on_request(const sip::IncomingRequest&, sip::Response&) override { return false; }
  void on_connection_lost(sip::Transport&, const net::Address& peer) override {
    locations_.flow_lost({shard_, peer});
  }

 private:
  const unsigned shard_;
  LocationService& locations_;
};

}  // namespace missive::pjsip

// One running server: shards, SIP technologies, dialplan, HTTP, AMI.
//
// open() takes the sockets, start() lets the threads run, stop() ends what is under way in
// good order and joins them. All of it is called from the thread that made the instance.
// Everything inside belongs to a shard (net/shard.h), but for what any thread may use: the
// location services, the nonces, the dialplan's Shared and the state.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "ami/dialplan_events.h"
#include "ami/peer_events.h"
#include "ami/pjsip_events.h"
#include "ami/registry_events.h"
#include "ami/server.h"
#include "ami/sip_security_events.h"
#include "app/dialplan_host.h"
#include "app/part.h"
#include "app/settings.h"
#include "app/sip_side.h"
#include "app/state.h"
#include "http/server.h"
#include "message/outcome_notifier.h"

namespace missive::app {

class Instance {
 public:
  Instance(const Settings& settings, const base::Clock& clock, State state,
           sip::WireTap* tap = nullptr);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  // "cannot bind UDP 127.0.0.1:5060: Address already in use"
  base::Result<void> open();
  void start();
  // New endpoints, users, limits, certificates and dialplan from now on; transports stay as they
  // were opened.
  void reload(const Settings& settings);

  // No new connections and actions.
  void stop_accepting();
  // Nothing that was accepted waits for its outcome any more.
  bool drained();
  // How long that may take.
  base::Duration drain_limit() const { return settings_.pjsip->system().timer_b; }
  // Ends at once what is left.
  void stop();

  net::Address ami_address() const { return ami_.local(); }
  net::Address http_address() const { return http_->local(); }
  // Where the named transport of pjsip.conf is bound.
  net::Address transport_address(std::string_view id) const;

 private:
  using Parts = std::vector<std::unique_ptr<Part>>;

  Parts make_parts(const base::Clock& clock);
  ami::ServerContext ami_context();
  std::vector<SipSide*> sides();
  void introduce_parts(sip::WireTap* tap);
  void add_outbox_parts();
  base::Result<void> restore();

  Settings settings_;
  State state_;
  CommonParts common_;
  SipSide pjsip_;
  std::unique_ptr<SipSide> chan_sip_;  // none: there is no sip.conf
  Parts parts_;
  std::unique_ptr<http::Server> http_;  // once the sides know their stacks
  ami::Server ami_;
  ami::PjsipEvents pjsip_events_;
  ami::RegistryEvents registry_events_;
  std::unique_ptr<ami::PeerEvents> peer_events_;  // with sip.conf only
  ami::SipSecurityEvents security_events_;
  ami::DialplanEvents dialplan_events_;
  DialplanHost dialplan_host_;
  std::unique_ptr<message::OutcomeNotifier> notifier_;  // with an outbox only
  std::vector<std::thread> threads_;
};

}  // namespace missive::app

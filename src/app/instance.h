// One running server: shards, transports, transaction layers, technologies, dialplan, AMI.
//
// open() takes the sockets, start() lets the threads run, stop() ends what is under way in
// good order and joins them. All of it is called from the thread that made the instance.
// Everything inside belongs to a shard (net/shard.h), but for what any thread may use: the
// location service, the nonces, the dialplan's Shared and the state.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "ami/dialplan_events.h"
#include "ami/pjsip_events.h"
#include "ami/server.h"
#include "ami/sip_security_events.h"
#include "app/dialplan_host.h"
#include "app/part.h"
#include "app/settings.h"
#include "app/state.h"
#include "message/outcome_notifier.h"
#include "pjsip/contact_persistence.h"
#include "pjsip/offline_hook.h"
#include "pjsip/outbox_waker.h"

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
  // New endpoints, users, limits and dialplan from now on; transports stay as they were opened.
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
  // Where the named transport is bound.
  net::Address transport_address(std::string_view id) const;

 private:
  using Parts = std::vector<std::unique_ptr<Part>>;

  static Parts make_parts(const Settings& settings, const base::Clock& clock, CommonParts& common);
  ami::ServerContext ami_context() const;
  std::vector<pjsip::ContactKeeper*> keepers() const;
  void introduce_parts();
  base::Result<void> open_transports();
  base::Result<void> open_udp(const pjsip::Transport& transport);
  base::Result<void> open_tcp(const pjsip::Transport& transport);
  void add(Part& part, std::unique_ptr<sip::Transport> transport);
  void add_outbox_parts();
  base::Result<void> restore();

  Settings settings_;
  sip::WireTap* tap_;
  State state_;
  CommonParts common_;
  Parts parts_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  ami::Server ami_;
  ami::PjsipEvents pjsip_events_;
  ami::SipSecurityEvents security_events_;
  ami::DialplanEvents dialplan_events_;
  DialplanHost dialplan_host_;
  pjsip::ContactKeepers keepers_;
  pjsip::ContactPersistence persistence_;
  // With an outbox only:
  std::unique_ptr<pjsip::OutboxWaker> waker_;
  std::unique_ptr<pjsip::OfflineHook> offline_hook_;
  std::unique_ptr<message::OutcomeNotifier> notifier_;
  std::vector<std::thread> threads_;
};

}  // namespace missive::app

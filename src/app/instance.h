// One running server: shards, SIP technologies, dialplan, HTTP, AMI, console.
//
// open() takes the sockets, start() lets the threads run, stop() ends what is under way in
// good order and joins them. All of it is called from the thread that made the instance, but for
// what console::Host has, which is for any. Everything inside belongs to a shard (net/shard.h), but
// for what any thread may use: the location services, the nonces, the dialplan's Shared and the
// state. What operators ask for is done on a shard of its own, which carries no traffic.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "ami/dialplan_events.h"
#include "ami/peer_events.h"
#include "ami/pjsip_events.h"
#include "ami/registry_events.h"
#include "ami/server.h"
#include "ami/sip_security_events.h"
#include "ami/state_events.h"
#include "ami/xmpp_events.h"
#include "app/dialplan_host.h"
#include "app/jabber_host.h"
#include "app/part.h"
#include "app/settings.h"
#include "app/sip_side.h"
#include "app/state.h"
#include "console/environment.h"
#include "console/feed.h"
#include "console/server.h"
#include "console/service.h"
#include "http/server.h"
#include "message/outcome_notifier.h"
#include "pjsip/endpoint_devices.h"
#include "xmpp/client.h"
#include "xmpp/outcome_teller.h"

namespace missive::app {

class Instance final : public console::Host {
 public:
  Instance(const Settings& settings, const base::Clock& clock, State state,
           sip::WireTap* tap = nullptr);
  ~Instance() override;
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  // "cannot bind UDP 127.0.0.1:5060: Address already in use"
  base::Result<void> open();
  void start();
  // What request_stop() calls, on its thread; before start().
  void when_asked_to_stop(std::function<void(console::StopMode)> stop) {
    on_stop_request_ = std::move(stop);
  }

  // No new connections and actions.
  void stop_accepting();
  // Nothing that was accepted waits for its outcome any more.
  bool drained();
  // How long that may take.
  base::Duration drain_limit() const { return settings().pjsip->system().timer_b; }
  // Ends at once what is left.
  void stop();

  net::Address ami_address() const { return ami_.local(); }
  net::Address http_address() const { return http_->local(); }
  // The thread for what operators ask.
  net::Shard& console_shard() { return console_shard_; }
  // Where the named transport of pjsip.conf is bound.
  net::Address transport_address(std::string_view id) const;

  // --- console::Host
  console::Facts facts() const override;
  base::WallTime started() const override { return started_; }
  base::WallTime reloaded() const override { return reloaded_; }
  std::vector<console::Module> modules() const override;
  // New endpoints, users, limits, certificates and dialplan from now on; transports stay as they
  // were opened.
  void reload(std::string module, net::Shard& asker, console::ReloadAnswer answer) override;
  void request_stop(console::StopMode mode) override;
  std::shared_ptr<const dialplan::Dialplan> dialplan() const override;
  console::HttpStatus http() const override;
  std::uint64_t messages_run() const override;
  std::vector<std::string> technologies() const override;
  std::vector<std::string> handlers() const override;

 private:
  using Parts = std::vector<std::unique_ptr<Part>>;

  Parts make_parts(const base::Clock& clock);
  xmpp::Client::Means xmpp_means();
  ami::ServerContext ami_context();
  std::vector<SipSide*> sides();
  void introduce_parts();
  void add_console_parts();
  void add_outbox_parts();
  void add_xmpp_parts();
  void add_chan_sip_parts();
  void watch_states();
  base::Result<void> restore();
  void run(net::Shard& shard, const std::string& name);

  Settings settings() const;
  console::Reloaded reload_now(std::string_view module);
  console::Reloaded fail_reload(std::string_view name, const std::string& why);
  void use(Settings settings, Settings::Section section);
  void use_sip(const Settings& settings);
  void use_dialplan(const Settings& settings);

  const base::Clock& clock_;
  const base::WallTime started_;
  std::atomic<base::WallTime> reloaded_;
  std::function<void(console::StopMode)> on_stop_request_;
  mutable std::mutex mutex_;
  Settings settings_;  // those in force; under the mutex once threads run
  State state_;
  CommonParts common_;
  SipSide pjsip_;
  std::unique_ptr<SipSide> chan_sip_;  // none: there is no sip.conf
  Parts parts_;
  xmpp::Client xmpp_;
  xmpp::OutcomeTeller xmpp_teller_;
  JabberHost jabber_host_;
  net::Shard console_shard_;
  console::Feed feed_;
  console::SipTrace trace_;
  console::Service console_;
  console::Server console_server_;
  console::Environment console_environment_;
  std::unique_ptr<http::Server> http_;  // once the sides know their stacks
  ami::Server ami_;
  ami::PjsipEvents pjsip_events_;
  ami::RegistryEvents registry_events_;
  std::unique_ptr<ami::PeerEvents> peer_events_;  // with sip.conf only
  ami::SipSecurityEvents security_events_;
  ami::DialplanEvents dialplan_events_;
  ami::XmppEvents xmpp_events_;
  ami::StateEvents state_events_;
  pjsip::EndpointDevices pjsip_devices_;
  std::unique_ptr<pjsip::EndpointDevices> chan_sip_devices_;  // with sip.conf only
  DialplanHost dialplan_host_;
  std::unique_ptr<message::OutcomeNotifier> notifier_;  // with an outbox only
  std::vector<std::thread> threads_;
};

}  // namespace missive::app

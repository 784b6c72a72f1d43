// The transports of one SIP technology: its sockets, listeners and certificates.
//
// open() makes one sip::Transport on each stack for every transport of the configuration; accepted
// connections are dealt to the stacks in turn. Those for WebSockets have no socket of their own:
// the HTTP server hands connections to adopt_web_socket(). Before the shards run, but for
// adopt_web_socket() (its shard's thread) and reload() (any thread). The stacks outlive it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/sip_stack.h"
#include "net/listener.h"
#include "net/message_socket.h"
#include "net/tls_context.h"
#include "sip/tcp_transport.h"

namespace missive::app {

class SipTransports {
 public:
  SipTransports(const Settings& settings, std::shared_ptr<const pjsip::Configuration> configuration,
                std::vector<SipStack*> stacks, sip::WireTap* tap);

  // "pjsip.conf:3: transport 'udp': cannot bind UDP 127.0.0.1:5060: Address already in use"
  base::Result<void> open();
  // What is open, to the log.
  void announce() const;
  // Certificates are read anew for connections from now on; what is wrong with them is logged, and
  // the old ones stay in force.
  void reload(const pjsip::Configuration& configuration);

  // What a TLS transport is made of; files without a path of their own are in the configuration
  // folder.
  static net::TlsOptions tls_options(const Settings& settings, const pjsip::Transport& transport);

  // Whether WebSocket phones may connect; `secure`: by TLS.
  bool takes_web_sockets(bool secure) const { return web_socket(secure) != nullptr; }
  void adopt_web_socket(unsigned shard, std::unique_ptr<net::MessageSocket> socket);

 private:
  const pjsip::Transport* web_socket(bool secure) const;
  base::Result<void> open(const pjsip::Transport& transport);
  base::Result<void> open_udp(const pjsip::Transport& transport);
  base::Result<void> open_stream(const pjsip::Transport& transport);
  void open_web_socket(const pjsip::Transport& transport);
  void add(SipStack& stack, std::unique_ptr<sip::Transport> transport);
  sip::TcpOptions tcp_options(const pjsip::Transport& transport) const;

  const Settings settings_;
  const std::shared_ptr<const pjsip::Configuration> configuration_;
  const std::vector<SipStack*> stacks_;
  sip::WireTap* const tap_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::map<std::string, std::shared_ptr<net::TlsContext>> tls_;  // by transport
};

}  // namespace missive::app

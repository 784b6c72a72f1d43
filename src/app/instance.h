// One running server: shards, transports, transaction layers, technologies, AMI.
//
// open() takes the sockets, start() lets the threads run, stop() ends what is under way in
// good order and joins them. All of it is called from the thread that made the instance.
// Everything inside belongs to a shard, see net/shard.h.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "ami/server.h"
#include "app/settings.h"
#include "message/message_events.h"
#include "message/sender.h"
#include "pjsip/message_uac.h"
#include "pjsip/request_refusals.h"
#include "sip/tcp_transport.h"
#include "sip/udp_transport.h"

namespace missive::app {

class Instance {
 public:
  Instance(const Settings& settings, const base::Clock& clock, sip::WireTap* tap = nullptr);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  // "cannot bind UDP 127.0.0.1:5060: Address already in use"
  base::Result<void> open();
  void start();
  // New endpoints, users and limits from now on; transports stay as they were opened.
  void reload(const Settings& settings);

  // No new connections and actions.
  void stop_accepting();
  // Nothing that was accepted waits for its outcome any more.
  bool drained();
  // Ends at once what is left.
  void stop();

  net::Address ami_address() const { return ami_.local(); }
  // Where the named transport is bound.
  net::Address transport_address(std::string_view id) const;

 private:
  // What one shard has of everything.
  struct Part {
    Part(unsigned index, const Settings& settings, const base::Clock& clock,
         const message::MessageEvents& events);

    net::Shard shard;
    sip::TransactionLayer transactions;
    pjsip::TransportSet transports;
    pjsip::RequestRefusals refusals;
    pjsip::MessageUac uac;
    message::Sender sender;
  };

  static std::vector<std::unique_ptr<Part>> make_parts(const Settings& settings,
                                                       const base::Clock& clock,
                                                       const message::MessageEvents& events);
  ami::ServerContext ami_context() const;
  base::Result<void> open_udp(const pjsip::Transport& transport);
  base::Result<void> open_tcp(const pjsip::Transport& transport);
  void add(Part& part, std::unique_ptr<sip::Transport> transport);

  Settings settings_;
  sip::WireTap* tap_;
  message::MessageEvents events_;
  std::vector<std::unique_ptr<Part>> parts_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  ami::Server ami_;
  std::vector<std::thread> threads_;
};

}  // namespace missive::app

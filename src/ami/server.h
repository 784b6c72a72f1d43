// The AMI server: listens, deals connections to the shards, and spreads events.
//
// TCP, and with tlsenable TLS on a port of its own; a TLS connection begins with the certificate
// that is in force then.
//
// Made before the shards run and destroyed after they have stopped. listen(), reload(),
// announce_reload(), stop_accepting(), idle(), close_all(), sessions() and the MessageListener may
// be called from any thread (listen() before the shards run); what they do happens on the shards.
//
// An orderly stop: stop_accepting(), wait until idle(), close_all(), wait until sessions()
// is 0 (at most 5 seconds: clients that do not read are cut off then).
// Technologies may complete messages as long as the server lives.
// Source: Asterisk documentation, "AMI v2 Specification"; event MessageStatus is ours.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "ami/configuration.h"
#include "ami/connection.h"
#include "ami/environment.h"
#include "ami/web/manager.h"
#include "base/result.h"
#include "conf/missive_conf.h"
#include "message/message_events.h"
#include "message/outbox.h"
#include "message/sender.h"
#include "net/listener.h"
#include "net/shard.h"

namespace missive::ami {

struct ServerContext {
  std::vector<net::Shard*> shards;        // at least one
  std::vector<message::Sender*> senders;  // one for each shard
  conf::MissiveConf::Ami limits;
  message::Outbox* outbox = nullptr;  // nullptr: durability = off
  std::string system_name;            // of asterisk.conf
  pjsip::Operations* pjsip = nullptr;
  pjsip::Operations* chan_sip = nullptr;  // nullptr: there is no sip.conf
  xmpp::Operations* xmpp = nullptr;       // nullptr: there is no account in xmpp.conf
  console::Service* console = nullptr;    // nullptr: no action Command
  console::Host* host = nullptr;
  dialplan::Shared* dialplan = nullptr;  // nullptr: there is no dialplan
  dialplan::InForce* in_force = nullptr;
  std::vector<dialplan::Environment*> dialplans;  // one for each shard, where there is one
  std::filesystem::path folder;                   // of the configuration files
  states::States* states = nullptr;
  dialplan::Hints* hints = nullptr;
};

class Server final : public message::MessageListener {
 public:
  Server(ServerContext context, std::shared_ptr<const Configuration> configuration);
  ~Server() override;

  // AMI over HTTP; to be called before the HTTP server opens, which must not outlive this one's
  // shards.
  void add_routes(http::Routes& routes) { web_->add_routes(routes); }

  // Does nothing when the configuration says enabled=no. The error is one line.
  base::Result<void> listen();
  // Sessions go on with the user they logged in as; new ones get the new configuration.
  // Another address or port is listened to from now on, if that can be done.
  void reload(std::shared_ptr<const Configuration> configuration);
  // A part of the server was read anew ("All": everything): event Reload.
  void announce_reload(std::string_view module, int status);

  // Also tells everybody (event Shutdown) and takes no further actions.
  void stop_accepting();
  // After stop_accepting(): no reply is outstanding, and none will be.
  bool idle() const;
  void close_all();
  std::size_t sessions() const { return shared_.gatekeeper.sessions(); }

  // Where it listens; not set when it does not. Before the shards run, or on shard 0.
  net::Address local() const { return local_of(plain_); }
  net::Address tls_local() const { return local_of(secure_); }

  // Of one user. Any thread.
  std::size_t sessions_of(std::string_view user) const { return shared_.logins.count(user); }
  // Has look() see each shard's environment on its thread, one shard after the other, and then
  // calls done() on the asker's.
  void ask_shards(std::function<void(Environment&)> look, net::Shard& asker,
                  base::UniqueFunction<void()> done);
  const Shared& shared() const { return shared_; }

  // For what else has events to tell.
  EventBus& events() { return shared_.events; }

  bool wants_message_status() const override;
  void on_message_status(const message::Message& message, const message::Status& status) override;
  void on_message_received(const message::Incoming& message) override;

 private:
  // What belongs to one shard.
  struct Place {
    Place(Shared& shared, std::size_t outlet, net::Shard& its_shard, message::Sender& sender,
          message::Outbox* outbox, const std::shared_ptr<const Configuration>& configuration)
        : shard(its_shard), environment(shared, outlet, its_shard, sender, outbox, configuration) {}

    net::Shard& shard;
    Environment environment;
    std::vector<std::unique_ptr<Connection>> connections;
    bool stopping = false;
  };
  // Where connections come in.
  struct Door {
    bool secure;
    std::unique_ptr<net::Listener> listener;
    net::Address bound_to;  // as the configuration has it
  };
  class Descriptor;

  static net::Address local_of(const Door& door);
  base::Result<void> open(Door& door, const net::Address& bind);
  void follow(Door& door, const std::optional<net::Address>& bind);
  void accepted(int fd, const net::Address& peer, bool secure);
  void refuse(const Descriptor& descriptor, const net::Address& peer, bool secure,
              const std::string& why);
  void adopt(Place& place, Descriptor descriptor, const net::Address& peer, Admission admission,
             bool secure);
  void remove(Place& place, Connection& connection);
  struct Question;
  void ask_place(std::size_t index, std::shared_ptr<Question> question);
  template <class Work>
  void on_every_shard(Work work);

  Shared shared_;
  std::vector<std::unique_ptr<Place>> places_;
  std::unique_ptr<web::WebManager> web_;
  // Of shard 0:
  Door plain_{false, nullptr, {}};
  Door secure_{true, nullptr, {}};
  std::size_t next_place_ = 0;
  bool full_ = false;

  std::atomic<std::size_t> shards_to_stop_{0};  // that have not heard of stop_accepting()
};

}  // namespace missive::ami

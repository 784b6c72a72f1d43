// NOTIFY outside of any dialog: how a phone is told to read its settings again, and the like.
//
// One per shard, on its thread. An order goes to each contact of an endpoint or to one URI; a
// contact that is reached by a connection of another shard is handed to the Notifier there. The
// request says it is from the endpoint (for a URI: the default_outbound_endpoint, where there is
// one), whose outbound_auth answers challenges. What became of it goes to the log.
//
// Headers: as given, in their order, but for those that this server alone writes (Via, From, To,
// Contact, Call-ID, CSeq, Route, Record-Route, Max-Forwards, Content-Length, Request-URI,
// credentials), which are left out with a log line. `Content-Type` is that of the body, `Content`
// is a line of it. Subscription-State is "terminated" where it is not given.
//
// Source: RFC 6665; Asterisk documentation, PJSIPNotify, SIPnotify, sip_notify.conf.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "pjsip/location_service.h"
#include "pjsip/operations.h"
#include "pjsip/request_attempt.h"

namespace missive::pjsip {

class Notifier {
 public:
  // All but the configuration outlives it.
  Notifier(const RequestAttempt::Means& means, const LocationService& locations,
           std::shared_ptr<const Configuration> configuration);
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  // Those of all shards by index; before the shards run.
  void know_others(std::vector<Notifier*> all) { all_ = std::move(all); }
  // After a reload.
  void use(std::shared_ptr<const Configuration> configuration) {
    configuration_ = std::move(configuration);
  }

  // Whether an order can be carried out: somebody to send to, headers and a body that make a
  // request. Any thread.
  static base::Result<void> check(const Configuration& configuration,
                                  const LocationService& locations, const NotifyOrder& order);
  // What cannot be sent goes to the log.
  void send(NotifyOrder order);

  // Requests without an outcome.
  std::size_t under_way() const { return sendings_.size(); }

 private:
  class Sending;
  using Order = std::shared_ptr<const NotifyOrder>;

  void send_to(const Order& order, const std::shared_ptr<const Contact>& contact);
  void send_to_uri(const Order& order);
  void start(std::unique_ptr<Sending> sending);
  void finish(Sending& sending);

  const RequestAttempt::Means means_;
  const LocationService& locations_;
  std::shared_ptr<const Configuration> configuration_;
  std::vector<Notifier*> all_;
  std::unordered_map<Sending*, std::unique_ptr<Sending>> sendings_;
};

}  // namespace missive::pjsip

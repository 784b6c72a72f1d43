// A SIP technology, `pjsip:` or `sip:` by the Dialect of its configuration: messages out as SIP
// MESSAGE requests.
//
// One per shard, on its thread. send() resolves the destination, writes the request and
// starts its transaction; what is under way lives in a pool of Deliveries that is reused,
// so that sending allocates nothing once warm. A new configuration holds for messages sent
// from then on. What goes down a connection of another shard is handed to the MessageUac there.
//
// Where the endpoint has message_fork = all or sequential, what is for whatever contact the
// endpoint or the AOR has goes to several (fork.h). A phone that has just registered
// (Dispatch::contact) is the first of them then; the others follow as ever: a message waits only
// when nobody took it, so none of them has it yet.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "message/technology.h"
#include "pjsip/configuration.h"
#include "pjsip/delivery.h"
#include "pjsip/fork.h"
#include "pjsip/outgoing_headers.h"
#include "pjsip/request_attempt.h"
#include "pjsip/resolution.h"

namespace missive::pjsip {

class MessageUac final : public message::Technology {
 public:
  struct Options {
    // missive.conf, [sip]
    bool contact_header = true;
    std::size_t max_pending_size = 256 << 20;  // octets of bodies under way
  };

  MessageUac(const RequestAttempt::Means& means, const LocationService& locations,
             const Options& options, std::shared_ptr<const Configuration> configuration);
  // Those of all shards by index; before the shards run.
  void know_others(std::vector<MessageUac*> all) { all_ = std::move(all); }

  std::string_view name() const override { return configuration_->technology(); }
  std::optional<message::Refusal> check(const message::Message& message,
                                        message::Terms& terms) override;
  void send(std::shared_ptr<const message::Message> message, const message::Dispatch& dispatch,
            message::HandedOver handed_over, message::Finished finished) override;
  void abandon(std::string_view contact) override;

  // Of the same dialect.
  void use(std::shared_ptr<const Configuration> configuration) {
    configuration_ = std::move(configuration);
  }
  // Messages whose outcome is not known yet.
  std::size_t under_way() const { return pool_.size() - free_.size(); }

 private:
  friend class Delivery;
  // What a Delivery needs.
  const RequestAttempt::Means& means() const { return means_; }
  base::TimePoint now() const { return means_.transactions.shard().now(); }
  base::Result<void> write(Delivery& delivery, sip::Transport& transport, const net::Address& to,
                           const RequestIdentity& identity, sip::OutgoingRequest& out);
  // Where its redirect leads; until the next call.
  base::Result<const NextHop*> redirect(Delivery& delivery);
  void release(Delivery& delivery);

  std::optional<message::Refusal> prepare(const Configuration& configuration,
                                          const message::Message& message);
  base::Result<void> prepare_again(const Delivery& delivery);
  void send_prepared(Delivery::Order order);
  void send_to_contact(Delivery::Order order);
  Fork::Contacts fork_contacts(std::string_view first) const;
  void fork(Delivery::Order order, Fork::Contacts contacts);
  void forward(unsigned shard, Delivery::Order order);
  void abandon_here(std::string_view contact);
  std::string_view recipient_of(const message::Message& message);
  Delivery& acquire();

  const RequestAttempt::Means means_;
  const LocationService& locations_;
  const Options options_;
  std::shared_ptr<const Configuration> configuration_;
  Resolution resolution_;               // of the message being sent
  OutgoingHeaders headers_;             // of the message being sent
  const Delivery* prepared_ = nullptr;  // whose these two are; nullptr: nobody's
  std::string recipient_;               // of the message being checked
  std::vector<MessageUac*> all_;
  std::size_t octets_under_way_ = 0;
  std::deque<Delivery> pool_;
  std::vector<Delivery*> free_;
};

}  // namespace missive::pjsip

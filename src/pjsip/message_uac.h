// The `pjsip:` technology: messages out as SIP MESSAGE requests.
//
// One per shard, on its thread. send() resolves the destination, writes the request and
// starts its transaction; what is under way lives in a pool of Deliveries that is reused,
// so that sending allocates nothing once warm. A new configuration holds for messages sent
// from then on. What goes down a connection of another shard is handed to the MessageUac there.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "message/technology.h"
#include "net/resolver.h"
#include "pjsip/configuration.h"
#include "pjsip/delivery.h"
#include "pjsip/outgoing_headers.h"
#include "pjsip/resolution.h"
#include "sip/transaction_layer.h"

namespace missive::pjsip {

// The open transports of one shard.
class TransportSet {
 public:
  void add(std::unique_ptr<sip::Transport> transport) {
    transports_.push_back(std::move(transport));
  }
  // By the name of its section; nullptr when it is not open.
  sip::Transport* find(std::string_view id) const;
  const std::vector<std::unique_ptr<sip::Transport>>& all() const { return transports_; }

 private:
  std::vector<std::unique_ptr<sip::Transport>> transports_;
};

class MessageUac final : public message::Technology {
 public:
  struct Options {
    // missive.conf, [sip]
    bool contact_header = true;
    std::size_t max_pending_size = 256 << 20;  // octets of bodies under way
  };

  MessageUac(sip::TransactionLayer& transactions, TransportSet& transports,
             const LocationService& locations, const Options& options,
             std::shared_ptr<const Configuration> configuration);
  // Those of all shards by index; before the shards run.
  void know_others(std::vector<MessageUac*> all) { all_ = std::move(all); }

  std::string_view name() const override { return "pjsip"; }
  std::optional<message::Refusal> check(const message::Message& message,
                                        message::Terms& terms) override;
  void send(std::shared_ptr<const message::Message> message, const message::Dispatch& dispatch,
            message::HandedOver handed_over, message::Finished finished) override;

  void use(std::shared_ptr<const Configuration> configuration) {
    configuration_ = std::move(configuration);
  }
  // Messages whose outcome is not known yet.
  std::size_t under_way() const { return pool_.size() - free_.size(); }

 private:
  friend class Delivery;
  sip::TransactionLayer& transactions() { return transactions_; }
  base::RandomSource& random() { return transactions_.shard().random(); }
  void fall_back_to_udp(Delivery& delivery);
  // The request once more, without what its recipient did not understand.
  bool write_plain(Delivery& delivery);
  void release(Delivery& delivery);

  std::optional<message::Refusal> prepare(const Configuration& configuration,
                                          const message::Message& message);
  // Takes apart a message that is under way once more: others were sent meanwhile.
  std::optional<message::Refusal> prepare_again(const Delivery& delivery);
  void forward(unsigned shard, Delivery::Order order);
  std::string_view recipient_of(const message::Message& message);
  Delivery& acquire();
  void look_up(Delivery& delivery);
  void send_to(Delivery& delivery, const net::Address& to, bool may_use_tcp);
  base::Result<void> write(Delivery& delivery, sip::Transport& transport, const net::Address& to);
  sip::Transport* open_transport(const Configuration& configuration, Transport::Protocol protocol,
                                 const net::Address& to) const;

  sip::TransactionLayer& transactions_;
  TransportSet& transports_;
  const LocationService& locations_;
  const Options options_;
  std::shared_ptr<const Configuration> configuration_;
  net::Resolver resolver_;
  Resolution resolution_;    // of the message being sent
  OutgoingHeaders headers_;  // of the message being sent
  std::string recipient_;    // of the message being checked
  std::vector<MessageUac*> all_;
  std::size_t octets_under_way_ = 0;
  std::deque<Delivery> pool_;
  std::vector<Delivery*> free_;
};

}  // namespace missive::pjsip

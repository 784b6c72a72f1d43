// One non-INVITE request under way: the NonInviteClient machine, its timer and its buffer.
//
// Embedded in whoever sends (its ClientUser), which also owns the request's text; both
// stay in place until the transaction has ended. The user is told of the end by exactly one
// of on_final_response, on_timeout and on_send_error, and may start the same transaction
// again from inside that call (a retry with credentials). On the shard's thread only.
//
// Source: RFC 3261 sections 17.1.2, 17.1.3, 17.1.4.
#pragma once

#include "net/timer_wheel.h"
#include "sip/non_invite_client.h"
#include "sip/outgoing_request.h"
#include "sip/transport.h"

namespace missive::sip {

class Packet;
class TransactionLayer;

class ClientUser {
 public:
  virtual ~ClientUser() = default;
  // The request left for the first time.
  virtual void on_request_sent() = 0;
  virtual void on_final_response(const Packet& response) = 0;
  virtual void on_timeout() = 0;
  virtual void on_send_error(const base::Error& error) = 0;
};

class ClientTransaction final : private net::Timer, private net::SendObserver {
 public:
  explicit ClientTransaction(ClientUser& user) : user_(user) {}
  ~ClientTransaction() override { stop(); }

  // Fails when the layer holds as many transactions as it may. `limit`: the time for an answer,
  // instead of Timer F.
  base::Result<void> start(TransactionLayer& layer, OutgoingRequest& request, Transport& transport,
                           const net::Address& to, std::optional<base::Duration> limit = {});
  // Forgets it without telling the user.
  void stop();
  bool active() const { return layer_ != nullptr; }

  const net::Address& destination() const { return to_; }

 private:
  friend class TransactionLayer;
  friend class ClientTransactionTable;

  void on_response(const Packet& response);
  void on_lost(const base::Error& error);
  void on_timer() override;
  void on_sent() override;
  void on_send_failed(const base::Error& error) override;
  NonInviteClient::Actions apply(NonInviteClient::Actions actions);

  ClientUser& user_;
  TransactionLayer* layer_ = nullptr;
  OutgoingRequest* request_ = nullptr;
  Transport* transport_ = nullptr;
  net::Address to_;
  NonInviteClient machine_;
  std::uint32_t slot_ = 0;
  bool told_sent_ = false;
};

}  // namespace missive::sip

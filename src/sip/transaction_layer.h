// Everything between transports and those who send or answer requests, for one shard.
//
// Incoming octets are parsed here, once. A response goes to its client transaction; when
// the kernel delivered it to another shard's socket, its branch says whose it is and it
// is posted there. A request is checked, matched with the transactions already answered,
// and otherwise shown to the RequestUsers in the order they were added; what none of them
// takes is answered 501. What is no SIP at all is dropped.
//
// A user that cannot answer at once postpones: the request is then in progress, its
// retransmissions are absorbed, until answer() is called on this thread.
//
// One per shard; on its thread only, but for what forward() does. Source: RFC 3261
// sections 17 and 18; RFC 4320.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "net/shard.h"
#include "sip/client_transaction_table.h"
#include "sip/parser.h"
#include "sip/postponed_requests.h"
#include "sip/server_transactions.h"
#include "sip/transport.h"

namespace missive::sip {

struct TransactionLimits {
  std::size_t client_transactions = 1u << 18;
  std::size_t server_transactions = 1u << 22;
  std::size_t postponed_requests = 1u << 16;
  ParserLimits parser;
};

class TransactionLayer final : public MessageReceiver, private net::TurnEnd {
 public:
  TransactionLayer(net::Shard& shard, const Timers& timers, const TransactionLimits& limits);
  ~TransactionLayer() override;

  void add(RequestUser& user) { users_.push_back(&user); }
  // The layers of all shards by index, this one among them; before the shards run.
  void know_others(std::vector<TransactionLayer*> layers) { layers_ = std::move(layers); }

  void on_message(Transport& transport, std::span<char> message, const net::Address& from) override;
  void on_connection_lost(Transport& transport, const net::Address& peer,
                          const base::Error& error) override;

  // From inside of on_request(), which then returns true; not for INVITE. Nothing when too many
  // are postponed already: the user has still to answer. `response.to_source` is kept.
  std::optional<PostponedRequest> postpone(const IncomingRequest& request, Response& response);
  // The answer to a postponed request, once; perhaps before on_request() returns. With `drop` it
  // is forgotten. Goes nowhere when the request's connection is lost.
  void answer(PostponedRequest request, Response response);

  net::Shard& shard() { return shard_; }
  const Timers& timers() const { return timers_; }
  ClientTransactionTable& clients() { return clients_; }
  ServerTransactions& servers() { return servers_; }
  std::size_t postponed() const { return postponed_.size(); }

 private:
  void on_response(std::span<char> message);
  void on_request(Transport& transport, std::span<char> message, const net::Address& from);
  void handle(const IncomingRequest& request);
  void reject(const IncomingRequest& request, int status, std::string reason);
  bool must_wait(const IncomingRequest& request);
  void send_response(const IncomingRequest& request, ServerTransactions::Key key,
                     const Response& response);
  bool forward(std::span<char> response);
  void on_turn_end() override;

  net::Shard& shard_;
  const Timers timers_;
  ClientTransactionTable clients_;
  ServerTransactions servers_;
  PostponedRequests postponed_;
  ParserLimits parser_limits_;
  std::vector<RequestUser*> users_;
  Packet packet_;  // reused: parsing allocates nothing
  std::string response_;
  base::TimePoint told_full_{};

  std::vector<TransactionLayer*> layers_;
  struct Outbound {  // responses for another shard, gathered in this turn
    std::string octets;
    std::vector<std::size_t> ends;
  };
  std::vector<Outbound> outbound_;
};

}  // namespace missive::sip

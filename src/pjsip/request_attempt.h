// One request to the next hop: its targets one after the other, challenges answered.
//
// start() finds the targets (DNS, RFC 3263), has the request written for each, sends it in a
// transaction of its own and goes on to the next target after a time-out, a connection that fails
// or a 503, all within `limit`: of what is left of it, each target but the last gets an equal
// share. A 401 or 407 is answered, each realm once. All else is the User's to judge. A request too
// large for UDP has its TCP target tried first where the configuration says so (RFC 3261 section
// 18.1.1).
//
// The User hears on_request_sent() at most once, when the request has left for the first time, and
// then exactly one of on_final_response() and on_failure(), unless stop() comes first. Those two
// may start() the attempt again or destroy it. Calls may come from inside start(). On the shard's
// thread. A RequestAttempt is meant to be used again: start() after the end begins anew and keeps
// its memory.
//
// Source: RFC 3261 sections 8.1.2, 17.1.2, 18.1.1, 22; RFC 3263 section 4.3.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pjsip/next_hop.h"
#include "pjsip/outbound_auth.h"
#include "sip/client_transaction.h"
#include "sip/server_locator.h"
#include "sip/transaction_layer.h"
#include "sip/transport_set.h"

namespace missive::pjsip {

// What stays the same from target to target, so that a recipient that is reached twice sees one
// request (RFC 3261 section 8.1.1).
struct RequestIdentity {
  std::array<char, 36> token;  // 12 for the From tag, 24 for the Call-ID
  std::uint32_t cseq = 0;      // five digits, and so after some retries

  std::string_view from_tag() const { return {token.data(), 12}; }
  std::string_view call_id() const { return {token.data() + 12, 24}; }
  static RequestIdentity make(base::RandomSource& random);
};

class RequestAttempt final : private sip::ClientUser, private net::Timer {
 public:
  // What it works with; all outlive it.
  struct Means {
    sip::TransactionLayer& transactions;
    const sip::TransportSet& transports;
    sip::ServerLocator& locator;
  };

  struct Failure {
    enum class Kind {
      not_found,     // DNS has no server for it
      no_answer,     // DNS did not say whether there is one
      no_transport,  // none that is configured and open reaches it
      unwritable,    // write() failed
      too_large,     // for a datagram, and there is nothing but UDP
      unreachable,   // it could not be sent, the connection failed
      timeout,       // no answer in time
      busy,          // this server has too many requests under way
    };
    Kind kind = Kind::unreachable;
    std::string text;  // for a person
  };

  class User {
   public:
    virtual ~User() = default;
    // The whole request but for its branch, into `out`, for this transport.
    virtual base::Result<void> write(sip::Transport& transport, const net::Address& to,
                                     const RequestIdentity& identity,
                                     sip::OutgoingRequest& out) = 0;
    virtual void on_request_sent() {}
    virtual void on_final_response(const sip::Packet& response) = 0;
    virtual void on_failure(const Failure& failure) = 0;
  };

  struct Order {
    const Configuration* configuration = nullptr;  // lives until the end
    const NextHop* hop = nullptr;                  // is copied
    std::span<const std::string> outbound_auth;    // live until the end; none: challenges are final
    std::string_view who;                          // "endpoint 'alice'": likewise
    std::optional<base::Duration> limit;           // none: the transaction's time-out (timer_b)
    std::optional<RequestIdentity> identity;       // none: a new one
  };

  RequestAttempt(const Means& means, User& user);
  ~RequestAttempt() override;
  RequestAttempt(const RequestAttempt&) = delete;
  RequestAttempt& operator=(const RequestAttempt&) = delete;

  void start(const Order& order);
  // Forgets it without telling the user.
  void stop();
  // Writes and sends the same request once more to the target that answered (what it holds has
  // changed); from inside on_final_response().
  void again();
  bool active() const { return transaction_.active() || asked_ != nullptr; }
  // Gives memory back; while it is not active.
  void shrink();

  // Of the target that is being tried, or was last.
  sip::Transport* transport() const { return transport_; }
  const net::Address& destination() const { return to_; }
  sip::OutgoingRequest& request() { return request_; }
  const RequestIdentity& identity() const { return identity_; }
  bool sent() const { return sent_; }
  // When the target was asked last.
  base::TimePoint asked_at() const { return asked_at_; }
  // A target has answered 503, and others were tried.
  bool turned_away() const { return turned_away_; }
  // What holds where an Order has no limit.
  base::Duration default_limit() const { return means_.transactions.timers().timer_f; }

 private:
  struct Place {  // a target and what sends to it
    sip::Target target;
    sip::Transport* transport;
  };
  enum class Tried { under_way, next, over };

  void find_targets();
  void take(std::span<const sip::Target> targets);
  void go_on();
  Tried try_place();
  base::Result<void> write();
  bool choose_tcp();
  Tried send_off();
  Tried fails(Failure::Kind kind, std::string text, Tried then = Tried::next);
  bool answer_challenge(const sip::Packet& response);
  void tell_sent();
  void tell_failure();
  base::Duration time_left() const;
  net::Shard& shard() const { return means_.transactions.shard(); }

  void on_request_sent() override;
  void on_final_response(const sip::Packet& response) override;
  void on_timeout() override;
  void on_send_error(const base::Error& error) override;
  void on_timer() override;  // the servers could not be found in time

  const Means means_;
  User& user_;
  const Configuration* configuration_ = nullptr;
  NextHop hop_;
  std::span<const std::string> outbound_auth_;
  std::string_view who_;
  base::TimePoint deadline_{};
  RequestIdentity identity_{};
  std::vector<Place> places_;
  std::size_t place_ = 0;  // of places_: being tried
  sip::Transport* transport_ = nullptr;
  net::Address to_;
  sip::OutgoingRequest request_;
  sip::ClientTransaction transaction_;
  base::TimePoint asked_at_{};
  bool sent_ = false;
  bool turned_away_ = false;
  bool left_ = false;                       // for this place
  bool over_tcp_ = false;                   // a large request to a UDP target
  bool tcp_refused_ = false;                // at this place
  std::optional<OutboundAuth> auth_;        // once challenged
  Failure failure_;                         // of the place tried last
  std::shared_ptr<RequestAttempt*> asked_;  // while the locator is asked
};

}  // namespace missive::pjsip

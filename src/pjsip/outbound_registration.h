// One registration of ours as a state machine: when to REGISTER, and what to make of the answer.
//
//   2xx              registered; refreshed when a tenth of the time is left, but between 30 and 5 s
//                    before its end (half of it where it is shorter than 10 s)
//   423              asked again at once with the registrar's Min-Expires
//   401, 407         the credentials were refused: as other final errors, or with
//                    auth_rejection_permanent=no after retry_interval
//   403              after forbidden_retry_interval, else as other final errors
//   408, 430, 480, 500, 502, 503, 504, no answer, no connection, host not found
//                    after retry_interval, at most max_retries in a row
//   3xx              not followed; as other final errors
//   anything else    after fatal_retry_interval, at most max_retries in a row; never where it is 0
//
// A failure with Retry-After is tried again after that time, however often. What is not tried again
// stays rejected until register_now() or a reload. An interval of 0, like max_retries of 0, means
// not at all.
//
// A registration by a connection keeps that open; when it is lost, it registers anew within two
// seconds, and while that fails after growing times: between half and all of 30 s (or
// retry_interval, if that is shorter) doubled with each failure, half an hour at most.
//
// One Call-ID for its life with a CSeq that goes up; a new one when five digits are used up. Lives
// on one shard, on its thread. Source: RFC 3261 section 10.2; RFC 5626 section 4.5; Asterisk
// documentation, res_pjsip_outbound_registration.
#pragma once

#include <memory>
#include <string>

#include "net/shard.h"
#include "pjsip/configuration.h"
#include "pjsip/operations.h"
#include "pjsip/request_attempt.h"

namespace missive::pjsip {

// How it stands, with points in time where RegistrationStatus has what is left until then.
struct RegistrationStanding {
  RegistrationStatus::State state = RegistrationStatus::State::unregistered;
  int response_code = 0;
  std::string reason;
  base::WallTime registered_at{};
  base::TimePoint expires{};                      // while registered
  base::TimePoint next = base::TimePoint::max();  // max(): none is planned
};

class OutboundRegistration final : private RequestAttempt::User, private net::Timer {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    // Its standing is new; `told`: an attempt has ended or the state has changed, so that others
    // are to be told.
    virtual void on_standing(const OutboundRegistration& registration, bool told) = 0;
    // What leave() asked for is done; it may be destroyed.
    virtual void on_left(OutboundRegistration& registration) = 0;
  };

  // `name` is configured. All referred to outlives it.
  OutboundRegistration(const RequestAttempt::Means& means, Owner& owner,
                       std::shared_ptr<const Configuration> configuration, std::string name);

  // Registers after a random part of max_random_initial_delay.
  void start();
  void register_now();
  // Takes it back; it stays so until register_now().
  void unregister();
  // After a reload in which it is still configured: what has changed is taken back and registered
  // anew, what was given up is tried again.
  void use(std::shared_ptr<const Configuration> configuration);
  // Takes it back, within `limit` where there is one; on_left() follows, perhaps at once.
  void leave(std::optional<base::Duration> limit = {});
  void on_connection_lost(const sip::Transport& transport, const net::Address& peer);

  const std::string& name() const { return name_; }
  const Registration& options() const { return *registration_; }
  const RegistrationStanding& standing() const { return standing_; }
  std::string_view technology() const { return configuration_->technology(); }

 private:
  using State = RegistrationStatus::State;
  enum class Doing { nothing, registering, taking_back };
  enum class Then { rest, begin_anew, leave };  // when it is taken back

  void take(std::shared_ptr<const Configuration> configuration);
  void begin(std::chrono::seconds expires);
  void send(std::chrono::seconds expires);
  void take_back(Then then);
  void on_taken_back();

  base::Result<void> write(sip::Transport& transport, const net::Address& to,
                           const RequestIdentity& identity, sip::OutgoingRequest& out) override;
  void on_final_response(const sip::Packet& response) override;
  void on_failure(const RequestAttempt::Failure& failure) override;
  void on_timer() override;

  void on_registered(const sip::Packet& response);
  bool ask_for_longer(const sip::Packet& response);
  void on_refused(const sip::Packet& response);
  void try_later(std::chrono::seconds interval);
  void try_soon();
  void give_up();
  base::Duration recovery_gap();
  bool given_up() const;
  void plan(base::Duration after);
  void tell(State state, bool told = true);

  net::Shard& shard() const { return means_.transactions.shard(); }

  const RequestAttempt::Means means_;
  Owner& owner_;
  const std::string name_;
  std::shared_ptr<const Configuration> configuration_;
  const Registration* registration_ = nullptr;  // in configuration_
  std::string who_;                             // "registration 'trunk'"
  std::shared_ptr<const Configuration> next_;   // to go on with when it is taken back
  std::shared_ptr<const Configuration> used_;   // by the attempt: lives until its end

  Doing doing_ = Doing::nothing;
  Then then_ = Then::rest;
  RegistrationStanding standing_;
  std::chrono::seconds asked_{};         // what is asked for, at least the registrar's minimum
  std::chrono::seconds expires_{};       // of the request under way
  std::optional<base::Duration> limit_;  // of taking it back
  std::optional<RequestIdentity> identity_;
  bool asked_for_longer_ = false;  // in this cycle
  bool may_be_bound_ = false;      // the registrar may hold our Contact
  bool recovering_ = false;        // its connection was lost
  unsigned failures_ = 0;          // in a row
  std::string contact_;            // that was written last
  // What carries it, while registered by a connection.
  const sip::Transport* transport_ = nullptr;
  net::Address peer_;
  RequestAttempt attempt_;
};

}  // namespace missive::pjsip

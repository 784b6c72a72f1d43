// The registrations of ours: those of one shard, and the board over all shards.
//
// A registration lives on the shard that the hash of its name falls on. OutboundRegistrations
// makes, changes and ends them there as the configuration says, on its shard's thread.
// RegistrationBoard knows how each stands and passes on what an operator asks for; any thread, with
// a lock of its own that is held for a look-up.
//
//   RegistrationBoard board(clock);
//   OutboundRegistrations mine(means, board, configuration);   // on every shard
//   board.know({&mine, ...});                                  // before the shards run
//   board.start();                                             // they may run now
//   mine.use(configuration);                                   // after a reload, on the shard
//   board.stop();                                              // while the shards still run
//
// Source: Asterisk documentation, res_pjsip_outbound_registration.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_function.h"
#include "pjsip/operations.h"
#include "pjsip/outbound_registration.h"
#include "sip/request_user.h"

namespace missive::pjsip {

class OutboundRegistrations;

// Hears when an attempt has ended or a registration has changed. Any thread; of one registration in
// order.
class RegistrationObserver {
 public:
  virtual ~RegistrationObserver() = default;
  // `technology` as the prefix of destinations: "pjsip".
  virtual void on_registration(std::string_view technology, const RegistrationStatus& status) = 0;
};

class RegistrationBoard {
 public:
  // Within which stop() ends.
  static constexpr base::Duration stop_limit = std::chrono::seconds{2};

  explicit RegistrationBoard(const base::Clock& clock) : clock_(clock) {}

  // By shard index, at least one; before the shards run. They outlive its use.
  void know(std::vector<OutboundRegistrations*> shards);
  // Before the shards run.
  void add(RegistrationObserver& observer) { observers_.push_back(&observer); }
  void start();
  // Takes back what is registered and registers no more; `done` is called once on a shard's thread,
  // after stop_limit at the latest.
  void stop(base::UniqueFunction<void()> done);
  // The same, returning when it is done. Not on a shard's thread; the shards run.
  void stop();

  // What Operations offers of registrations; by name.
  std::vector<RegistrationStatus> list() const;
  base::Result<void> register_now(std::string_view name);
  base::Result<void> unregister(std::string_view name);

  // For the shards.
  void post(const OutboundRegistration& registration, bool told);
  void erase(std::string_view name);

 private:
  using Action = void (OutboundRegistrations::*)(std::string_view name);
  struct Entry {
    std::string server_uri, client_uri;
    RegistrationStanding standing;
  };

  RegistrationStatus status_of(const std::string& name, const Entry& entry) const;
  base::Result<void> ask(std::string_view name, Action action);

  const base::Clock& clock_;
  std::vector<OutboundRegistrations*> shards_;
  std::vector<RegistrationObserver*> observers_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
};

class OutboundRegistrations final : public sip::RequestUser, private OutboundRegistration::Owner {
 public:
  // All outlive it. Adds itself to the users of `means.transactions`, to hear of lost connections.
  OutboundRegistrations(const RequestAttempt::Means& means, RegistrationBoard& board,
                        std::shared_ptr<const Configuration> configuration);

  // After a reload: starts what is new, changes what has changed, takes back what is gone.
  void use(std::shared_ptr<const Configuration> configuration);

  // For the board. The first before the shard runs.
  void take_share(std::size_t shards);
  void start();
  void register_now(std::string_view name);  // nothing where it is not at home here
  void unregister(std::string_view name);
  // Takes all back; `done` is called once, after stop_limit at the latest.
  void stop(std::function<void()> done);
  net::Shard& shard() { return means_.transactions.shard(); }

  bool on_request(const sip::IncomingRequest&, sip::Response&) override { return false; }
  void on_connection_lost(sip::Transport& transport, const net::Address& peer) override;

  // The shard of that name.
  static std::size_t home_of(std::string_view name, std::size_t shards);

 private:
  using Registrations = std::map<std::string, std::unique_ptr<OutboundRegistration>, std::less<>>;

  bool is_home_of(std::string_view name) { return home_of(name, shards_) == shard().index(); }
  OutboundRegistration& add(const std::string& name);
  void end(Registrations::iterator place, std::optional<base::Duration> limit);
  void on_standing(const OutboundRegistration& registration, bool told) override;
  void on_left(OutboundRegistration& registration) override;

  const RequestAttempt::Means means_;
  RegistrationBoard& board_;
  std::shared_ptr<const Configuration> configuration_;
  std::size_t shards_ = 0;
  Registrations registrations_;
  Registrations leaving_;  // not configured any more, and being taken back
  bool stopping_ = false;
  std::function<void()> stopped_;  // while it stops
};

}  // namespace missive::pjsip

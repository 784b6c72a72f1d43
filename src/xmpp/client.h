// All accounts of xmpp.conf at work, each on a thread of its own.
//
// Made before the shards run and destroyed after they have stopped; start() after they run, stop()
// while they still do. What comes in goes to the Intake of a shard, what became of messages to the
// Outbox; the listener of MessageEvents tells XMPP senders of receipts and errors. Operations and
// send() are for any thread.
//
// An account that a reload changed is stopped and begins anew; the others do not notice. start(),
// use() and stop() are for one thread at a time.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "message/intake.h"
#include "message/message_events.h"
#include "message/outbox.h"
#include "net/shard.h"
#include "xmpp/board.h"
#include "xmpp/operations.h"
#include "xmpp/origin.h"
#include "xmpp/session.h"
#include "xmpp/text_intake.h"

namespace missive::xmpp {

class Client final : public Operations, private SessionUser {
 public:
  struct Means {
    const base::Clock& clock;
    std::vector<TextIntake::Place> places;  // one for each shard
    message::Outbox* outbox = nullptr;      // nullptr: durability = off
  };

  Client(std::shared_ptr<const Configuration> configuration, Means means);
  ~Client() override;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Before start().
  void tell(AccountEvents& events) { events_ = &events; }
  void start();
  void use(std::shared_ptr<const Configuration> configuration);
  // The process is about to end: texts that come now had better wait at the servers.
  void stop_receiving();
  void stop();
  bool has_accounts() const { return has_accounts_.load(std::memory_order_relaxed); }

  const Board& board() const { return board_; }
  // Answered on its home shard.
  void send(Order order);
  // To who sent us a message.
  void send_receipt(const Origin& origin, bool displayed);
  void send_error(const Origin& origin, int sip_status, std::string text);

  std::shared_ptr<const Configuration> configuration() const override;
  std::vector<AccountStatus> accounts() const override { return board_.accounts(); }
  std::optional<AccountStatus> account(std::string_view name) const override;
  std::vector<Buddy> buddies(std::string_view account) const override;
  std::optional<Resource::Show> presence(std::string_view account,
                                         std::string_view jid) const override;
  base::Result<void> join(std::string_view account, std::string_view room,
                          std::string_view nickname) override;
  base::Result<void> leave(std::string_view account, std::string_view room) override;
  base::Result<void> reconnect(std::string_view account) override;
  base::Result<void> receive(std::string_view account, std::string_view jid,
                             std::chrono::milliseconds time, net::Shard& asker,
                             Received answer) override;

 private:
  struct Worker;  // a session with its shard and thread
  using Workers = std::map<std::string, std::unique_ptr<Worker>, std::less<>>;

  void on_text(Session& session, MessageStanza text) override;
  void on_news(const Account& account, LateNews news) override;
  void on_status(const AccountStatus& status, bool failed_login) override;
  void on_entered(const Account& account, const std::string& room) override;

  base::Result<void> check_account(std::string_view account) const;
  // Does it on the account's thread; false where there is no such account.
  template <class Task>
  bool with(std::string_view account, Task&& task);
  void start_missing();
  void start_worker(const Account& account, const Configuration::General& general);
  void stop_worker(Workers::iterator worker);
  void end_leaving();
  void say_taken(std::uint64_t number, const MessageStanza& text,
                 const std::optional<ErrorText>& refused);
  void watch();

  const Means means_;
  AccountEvents* events_ = nullptr;
  Board board_;
  TextIntake intake_;
  std::atomic<bool> has_accounts_;
  net::CallbackTimer watchdog_;  // on the first shard
  mutable std::mutex mutex_;     // of what is below
  std::shared_ptr<const Configuration> configuration_;
  Workers workers_;
  // Those that are being stopped: they hear still what became of their last texts.
  std::vector<std::unique_ptr<Worker>> leaving_;
  unsigned next_index_ = 0;
};

}  // namespace missive::xmpp

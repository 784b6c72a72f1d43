#include "xmpp/client.h"

#include <pthread.h>

#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "xmpp/condition.h"

namespace missive::xmpp {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// How long an account may take to say goodbye.
constexpr auto farewell = 2s;
constexpr auto watchdog_interval = 5s;

}  // namespace

struct Client::Worker {
  Worker(unsigned index, const Account& account, const Configuration::General& general,
         const Means& means, Board& board, SessionUser& user)
      : shard(index, means.clock), session(shard, account, general, board, user) {}

  net::Shard shard;
  Session session;
  std::thread thread;
};

Client::Client(std::shared_ptr<const Configuration> configuration, Means means)
    : means_(std::move(means)),
      intake_(means_.places),
      has_accounts_(!configuration->accounts().empty()),
      watchdog_([this] { watch(); }),
      configuration_(std::move(configuration)) {
  static const bool initialized = [] {
    xmpp_initialize();
    return true;
  }();
  static_cast<void>(initialized);
}

Client::~Client() { stop(); }

void Client::start_worker(const Account& account, const Configuration::General& general) {
  auto worker = std::make_unique<Worker>(next_index_++, account, general, means_, board_,
                                         static_cast<SessionUser&>(*this));
  worker->shard.post([&session = worker->session] { session.start(); });
  worker->thread = std::thread([&shard = worker->shard] { shard.run(); });
  pthread_setname_np(worker->thread.native_handle(),
                     ("xmpp-" + account.name).substr(0, 15).c_str());
  workers_[account.name] = std::move(worker);
}

void Client::start() {
  start_missing();
  means_.places.front().shard->post([this] { watch(); });
}

void Client::start_missing() {
  const std::lock_guard lock(mutex_);
  for (const auto& account : configuration_->accounts()) {
    if (!workers_.contains(account.name)) start_worker(account, configuration_->general());
  }
}

// An account's thread may wait inside of libstrophe, where its own timers do not reach.
void Client::watch() {
  const std::lock_guard lock(mutex_);
  for (auto& [name, worker] : workers_) worker->session.interrupt_if_overdue();
  if (!workers_.empty()) means_.places.front().shard->arm(watchdog_, watchdog_interval);
}

// Under the lock.
void Client::stop_worker(Workers::iterator worker) {
  auto& session = worker->second->session;
  session.shard().post([&session] { session.stop(); });
  leaving_.push_back(std::move(worker->second));
  workers_.erase(worker);
}

// All say goodbye side by side; one that is stuck in the network is cut off.
void Client::end_leaving() {
  const auto deadline = std::chrono::steady_clock::now() + farewell;
  for (const auto& worker : leaving_) {
    const auto stopped = std::make_shared<std::atomic<bool>>(false);
    while (!*stopped && std::chrono::steady_clock::now() < deadline) {
      worker->shard.post(
          [stopped, &session = worker->session] { *stopped = session.is_stopped(); });
      std::this_thread::sleep_for(5ms);
    }
    if (!*stopped) worker->session.interrupt();
    worker->shard.stop();
    worker->thread.join();
  }
  std::vector<std::unique_ptr<Worker>> ended;
  {
    const std::lock_guard lock(mutex_);
    ended.swap(leaving_);
  }
  for (const auto& worker : ended) {
    while (worker->shard.run_once()) {
    }  // what was asked of it meanwhile is refused
    board_.forget(worker->session.account().name);
  }
}

void Client::stop() {
  {
    const std::lock_guard lock(mutex_);
    while (!workers_.empty()) stop_worker(workers_.begin());
  }
  end_leaving();
}

void Client::stop_receiving() {
  const std::lock_guard lock(mutex_);
  for (auto& [name, worker] : workers_) {
    worker->shard.post([&session = worker->session] { session.stop_receiving(); });
  }
}

void Client::use(std::shared_ptr<const Configuration> configuration) {
  {
    const std::lock_guard lock(mutex_);
    const bool other_general = configuration->general() != configuration_->general();
    for (auto worker = workers_.begin(); worker != workers_.end();) {
      const auto current = worker++;
      const auto* account = configuration->account(current->first);
      const bool same = account != nullptr && *account == current->second->session.account();
      if (!same || other_general) stop_worker(current);
    }
    configuration_ = std::move(configuration);
    has_accounts_ = !configuration_->accounts().empty();
  }
  end_leaving();
  start();
}

std::shared_ptr<const Configuration> Client::configuration() const {
  const std::lock_guard lock(mutex_);
  return configuration_;
}

base::Result<void> Client::check_account(std::string_view account) const {
  const std::lock_guard lock(mutex_);
  if (workers_.contains(without_scheme(account))) return {};
  return base::fail("there is no account '{}' in xmpp.conf", base::printable(account, 80));
}

// Under the lock, so that nothing is posted behind the last task of a worker that is stopped.
template <class Task>
bool Client::with(std::string_view account, Task&& task) {
  const std::lock_guard lock(mutex_);
  const auto found = workers_.find(without_scheme(account));
  if (found == workers_.end()) return false;
  auto& session = found->second->session;
  session.shard().post([&session, task = std::forward<Task>(task)]() mutable { task(session); });
  return true;
}

// --- messages out

void Client::send(Order order) {
  const auto account = order.account;
  auto shared = std::make_shared<Order>(std::move(order));
  if (with(account, [shared](Session& session) { session.send(std::move(*shared)); })) return;
  Deliveries::refuse(std::move(*shared),
                     fmt::format("XMPP account '{}' is not there any more", account));
}

void Client::send_receipt(const Origin& origin, bool displayed) {
  with(origin.account, [origin, displayed](Session& session) {
    session.send_receipt(origin.to, origin.address, origin.id, displayed);
  });
}

void Client::send_error(const Origin& origin, int sip_status, std::string text) {
  with(origin.account, [origin, sip_status, text = std::move(text)](Session& session) {
    const auto condition = condition_of(sip_status);
    session.send_error(origin.to, origin.address, origin.id,
                       {condition.name, condition.type, text});
  });
}

// --- what sessions tell

void Client::on_text(Session& session, MessageStanza text) {
  auto taken = [this, number = session.number()](const MessageStanza& done,
                                                 const std::optional<ErrorText>& refused) {
    say_taken(number, done, refused);
  };
  intake_.take(session.account(), session.shard(), std::move(text), std::move(taken));
}

// A reload may have put another session in its place by the time the text is written.
void Client::say_taken(std::uint64_t number, const MessageStanza& text,
                       const std::optional<ErrorText>& refused) {
  const std::lock_guard lock(mutex_);
  const auto say = [&](Worker& worker) {
    if (worker.session.number() != number) return;
    worker.shard.post([&session = worker.session, text, refused] { session.taken(text, refused); });
  };
  for (auto& [name, worker] : workers_) say(*worker);
  for (const auto& worker : leaving_) say(*worker);
}

void Client::on_news(const Account& account, LateNews news) {
  if (means_.outbox == nullptr) return;
  message::Outbox::Receipt receipt;
  receipt.id = std::move(news.id);
  receipt.state = news.state;
  receipt.from = account.name + '/' + news.from;
  receipt.contact = std::move(news.contact);
  receipt.code = news.code;
  receipt.text = std::move(news.text);
  means_.outbox->receipt(std::move(receipt), *means_.places.front().shard);
}

void Client::on_status(const AccountStatus& status, bool failed_login) {
  if (status.state == AccountStatus::State::connected && means_.outbox != nullptr) {
    means_.outbox->wake_all("xmpp:" + status.name + '/');
  }
  if (events_ != nullptr) events_->on_account(status, failed_login);
}

void Client::on_entered(const Account& account, const std::string& room) {
  if (means_.outbox != nullptr) means_.outbox->wake("xmpp:" + account.name + '/' + room);
}

// --- what operators ask for

std::optional<AccountStatus> Client::account(std::string_view name) const {
  return board_.account(without_scheme(name));
}

std::vector<Buddy> Client::buddies(std::string_view account) const {
  return board_.buddies(without_scheme(account));
}

std::optional<Resource::Show> Client::presence(std::string_view account,
                                               std::string_view jid) const {
  const auto parsed = Jid::parse(jid);
  return parsed ? board_.presence(without_scheme(account), *parsed) : std::nullopt;
}

base::Result<void> Client::join(std::string_view account, std::string_view room,
                                std::string_view nickname) {
  if (auto known = check_account(account); !known) return known;
  auto jid = Jid::parse(room);
  if (!jid) return tl::unexpected(jid.error());
  if (jid->local.empty()) {
    return base::fail("'{}' is no room such as room@conference.example.com",
                      base::printable(room, 80));
  }
  auto name = nickname.empty() ? jid->resource : std::string(nickname);
  if (!name.empty()) {
    if (auto fits = Jid::parse(jid->bare() + '/' + name); !fits) {
      return tl::unexpected(fits.error());
    }
  }
  // What is sent to it from now on waits until we are in.
  const std::string own(without_scheme(account));
  if (board_.room(own, jid->bare()) == Board::RoomState::unknown) {
    board_.set_room(own, jid->bare(), Board::RoomState::joining);
  }
  with(account, [jid = std::move(*jid), name = std::move(name)](Session& session) {
    session.join(jid, name);
  });
  return {};
}

base::Result<void> Client::leave(std::string_view account, std::string_view room) {
  if (auto known = check_account(account); !known) return known;
  auto jid = Jid::parse(room);
  if (!jid) return tl::unexpected(jid.error());
  if (board_.room(without_scheme(account), jid->bare()) == Board::RoomState::unknown) {
    return base::fail("account '{}' is not in room {}", account, jid->bare());
  }
  with(account, [jid = std::move(*jid)](Session& session) { session.leave(jid); });
  return {};
}

base::Result<void> Client::reconnect(std::string_view account) {
  const auto again = [](Session& session) { session.reconnect(); };
  if (account.empty()) {
    for (const auto& one : configuration()->accounts()) with(one.name, again);
    return {};
  }
  if (auto known = check_account(account); !known) return known;
  with(account, again);
  return {};
}

base::Result<void> Client::receive(std::string_view account, std::string_view jid,
                                   std::chrono::milliseconds time, net::Shard& asker,
                                   Received answer) {
  if (auto known = check_account(account); !known) return known;
  auto from = Jid::parse(jid);
  if (!from) return tl::unexpected(from.error());
  // Answered with nothing where the account goes in the meantime.
  auto shared = std::make_shared<Received>(std::move(answer));
  const auto ask = [shared, from = std::move(*from), time, &asker](Session& session) {
    session.receive(from, time, asker, std::move(*shared));
  };
  if (!with(account, ask)) asker.post([shared] { (*shared)(std::nullopt); });
  return {};
}

}  // namespace missive::xmpp

#include "ami/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "ami/action.h"
#include "ami/wire.h"
#include "base/log.h"

namespace missive::ami {
namespace {

PacketReader::Limits limits_of(const conf::MissiveConf::Ami& limits) {
  return {limits.max_line, limits.max_headers, limits.max_action};
}

PacketReader::Limits limits_before_login(const conf::MissiveConf::Ami& limits) {
  static constexpr std::size_t line = 8 * 1024;
  static constexpr std::size_t headers = 64;
  static constexpr std::size_t action = 32 * 1024;
  return {std::min(limits.max_line, line), std::min(limits.max_headers, headers),
          std::min(limits.max_action, action)};
}

}  // namespace

Session::Session(Environment& environment, SessionOwner& owner, std::string& out,
                 const net::Address& local, const net::Address& remote, Admission admission,
                 Road road)
    : environment_(environment),
      owner_(owner),
      out_(out),
      local_(local),
      remote_(remote),
      road_(road),
      admission_(std::move(admission)),
      started_(environment.shared.clock.wall()),
      id_(fmt::format("0x{:x}", environment.random.next() >> 16)),
      authenticate_by_(is_web(road) ? base::TimePoint::max()
                                    : environment.shared.clock.now() +
                                          environment.configuration->auth_timeout),
      reader_(limits_before_login(environment.shared.limits)),
      queue_(out),
      handle_(environment.sessions.add(*this)) {
  if (is_web(road)) {
    backlog_.emplace(std::min(max_backlog, environment.shared.limits.max_unsent));
    return;
  }
  const Meter meter(*this);
  append_printable(out_, environment.shared.limits.banner);
  out_ += "\r\n";
}

Session::~Session() {
  listen(Class::none);
  environment_.sessions.count_pending(-static_cast<long>(queue_.pending()));
  environment_.sessions.remove(handle_);
  if (user_ == nullptr) return;
  environment_.shared.logins.leave(user_->name);
  if (user_->display_connects.value_or(configuration_->display_connects)) {
    log::info("AMI user '{}' from {} has left", base::printable(user_->name), remote_.ip());
  }
}

std::size_t Session::on_data(std::string_view data) {
  const Meter meter(*this);
  std::size_t used = 0;
  const auto full = out_.size() + output_a_turn;
  while (!ending_ && !punishment_ && !throttled_ && out_.size() <= full) {
    const auto outcome = reader_.next(data.substr(used));
    if (outcome.kind == PacketReader::Kind::action) dispatch(reader_.action());
    if (outcome.kind == PacketReader::Kind::malformed) report_malformed();
    used += outcome.consumed;
    if (outcome.kind == PacketReader::Kind::need_more) break;
  }
  return ending_ || punishment_ ? data.size() : used;
}

void Session::dispatch(const ActionView& action) {
  if (waiting_) end_wait(nullptr);
  const auto name = action.name();
  if (name.empty()) {
    refuse(action, "Missing action in request");
    return security().request_bad_format(subject(account()), "NONE");
  }
  const auto* known = find_action(name);
  if (known != nullptr && !is_there(*known, environment_.shared)) known = nullptr;
  if (!authenticated() && (known == nullptr || !known->before_login)) {
    refuse(action, "Permission denied");
    return security().request_not_allowed(subject(action.header("Username")), name);
  }
  if (known == nullptr) {
    refuse(action, fmt::format("Invalid/unknown command: {}. Use Action: ListCommands to show "
                               "available commands.",
                               name));
    return security().request_bad_format(subject(account()), name);
  }
  if (authenticated() && !may_run(*known, *user_)) {
    refuse(action, "Permission denied");
    return security().request_not_allowed(subject(account()), name);
  }
  known->run(*this, action);
}

void Session::report_malformed() {
  if (waiting_) end_wait(nullptr);
  append_reply(output(), "Error", reader_.problem_action_id(),
               fmt::format("Failed to parse message: {}", reader_.problem()));
}

void Session::on_time(base::TimePoint now) {
  const Meter meter(*this);
  answer_due_waits(now);
  if (ending_) return;
  if (punishment_) {
    if (now < punishment_->at) return;
    append_reply(output(), "Error", punishment_->action_id, punishment_->message);
    ending_ = true;
  } else if (waiting_ && now >= waiting_->until) {
    end_wait(nullptr);
  } else if (!authenticated() && now >= authenticate_by_) {
    log::info("AMI client {} has not logged in in time", remote_.str());
    append_reply(output(), "Error", {}, "Not logged in in time");
    ending_ = true;
  }
}

base::TimePoint Session::deadline() const {
  if (ending_) return outcome_waits_.deadline();
  if (punishment_) return punishment_->at;
  if (!authenticated()) return authenticate_by_;
  return waiting_ ? std::min(waiting_->until, outcome_waits_.deadline())
                  : outcome_waits_.deadline();
}

void Session::stop_waiting() {
  const Meter meter(*this);
  if (waiting_) end_wait(nullptr);
}

void Session::end() {
  stop_waiting();
  ending_ = true;
}

// --- replies ---

void Session::acknowledge(const ActionView& action, std::string_view message) {
  append_reply(output(), "Success", action.id(), message);
}

void Session::refuse(const ActionView& action, std::string_view message) {
  append_reply(output(), "Error", action.id(), message);
}

ReplyQueue::Ticket Session::reserve(const ActionView& action, std::string_view message_id) {
  environment_.sessions.count_pending(1);
  const auto ticket = queue_.reserve(action.id(), message_id);
  throttled_ = queue_.pending() >= max_pending;
  return ticket;
}

// Nothing of the session may be used after it: its owner may end it.
void Session::after_completion(std::size_t pending_before) {
  environment_.sessions.count_pending(static_cast<long>(queue_.pending()) -
                                      static_cast<long>(pending_before));
  if (throttled_ && queue_.pending() <= max_pending / 2) throttled_ = false;
  if (!inside_) owner_.on_session_output();
}

// --- replies that come at the outcome ---

void Session::await_outcome(ReplyQueue::Ticket ticket, const Patience& patience) {
  outcome_waits_.add(ticket, patience, environment_.shared.clock.now());
}

void Session::accepted(ReplyQueue::Ticket ticket, const message::Acceptance& acceptance) {
  answer(ticket, outcome_waits_.accept(ticket, acceptance, environment_.shared.clock.now()));
}

void Session::heard(ReplyQueue::Ticket ticket, const message::Status& status) {
  answer(ticket, outcome_waits_.hear(ticket, status, environment_.shared.clock.now()));
}

void Session::answer(ReplyQueue::Ticket ticket, const std::optional<OutcomeWait>& wait) {
  if (wait) {
    complete(ticket, [&wait](std::string& out, const auto& pending) { wait->write(out, pending); });
  } else if (!inside_) {
    owner_.on_session_output();  // the deadline may be another one now
  }
}

void Session::answer_due_waits(base::TimePoint now) {
  for (const auto& due : outcome_waits_.take_due(now)) {
    complete(due.first,
             [&due](std::string& out, const auto& pending) { due.second.write(out, pending); });
  }
}

void Session::hurry() {
  const Meter meter(*this);
  outcome_waits_.hurry();
  answer_due_waits(environment_.shared.clock.now());
}

// --- login ---

SecurityEvents Session::security() const {
  return {environment_.shared.events, environment_.shared.clock};
}

Subject Session::subject(std::string_view account) const {
  return {account, id_, local_, remote_, started_, transport_of(road_)};
}

void Session::log_in(std::shared_ptr<const Configuration> configuration, const User& user) {
  configuration_ = std::move(configuration);
  user_ = &user;
  filters_ = user.filters;
  admission_.set_authenticated();
  challenge_.clear();
  reader_.set_limits(limits_of(environment_.shared.limits));
  listen(user.read & mask_);
  if (user.display_connects.value_or(configuration_->display_connects)) {
    log::info("AMI user '{}' has logged in from {}", base::printable(user.name), remote_.ip());
  }
}

void Session::fail_login(const ActionView& action, std::string_view message) {
  punishment_ = Punishment{std::string(action.id()), std::string(message),
                           environment_.shared.clock.now() + login_delay};
}

// --- events ---

void Session::set_mask(Class mask) {
  mask_ = mask;
  if (authenticated()) listen(user_->read & mask_);
}

void Session::listen(Class classes) {
  if (classes == listening_) return;
  environment_.sessions.listens(listening_, classes);
  listening_ = classes;
}

void Session::deliver(const EventPointer& event) {
  if (ending_ || !listens_to(event->classes)) return;
  if (!filters_.empty() && !filters_.pass(*event)) return;
  if (backlog_ && !waiting_) return keep(event);
  {
    const Meter meter(*this);
    if (waiting_) {
      end_wait(event.get());
    } else {
      output() += event->text;
    }
  }
  owner_.on_session_output();
}

void Session::keep(const EventPointer& event) {
  if (backlog_->add(event) || std::exchange(has_lost_events_, true)) return;
  log::warning("AMI web session of '{}' from {} does not fetch its events; the oldest are dropped",
               base::printable(account()), remote_.ip());
}

void Session::wait_for_event(const ActionView& action, std::optional<base::Duration> time) {
  has_waited_ = true;
  if (backlog_ && !any(mask_)) set_mask(Class::all);  // who asks for events wants some
  waiting_ = Waiting{std::string(action.id()), wait_until(time)};
  if (backlog_ && !backlog_->empty()) end_wait(nullptr);
}

// A web client is answered before it would give up, and its session be idle for too long.
base::TimePoint Session::wait_until(std::optional<base::Duration> time) const {
  constexpr base::Duration margin = std::chrono::seconds{10};
  if (backlog_) {
    const base::Duration limit = environment_.configuration->http_timeout;
    const auto longest = limit > 2 * margin ? limit - margin : limit / 2;
    time = std::min(time.value_or(longest), longest);
  }
  return time ? environment_.shared.clock.now() + *time : base::TimePoint::max();
}

void Session::end_wait(const Event* event) {
  auto& out = output();
  append_reply(out, "Success", waiting_->action_id, "Waiting for Event completed.");
  if (backlog_) backlog_->append_to(out);
  if (event != nullptr) out += event->text;
  append_header(out, "Event", "WaitEventComplete");
  if (!waiting_->action_id.empty()) append_header(out, "ActionID", waiting_->action_id);
  end_packet(out);
  waiting_.reset();
}

}  // namespace missive::ami

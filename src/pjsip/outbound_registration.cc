#include "pjsip/outbound_registration.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "pjsip/next_hop.h"
#include "pjsip/register_request.h"
#include "sip/uri.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;
using base::Duration;
using Kind = RequestAttempt::Failure::Kind;
using std::chrono::seconds;

constexpr auto never = base::TimePoint::max();
constexpr std::uint32_t last_cseq = 98'000;  // leaves room for the retries of one cycle

// When a binding of this length is refreshed.
Duration refresh_after(seconds granted) {
  if (granted < 10s) return Duration(granted) / 2;
  return granted - std::clamp(granted / 10, 5s, 30s);
}

// The registrar, or somebody on the way to it, cannot now.
bool is_temporary(int code) {
  switch (code) {
    case 408:
    case 430:
    case 480:
    case 500:
    case 502:
    case 503:
    case 504:
      return true;
    default:
      return false;
  }
}

std::string reason_of(const sip::Packet& response, const Registration& registration) {
  const int code = response.status();
  auto text = fmt::format("{} {}", code, base::printable(response.reason(), 80));
  if ((code == 401 || code == 407) && registration.outbound_auth.empty()) {
    text += "; the registration has no outbound_auth";
  }
  if (code < 400) {
    text += fmt::format("; redirects are not followed (to {})",
                        base::printable(response.value(sip::HeaderId::Contact), 120));
  }
  return text;
}

}  // namespace

OutboundRegistration::OutboundRegistration(const RequestAttempt::Means& means, Owner& owner,
                                           std::shared_ptr<const Configuration> configuration,
                                           std::string name)
    : means_(means),
      owner_(owner),
      name_(std::move(name)),
      who_(fmt::format("registration '{}'", name_)),
      attempt_(means, *this) {
  take(std::move(configuration));
}

void OutboundRegistration::take(std::shared_ptr<const Configuration> configuration) {
  const auto* options = configuration->registration(name_);
  if (registration_ == nullptr || registration_->expiration != options->expiration) {
    asked_ = options->expiration;
  }
  registration_ = options;
  configuration_ = std::move(configuration);
}

// --- what others ask for

void OutboundRegistration::start() {
  const std::chrono::milliseconds longest = registration_->max_random_initial_delay;
  failures_ = 0;
  plan(std::chrono::milliseconds(
      shard().random().below(static_cast<std::uint64_t>(longest.count()) + 1)));
  owner_.on_standing(*this, false);
}

void OutboundRegistration::register_now() {
  failures_ = 0;
  if (doing_ != Doing::taking_back) return begin(asked_);
  if (then_ == Then::rest) then_ = Then::begin_anew;
}

void OutboundRegistration::unregister() {
  if (doing_ == Doing::taking_back && then_ == Then::leave) return;
  take_back(Then::rest);
}

void OutboundRegistration::leave(std::optional<Duration> limit) {
  next_.reset();
  limit_ = limit;
  take_back(Then::leave);
}

void OutboundRegistration::use(std::shared_ptr<const Configuration> configuration) {
  if (doing_ == Doing::taking_back) {
    next_ = std::move(configuration);
    if (then_ == Then::leave) then_ = Then::begin_anew;
    return;
  }
  if (same_registration(*configuration->registration(name_), *registration_)) {
    take(std::move(configuration));
    if (given_up()) start();
  } else if (standing_.state == State::stopped) {
    take(std::move(configuration));
  } else {
    next_ = std::move(configuration);
    take_back(Then::begin_anew);
  }
}

void OutboundRegistration::on_connection_lost(const sip::Transport& transport,
                                              const net::Address& peer) {
  const bool ours = standing_.state == State::registered && doing_ == Doing::nothing &&
                    transport_ == &transport && peer_ == peer;
  if (!ours) return;
  transport_ = nullptr;
  recovering_ = true;
  standing_.reason = fmt::format("the connection to {} was lost", peer.str());
  log::info("{}: {}", who_, standing_.reason);
  plan(100ms + std::chrono::milliseconds(shard().random().below(1900)));
  tell(State::unregistered);
}

// --- asking

void OutboundRegistration::on_timer() { begin(asked_); }

void OutboundRegistration::begin(seconds expires) {
  asked_for_longer_ = false;
  doing_ = Doing::registering;
  send(expires);
}

void OutboundRegistration::send(seconds expires) {
  cancel();
  attempt_.stop();
  standing_.next = never;
  expires_ = expires;
  used_ = configuration_;
  const auto& text = registration_->outbound_proxy.empty() ? registration_->server_uri
                                                           : registration_->outbound_proxy;
  const auto uri = sip::parse_uri(text);
  if (!uri) return on_failure({Kind::unwritable, uri.error().text});
  NextHop hop;
  const auto taken = take_uri(*used_, *uri, used_->transport(registration_->transport), hop);
  if (!taken) return on_failure({Kind::unwritable, taken.error().text});
  if (identity_) identity_->cseq = attempt_.identity().cseq + 1;
  if (!identity_ || identity_->cseq > last_cseq) {
    identity_ = RequestIdentity::make(shard().random());
  }
  if (expires > 0s) may_be_bound_ = true;
  attempt_.start({.configuration = used_.get(),
                  .hop = &hop,
                  .outbound_auth = registration_->outbound_auth,
                  .who = who_,
                  .limit = doing_ == Doing::taking_back ? limit_ : std::nullopt,
                  .identity = identity_});
}

base::Result<void> OutboundRegistration::write(sip::Transport& transport, const net::Address& to,
                                               const RequestIdentity& identity,
                                               sip::OutgoingRequest& out) {
  const auto& registration = *used_->registration(name_);
  const auto& own = transport.sent_by(to);
  contact_ = contact_uri(registration, transport.protocol(), own);
  write_register({*used_, registration, expires_}, transport.protocol(), own, identity, out);
  return {};
}

void OutboundRegistration::take_back(Then then) {
  then_ = then;
  if (doing_ == Doing::taking_back && !limit_) return;
  cancel();
  attempt_.stop();
  standing_.next = never;
  doing_ = Doing::taking_back;
  if (!may_be_bound_) return on_taken_back();
  send(0s);
}

void OutboundRegistration::on_taken_back() {
  const bool was_bound = std::exchange(may_be_bound_, false);
  const auto then = std::exchange(then_, Then::rest);
  doing_ = Doing::nothing;
  transport_ = nullptr;
  recovering_ = false;
  failures_ = 0;
  limit_.reset();
  standing_.expires = {};
  standing_.reason = "taken back";
  if (next_) take(std::exchange(next_, nullptr));
  if (then == Then::begin_anew) {
    if (was_bound) tell(State::unregistered);
    return begin(asked_);
  }
  tell(State::stopped, was_bound || then == Then::rest);
  if (then == Then::leave) owner_.on_left(*this);  // the end of this
}

// --- what comes of it

void OutboundRegistration::on_final_response(const sip::Packet& response) {
  standing_.response_code = response.status();
  if (doing_ == Doing::taking_back) return on_taken_back();
  if (response.status() < 300) return on_registered(response);
  if (response.status() == 423 && ask_for_longer(response)) return;
  doing_ = Doing::nothing;
  on_refused(response);
}

void OutboundRegistration::on_registered(const sip::Packet& response) {
  doing_ = Doing::nothing;
  const auto granted = granted_expiration(response, contact_, expires_);
  if (granted == 0s) {
    may_be_bound_ = false;
    standing_.expires = {};
    standing_.reason = "the registrar granted no time";
    return try_soon();
  }
  const auto now = shard().now();
  if (standing_.state != State::registered) {
    log::info("{}: registered with {} for {} s", who_, registration_->server_uri, granted.count());
  }
  failures_ = 0;
  recovering_ = false;
  standing_.reason.clear();
  standing_.registered_at = shard().clock().wall();
  standing_.expires = now + granted;
  transport_ = attempt_.transport()->reliable() ? attempt_.transport() : nullptr;
  peer_ = attempt_.destination();
  attempt_.transport()->keep_open(peer_, standing_.expires);
  plan(refresh_after(granted));
  tell(State::registered);
}

// The same once more with what the registrar takes for the least.
bool OutboundRegistration::ask_for_longer(const sip::Packet& response) {
  const auto least = min_expires(response);
  if (!least || *least <= expires_ || asked_for_longer_) return false;
  asked_for_longer_ = true;
  asked_ = expires_ = *least;
  attempt_.again();
  return true;
}

void OutboundRegistration::on_refused(const sip::Packet& response) {
  const auto& options = *registration_;
  const int code = response.status();
  may_be_bound_ = standing_.expires > shard().now();
  standing_.reason = reason_of(response, options);
  const auto time = code >= 400 ? retry_after(response) : std::nullopt;
  if (time) {
    log::warning("{}: {}; tried again in {} s, as the registrar asks", who_, standing_.reason,
                 time->count());
    plan(*time);
    return tell(State::rejected);
  }
  if (is_temporary(code)) return try_soon();
  const bool credentials = code == 401 || code == 407;
  if (credentials && !options.auth_rejection_permanent) return try_soon();
  const bool forbidden = code == 403 && options.forbidden_retry_interval > 0s;
  try_later(forbidden ? options.forbidden_retry_interval : options.fatal_retry_interval);
}

void OutboundRegistration::on_failure(const RequestAttempt::Failure& failure) {
  standing_.response_code = 0;
  if (doing_ == Doing::taking_back) return on_taken_back();
  doing_ = Doing::nothing;
  // Without an answer nobody knows whether it got there.
  if (failure.kind != Kind::timeout) may_be_bound_ = standing_.expires > shard().now();
  if (failure.kind == Kind::unreachable && transport_ != nullptr) recovering_ = true;
  transport_ = nullptr;
  standing_.reason = failure.text;
  const bool hopeless = failure.kind == Kind::unwritable || failure.kind == Kind::too_large;
  hopeless ? try_later(registration_->fatal_retry_interval) : try_soon();
}

// --- and then

void OutboundRegistration::try_soon() {
  const auto interval = registration_->retry_interval;
  if (!recovering_ || interval == 0s) return try_later(interval);
  try_later(std::max(1s, std::chrono::round<seconds>(recovery_gap())));
}

void OutboundRegistration::try_later(seconds interval) {
  if (interval == 0s || failures_ >= registration_->max_retries) return give_up();
  ++failures_;
  log::warning("{}: {}; tried again in {} s", who_, standing_.reason, interval.count());
  plan(interval);
  tell(State::rejected);
}

void OutboundRegistration::give_up() {
  standing_.reason += failures_ == 0 ? std::string("; it is not tried again")
                                     : fmt::format("; given up after {} attempts", failures_ + 1);
  log::warning("{}: {}", who_, standing_.reason);
  tell(State::rejected);
}

// RFC 5626 section 4.5: between half and all of the base time doubled with each failure.
Duration OutboundRegistration::recovery_gap() {
  const Duration base = std::min<Duration>(30s, registration_->retry_interval);
  const Duration longest = std::min<Duration>(30min, base * (1LL << std::min(failures_ + 1, 16U)));
  const auto half = longest.count() / 2;
  return Duration(half + static_cast<Duration::rep>(
                             shard().random().below(static_cast<std::uint64_t>(half) + 1)));
}

bool OutboundRegistration::given_up() const {
  return standing_.state == State::rejected && doing_ == Doing::nothing && !armed();
}

void OutboundRegistration::plan(Duration after) {
  after = std::min<Duration>(after, 24h * 30);  // within the reach of timers
  standing_.next = shard().now() + after;
  shard().arm(*this, after);
}

void OutboundRegistration::tell(State state, bool told) {
  standing_.state = state;
  owner_.on_standing(*this, told);
}

}  // namespace missive::pjsip

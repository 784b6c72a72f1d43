#include "pjsip/request_attempt.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "sip/packet.h"

namespace missive::pjsip {
namespace {

using Kind = RequestAttempt::Failure::Kind;

// RFC 3261 section 18.1.1: above this UDP is not the first choice.
constexpr std::size_t large_request = 1300;

// The payload of UDP over IPv4 and over IPv6 (RFC 768, RFC 791, RFC 8200).
std::size_t largest_datagram(const net::Address& to) { return to.is_v6() ? 65'527 : 65'507; }

}  // namespace

RequestIdentity RequestIdentity::make(base::RandomSource& random) {
  RequestIdentity made;
  random.write_token(made.token.data(), made.token.size());
  made.cseq = 10'000 + static_cast<std::uint32_t>(random.below(50'000));
  return made;
}

RequestAttempt::RequestAttempt(const Means& means, User& user)
    : means_(means), user_(user), transaction_(*this) {}

RequestAttempt::~RequestAttempt() { stop(); }

void RequestAttempt::start(const Order& order) {
  stop();
  configuration_ = order.configuration;
  hop_ = *order.hop;
  outbound_auth_ = order.outbound_auth;
  who_ = order.who;
  deadline_ = shard().now() + order.limit.value_or(default_limit());
  identity_ = order.identity ? *order.identity : RequestIdentity::make(shard().random());
  places_.clear();
  place_ = 0;
  transport_ = nullptr;
  sent_ = turned_away_ = left_ = over_tcp_ = tcp_refused_ = false;
  auth_.reset();
  find_targets();
}

void RequestAttempt::stop() {
  cancel();
  asked_.reset();
  transaction_.stop();
}

void RequestAttempt::shrink() {
  request_ = {};
  places_ = {};
}

base::Duration RequestAttempt::time_left() const { return deadline_ - shard().now(); }

// --- where to

void RequestAttempt::find_targets() {
  if (hop_.address) {
    const auto protocol =
        hop_.flow ? hop_.registered_by->protocol : protocol_to(*configuration_, hop_);
    const sip::Target target{protocol, *hop_.address};
    return take({&target, 1});
  }
  asked_ = std::make_shared<RequestAttempt*>(this);
  shard().arm(*this, time_left());
  means_.locator.locate(
      question_of(*configuration_, hop_),
      [asked = std::weak_ptr(asked_)](const base::Result<sip::ServerLocator::Targets>& found) {
        const auto alive = asked.lock();
        if (!alive) return;
        auto& self = **alive;
        self.stop();
        if (found) return self.take(*found);
        const bool silent = net::Resolver::is_no_answer(found.error().text);
        self.fails(silent ? Kind::no_answer : Kind::not_found, found.error().text);
        self.tell_failure();
      });
}

void RequestAttempt::on_timer() {
  asked_.reset();
  fails(Kind::no_answer,
        fmt::format("host '{}' not found in time", base::printable(hop_.host, 120)));
  tell_failure();
}

// Of the targets those that something open here sends to.
void RequestAttempt::take(std::span<const sip::Target> targets) {
  for (const auto& target : targets) {
    const auto* chosen = transport_for(*configuration_, hop_, target);
    auto* transport = chosen != nullptr ? means_.transports.find(chosen->name) : nullptr;
    if (transport != nullptr) places_.push_back({target, transport});
  }
  if (places_.empty()) {
    const auto& first = targets.front();
    fails(Kind::no_transport,
          fmt::format("no {} transport that is open reaches {}; one that was added to {}.conf"
                      " opens at the next start",
                      sip::name_of(first.protocol), first.address.str(),
                      configuration_->technology()));
    return tell_failure();
  }
  go_on();
}

// --- one after the other

// Tries the place that is due and those behind it until a request is under way.
void RequestAttempt::go_on() {
  for (auto tried = Tried::next; place_ < places_.size();) {
    tried = try_place();
    if (tried == Tried::under_way) return;
    if (tried == Tried::over) break;
    ++place_;
    tcp_refused_ = false;
  }
  tell_failure();
}

RequestAttempt::Tried RequestAttempt::try_place() {
  const auto& place = places_[place_];
  transport_ = place.transport;
  to_ = place.target.address;
  left_ = over_tcp_ = false;
  if (place_ > 0 && auth_) auth_->meet_another();
  auto written = write();
  if (written && choose_tcp()) written = write();
  if (!written) return fails(Kind::unwritable, written.error().text, Tried::over);
  return send_off();
}

// The request, with what challenges have asked for so far.
base::Result<void> RequestAttempt::write() {
  auto written = user_.write(*transport_, to_, identity_, request_);
  if (!written || !auth_ || !auth_->has_answers()) return written;
  const auto credentials = auth_->repeat(request_, shard().random());
  if (!credentials) return tl::unexpected(credentials.error());
  request_.set_credentials(*credentials);
  return {};
}

// Whether what was written is too large for UDP and goes by TCP instead, which is set then.
bool RequestAttempt::choose_tcp() {
  if (request_.text().size() <= large_request || tcp_refused_) return false;
  const auto& target = places_[place_].target;
  const bool may = target.protocol == sip::Protocol::udp && !hop_.protocol_of_uri &&
                   !configuration_->system().disable_tcp_switch;
  if (!may) return false;
  const auto* chosen = transport_for(*configuration_, hop_, {sip::Protocol::tcp, to_});
  auto* tcp = chosen != nullptr ? means_.transports.find(chosen->name) : nullptr;
  if (tcp == nullptr) return false;
  transport_ = tcp;
  return over_tcp_ = true;
}

RequestAttempt::Tried RequestAttempt::send_off() {
  if (!transport_->reliable() && request_.text().size() > largest_datagram(to_)) {
    return fails(Kind::too_large,
                 fmt::format("packet of {} octets is too long for UDP", request_.text().size()));
  }
  const auto left = time_left();
  if (left <= base::Duration::zero()) {
    return fails(Kind::timeout, sent_ ? "no answer" : "it could not leave in time", Tried::over);
  }
  // Down a connection that the peer opened its name says nothing. Asked each time: the connection
  // may have gone since the challenge came.
  if (sip::is_secure(places_[place_].target.protocol) && !hop_.flow) {
    if (const auto may = transport_->admit(to_, hop_.host); !may) {
      return fails(Kind::unreachable, may.error().text);
    }
  }
  asked_at_ = shard().now();
  const auto share = left / static_cast<long>(places_.size() - place_);
  const auto started = transaction_.start(means_.transactions, request_, *transport_, to_, share);
  if (!started) return fails(Kind::busy, started.error().text, Tried::over);
  return Tried::under_way;
}

RequestAttempt::Tried RequestAttempt::fails(Failure::Kind kind, std::string text, Tried then) {
  if (place_ < places_.size()) {
    log::debug("request to {}: {}", to_.str(), base::printable(text));
  }
  failure_.kind = kind;
  failure_.text = std::move(text);
  return then;
}

void RequestAttempt::again() {
  ++identity_.cseq;
  if (const auto written = write(); !written) {
    fails(Kind::unwritable, written.error().text);
    return tell_failure();
  }
  if (send_off() != Tried::under_way) tell_failure();
}

// --- what comes of it

void RequestAttempt::tell_sent() {
  if (!std::exchange(sent_, true)) user_.on_request_sent();
}

void RequestAttempt::tell_failure() {
  const auto failure = std::exchange(failure_, {});
  user_.on_failure(failure);
}

void RequestAttempt::on_request_sent() {
  left_ = true;
  tell_sent();
}

void RequestAttempt::on_final_response(const sip::Packet& response) {
  tell_sent();  // an answer can only mean that it left
  const int code = response.status();
  if ((code == 401 || code == 407) && answer_challenge(response)) return;
  if (code == 503 && place_ + 1 < places_.size() && time_left() > base::Duration::zero()) {
    fails(Kind::unreachable, fmt::format("503 {}", response.reason()));
    turned_away_ = true;
    ++place_;
    tcp_refused_ = false;
    return go_on();
  }
  user_.on_final_response(response);
}

bool RequestAttempt::answer_challenge(const sip::Packet& response) {
  if (outbound_auth_.empty()) return false;
  if (!auth_) auth_.emplace(*configuration_, outbound_auth_, who_);
  const auto credentials = auth_->answer(response, request_, shard().random());
  if (!credentials) {
    log::info("{} to {}: {}", sip::method_name(request_.method()), request_.request_uri(),
              credentials.error().text);
    return false;
  }
  ++identity_.cseq;
  request_.retry_with(*credentials);
  if (send_off() != Tried::under_way) tell_failure();
  return true;
}

void RequestAttempt::on_timeout() {
  fails(Kind::timeout, left_ || sent_ ? "no answer" : "it could not leave in time");
  ++place_;
  tcp_refused_ = false;
  go_on();
}

void RequestAttempt::on_send_error(const base::Error& error) {
  fails(Kind::unreachable, error.text);
  if (over_tcp_ && !left_) {
    tcp_refused_ = true;  // by UDP then
  } else {
    ++place_;
    tcp_refused_ = false;
  }
  go_on();
}

}  // namespace missive::pjsip

#include "pjsip/fork.h"

#include <algorithm>
#include <utility>

namespace missive::pjsip {
namespace {

using message::Acceptance;
using message::Attempted;
using message::ContactResult;
using message::Refusal;

constexpr int flow_failed = 430;

bool same_device(const Contact& a, const Contact& b) {
  return !a.instance.empty() && a.instance == b.instance && a.aor == b.aor;
}

}  // namespace

Fork::Fork(net::Shard& shard, Endpoint::Fork how, Contacts contacts, Send send,
           message::HandedOver handed_over, message::Finished finished)
    : shard_(shard),
      sequential_(how == Endpoint::Fork::sequential),
      send_(std::move(send)),
      handed_over_(std::move(handed_over)),
      finished_(std::move(finished)) {
  for (auto& contact : contacts) {
    if (branches_.size() == max_contacts) break;
    const bool known = std::any_of(
        branches_.begin(), branches_.end(),
        [&contact](const Branch& branch) { return branch.contact->uri == contact->uri; });
    if (known) continue;
    branches_.emplace_back().contact = std::move(contact);
  }
}

void Fork::start(net::Shard& shard, Endpoint::Fork how, Contacts contacts, Send send,
                 message::HandedOver handed_over, message::Finished finished) {
  const std::shared_ptr<Fork> fork(new Fork(shard, how, std::move(contacts), std::move(send),
                                            std::move(handed_over), std::move(finished)));
  fork->go_on();
}

// Another contact of the same device has it, or may have.
bool Fork::is_device_taken(const Branch& branch) const {
  return std::any_of(branches_.begin(), branches_.end(), [&branch](const Branch& other) {
    if (&other == &branch || !other.started || !same_device(*other.contact, *branch.contact)) {
      return false;
    }
    return !other.outcome || (other.left && other.outcome->code != flow_failed);
  });
}

void Fork::go_on() {
  if (starting_) return;  // the loop below goes on
  starting_ = true;
  for (std::size_t i = 0; i < branches_.size() && !enough_; ++i) {
    if (sequential_ && under_way_ > 0) break;
    if (!branches_[i].started && !is_device_taken(branches_[i])) begin(i);
  }
  starting_ = false;
  if (under_way_ == 0) conclude();
}

void Fork::begin(std::size_t place) {
  auto& branch = branches_[place];
  branch.started = true;
  ++under_way_;
  const auto self = shared_from_this();
  send_(
      branch.contact,
      [self, place](const Acceptance& acceptance) { self->on_handed_over(place, acceptance); },
      [self, place](const Attempted& attempted) { self->on_finished(place, attempted); });
}

void Fork::on_handed_over(std::size_t place, const Acceptance& acceptance) {
  auto& branch = branches_[place];
  if (const auto& refusal = acceptance.refusal) {
    branch.refusal = *refusal;
    Outcome outcome;
    outcome.text = refusal->reason;
    outcome.contact = branch.contact->uri;
    outcome.passing = refusal->passing();
    return end(branch, std::move(outcome));
  }
  branch.left = true;
  if (!handed_over_) return;
  auto handed_over = std::move(handed_over_);
  handed_over(acceptance);
}

void Fork::on_finished(std::size_t place, const Attempted& attempted) {
  end(branches_[place], Outcome::of(attempted));
}

void Fork::end(Branch& branch, Outcome outcome) {
  const bool taken = message::is_success(outcome.state);
  if (sequential_ && (taken || (branch.left && ends_search(outcome.code)))) enough_ = true;
  branch.outcome = std::move(outcome);
  --under_way_;
  if (taken && !sequential_ && !timer_.armed()) shard_.arm(timer_, patience);
  go_on();
}

void Fork::conclude() {
  timer_.cancel();
  if (std::exchange(concluded_, true)) return;
  if (handed_over_) {  // it left for none of them
    const auto passing = std::find_if(branches_.begin(), branches_.end(), [](const Branch& branch) {
      return branch.refusal && branch.refusal->passing();
    });
    auto& told = passing != branches_.end() ? *passing : branches_.front();
    auto handed_over = std::move(handed_over_);
    return handed_over(std::move(told.refusal));
  }
  const Outcome* best = nullptr;
  std::chrono::seconds retry_after{0};
  std::vector<ContactResult> results;
  for (const auto& branch : branches_) {
    if (!branch.started) continue;
    if (!branch.outcome) {
      results.push_back({branch.contact->uri, 408, "no answer yet"});
      continue;
    }
    const auto& outcome = *branch.outcome;
    if (best == nullptr || outcome.rank() > best->rank()) best = &outcome;
    retry_after = std::max(retry_after, outcome.retry_after);
    results.push_back({outcome.contact, outcome.code, outcome.text});
  }
  auto attempted = best->attempted();
  if (attempted.passing) attempted.retry_after = retry_after;
  attempted.status.results = results;
  auto finished = std::move(finished_);
  if (finished) finished(attempted);
}

}  // namespace missive::pjsip

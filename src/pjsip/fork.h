// One message to several contacts of its recipient (message_fork), collected into one outcome.
//
// `all` sends to each at once, `sequential` to the best first and to the next after a failure of
// any kind but 6xx, until one takes it. Each contact gets the message at most once, and so does
// each device: of contacts with the same +sip.instance in one AOR a further one is tried only after
// one before it could not be reached (it did not leave, or 430 Flow Failed; RFC 5626 section 5.3).
//
// With `all`, once one has taken it the others have two more seconds to be told of: a phone that is
// gone without a word does not hold up the next message. What they say later is told to nobody.
//
// The sender is told once that it was handed over, when it left for the first contact, or a refusal
// when it left for none; then once, when all have ended, what came of it: the best outcome
// (Outcome::rank()) with the result of every contact. Only what nobody took is passing, so a
// message that is tried again later, as a whole, was not taken by any device before.
//
// Sends through what it is given and keeps itself alive while a contact is under way. On the
// shard's thread. Source: docs/routes.md; RFC 3261 sections 16.6, 16.7.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/unique_function.h"
#include "message/technology.h"
#include "net/shard.h"
#include "pjsip/endpoint.h"
#include "pjsip/location_service.h"
#include "pjsip/outcome.h"

namespace missive::pjsip {

class Fork : public std::enable_shared_from_this<Fork> {
 public:
  static constexpr std::size_t max_contacts = 32;
  using Contacts = std::vector<std::shared_ptr<const Contact>>;
  // To that contact alone; the two callbacks as of Technology::send().
  using Send = base::UniqueFunction<void(std::shared_ptr<const Contact>, message::HandedOver,
                                         message::Finished)>;

  static constexpr base::Duration patience = std::chrono::seconds{2};

  // `contacts`: the best one first, at least one. `shard` is the caller's.
  static void start(net::Shard& shard, Endpoint::Fork how, Contacts contacts, Send send,
                    message::HandedOver handed_over, message::Finished finished);

 private:
  struct Branch {
    std::shared_ptr<const Contact> contact;
    bool started = false;
    bool left = false;
    std::optional<Outcome> outcome;           // once it has ended
    std::optional<message::Refusal> refusal;  // it did not leave
  };

  Fork(net::Shard& shard, Endpoint::Fork how, Contacts contacts, Send send,
       message::HandedOver handed_over, message::Finished finished);
  void go_on();
  void begin(std::size_t place);
  bool is_device_taken(const Branch& branch) const;
  void on_handed_over(std::size_t place, const message::Acceptance& acceptance);
  void on_finished(std::size_t place, const message::Attempted& attempted);
  void end(Branch& branch, Outcome outcome);
  void conclude();

  net::Shard& shard_;
  const bool sequential_;
  Send send_;
  message::HandedOver handed_over_;
  message::Finished finished_;
  std::vector<Branch> branches_;
  std::size_t under_way_ = 0;
  bool starting_ = false;
  bool enough_ = false;  // no other contact is tried
  bool concluded_ = false;
  net::CallbackTimer timer_{[this] { conclude(); }};
};

}  // namespace missive::pjsip

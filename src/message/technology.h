// The one interface where AMI, dialplan and command line meet SIP (and later XMPP).
//
// A Technology belongs to one shard and is called on its thread only. check() says at once
// what can never be sent. send() makes one attempt: `handed_over` is called exactly once on
// the same thread, before or after send() returns: without a refusal when the message has left for
// the next hop (UDP: the kernel took the datagram; TCP: the connection stands and the message is in
// its stream), with one when it will not be sent. So "Success" is never said of a
// message that did not leave and is not kept. `finished` is called once after a hand-over that was
// not refused, with what became of the attempt.
//
// Source: Asterisk documentation, MESSAGE_SEND_STATUS (the kinds of refusal).
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/unique_function.h"
#include "message/message.h"
#include "message/status.h"

namespace missive::message {

struct Refusal {
  enum class Kind {
    no_technology,  // INVALID_PROTOCOL: nobody serves this prefix
    invalid_uri,    // INVALID_URI: the destination makes no sense to its technology
    failure,        // FAILURE: it could not be sent
    unreachable,    // FAILURE, but only for now: nobody is there, the network is away
    full,           // FAILURE: there is no room to keep it
  };
  Kind kind = Kind::failure;
  std::string reason;  // for a person: "endpoint 'nobody' not found"

  bool passing() const { return kind == Kind::unreachable; }
};

// What is said to whoever sent a message: it was refused, or it is taken.
struct Acceptance {
  std::optional<Refusal> refusal;
  bool waits = false;  // kept until its recipient can be reached; it has not left
  bool known = false;  // a message of this id had been accepted before: nothing was sent now

  Acceptance(std::nullopt_t = std::nullopt) {}
  Acceptance(Refusal why) : refusal(std::move(why)) {}
  Acceptance(std::optional<Refusal> why) : refusal(std::move(why)) {}
  // For those who only ask whether it was refused.
  operator const std::optional<Refusal>&() const { return refusal; }
};
using HandedOver = base::UniqueFunction<void(const Acceptance&)>;
using Finished = base::UniqueFunction<void(const Attempted&)>;

// What a technology says of a destination before anything is sent.
struct Terms {
  // Whom it is for, as a destination: what goes to one recipient waits in one queue. A view
  // until the next check().
  std::string_view recipient;
  bool may_wait = true;            // message_store
  std::chrono::seconds expiry{0};  // message_expiry; 0: as the outbox has it
};

// How an attempt is to be made.
struct Dispatch {
  bool delayed = false;  // it has waited: Date and Expires are said (RFC 3428 section 4)
  base::WallTime accepted{};
  base::WallTime expires{};
  base::WallTime now{};
  std::string_view contact;  // the URI of the contact to prefer; empty: as configured
};

class Technology {
 public:
  virtual ~Technology() = default;
  virtual std::string_view name() const = 0;
  // A refusal that is passing() still fills in `terms`.
  virtual std::optional<Refusal> check(const Message& message, Terms& terms) = 0;
  // Whether nothing can reach that recipient (one of Terms) now.
  virtual bool is_away(std::string_view recipient);
  // That contact has been removed: nobody waits for its answers any more. Attempts that are under
  // way to it end now, as passing failures (contact_gone).
  virtual void abandon(std::string_view contact);
  virtual void send(std::shared_ptr<const Message> message, const Dispatch& dispatch,
                    HandedOver handed_over, Finished finished) = 0;
};

}  // namespace missive::message

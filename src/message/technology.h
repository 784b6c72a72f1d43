// The one interface where AMI, dialplan and command line meet SIP (and later XMPP).
//
// A Technology belongs to one shard and is called on its thread only. send() checks the
// message and begins to send it. `handed_over` is called exactly once on the same
// thread, before or after send() returns: empty when the message has left for the next
// hop (UDP: the kernel took the datagram; TCP: the connection stands and the message is in
// its stream), with a Refusal when it will not be sent. So "Success" is never said of a
// message that did not leave. What became of it after that is told to MessageEvents.
//
// Source: Asterisk documentation, MESSAGE_SEND_STATUS (the kinds of refusal).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_function.h"
#include "message/message.h"

namespace missive::message {

struct Refusal {
  enum class Kind {
    no_technology,  // INVALID_PROTOCOL: nobody serves this prefix
    invalid_uri,    // INVALID_URI: the destination makes no sense to its technology
    failure,        // FAILURE: it could not be sent
  };
  Kind kind = Kind::failure;
  std::string reason;  // for a person: "endpoint 'nobody' not found"
};

using HandedOver = base::UniqueFunction<void(const std::optional<Refusal>&)>;

class Technology {
 public:
  virtual ~Technology() = default;
  virtual std::string_view name() const = 0;
  virtual void send(std::shared_ptr<const Message> message, HandedOver handed_over) = 0;
};

}  // namespace missive::message

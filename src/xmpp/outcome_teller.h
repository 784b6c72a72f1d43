// Tells XMPP senders what became of what they sent on to somebody: a receipt (XEP-0184) or a marker
// (XEP-0333) to who asked for one, an error where the message was not delivered.
//
// Hears of every message whose origin is an XMPP address (origin.h). A receipt from the far side
// or an error may come after the outbox has dropped the message: the last 10,000 that may still get
// one are remembered, until the process ends. Any thread. Source: RFC 7572.
#pragma once

#include <optional>

#include "base/recent.h"
#include "message/message_events.h"
#include "xmpp/client.h"
#include "xmpp/origin.h"

namespace missive::xmpp {

class OutcomeTeller final : public message::MessageListener {
 public:
  explicit OutcomeTeller(Client& client) : client_(client) {}

  bool wants_message_status() const override { return client_.has_accounts(); }
  void on_message_status(const message::Message& message, const message::Status& status) override;

 private:
  std::optional<Origin> origin_of(const message::Message& message, message::Status::State state);

  Client& client_;
  base::SharedRecent<Origin> remembered_{10'000};  // by the id of the message
};

}  // namespace missive::xmpp

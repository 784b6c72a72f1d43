// The `xmpp:` technology: messages out by the accounts of xmpp.conf.
//
// One per shard, on its thread. check() says at once what can never be sent; an account that is
// not connected is a passing refusal, so that the outbox keeps the message. send() gives the order
// to the account's thread and is answered from there. Outcomes: `sent` when the server has the
// message, `delivered` and `displayed` by receipts, which come late as a rule, `failed` by the
// recipient's or a server's error.
#pragma once

#include <memory>

#include "message/technology.h"
#include "net/shard.h"
#include "xmpp/client.h"

namespace missive::xmpp {

class XmppTechnology final : public message::Technology {
 public:
  XmppTechnology(net::Shard& shard, Client& client) : shard_(shard), client_(client) {}

  std::string_view name() const override { return "xmpp"; }
  std::optional<message::Refusal> check(const message::Message& message,
                                        message::Terms& terms) override;
  bool is_away(std::string_view recipient) override;
  void send(std::shared_ptr<const message::Message> message, const message::Dispatch& dispatch,
            message::HandedOver handed_over, message::Finished finished) override;

 private:
  net::Shard& shard_;
  Client& client_;
  std::string recipient_;  // of the message being checked
};

}  // namespace missive::xmpp

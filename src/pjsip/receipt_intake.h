// Takes the receipts that phones send for messages that asked for one (RFC 5438).
//
// One per shard, on its thread. A receipt is a MESSAGE of message/imdn+xml, or of message/cpim
// with one inside. It is told on with the name of the endpoint that sent it: whether that is
// whom the message went to is for the outbox to find out (message/imdn.h, is_receipt_of). One
// that says neither delivered, displayed nor failed is taken and changes nothing. What is no
// receipt, or one that cannot be read, is left to go its ordinary way; with `pass_receipts` all
// are.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "message/status.h"
#include "pjsip/receipt_hook.h"

namespace missive::pjsip {

class ReceiptIntake final : public ReceiptHook {
 public:
  // What a receipt says: the id of the message, what became of it, the endpoint that says so.
  using Tell = std::function<void(std::string id, message::Status::State, std::string endpoint)>;

  ReceiptIntake(Tell tell, bool pass_receipts)
      : tell_(std::move(tell)), pass_receipts_(pass_receipts) {}

  bool take(const EndpointRequest& request) override;

 private:
  const Tell tell_;
  const bool pass_receipts_;
};

}  // namespace missive::pjsip

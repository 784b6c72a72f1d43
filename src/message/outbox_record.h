// A message as the content of a row, and back.
//
// What has a column of its own (id, destination, action_id) is not in the content. A version
// comes first, so that a later server reads what an earlier one wrote.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "message/message.h"
#include "message/outbox.h"
#include "store/outbox_store.h"

namespace missive::message {

std::string content_of(const Message& message);
// Fails where the content is damaged; names the message.
base::Result<std::shared_ptr<const Message>> message_of(const store::OutboxRow& row);
// For what has no content any more: an id, a destination, an ActionID.
std::shared_ptr<const Message> shell_of(const store::OutboxRow& row);
// What is counted against max_bytes.
std::size_t size_of(const Message& message);

Record record_of(const store::OutboxRow& row);
Status status_of(const store::OutboxRow& row);

}  // namespace missive::message

// How applications of the dialplan hand their messages over: MessageSend, JabberSend.
//
// On the run's shard. The run waits until the message is refused or in safe hands, and sets
// MESSAGE_ID and MESSAGE_SEND_STATUS (SUCCESS, FAILURE, INVALID_PROTOCOL, INVALID_URI); where
// nobody is left to read them, and nothing is kept, it does not wait. A refusal is a line in the
// log. Source: Asterisk documentation, application MessageSend.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "dialplan/run.h"
#include "message/message.h"
#include "message/technology.h"

namespace missive::dialplan {

inline constexpr std::string_view status_variable = "MESSAGE_SEND_STATUS";
inline constexpr std::string_view code_variable = "MESSAGE_SEND_CODE";
inline constexpr std::string_view id_variable = "MESSAGE_ID";

// What MESSAGE_SEND_STATUS is: SUCCESS without a refusal.
std::string_view status_of(const std::optional<message::Refusal>& refusal);
// Logs why a message was refused; nothing without a refusal.
void report(const Run& run, std::string_view destination,
            const std::optional<message::Refusal>& refusal);
// That of a message before this one.
void forget_code(Run& run);

Outcome hand_over(Run& run, std::shared_ptr<const message::Message> message);

}  // namespace missive::dialplan

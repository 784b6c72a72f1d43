#include "message/status_log.h"

#include "base/log.h"
#include "base/text.h"

namespace missive::message {

void log_status(const Message& message, const Status& status) {
  const bool ordinary = is_success(status.state) || status.state == Status::State::sending;
  const auto level = ordinary ? spdlog::level::debug : spdlog::level::info;
  if (!spdlog::should_log(level)) return;
  spdlog::log(
      level, "message id={} status={} destination={} attempt={} code={} contact={} reason=\"{}\"",
      message.id(), name_of(status.state), base::printable(message.destination()), status.attempt,
      status.response_code, base::printable(status.contact), base::printable(status.response_text));
}

}  // namespace missive::message

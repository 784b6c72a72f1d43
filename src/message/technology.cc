#include "message/technology.h"

namespace missive::message {

// As check() says of a message to it that has nothing else.
bool Technology::is_away(std::string_view recipient) {
  Terms terms;
  const auto refusal = check(*Message::create({.destination = recipient}), terms);
  return refusal && refusal->passing();
}

void Technology::abandon(std::string_view) {}

}  // namespace missive::message

#include "sip/method.h"

#include <array>

namespace missive::sip {

namespace {

constexpr std::array<std::string_view, 15> names{
    "INVITE", "ACK",     "BYE",  "CANCEL", "OPTIONS", "REGISTER", "MESSAGE", "SUBSCRIBE",
    "NOTIFY", "PUBLISH", "INFO", "PRACK",  "UPDATE",  "REFER",    ""};

Method candidate(std::string_view name) {
  switch (name.empty() ? '\0' : name.front()) {
    case 'A':
      return Method::ACK;
    case 'B':
      return Method::BYE;
    case 'C':
      return Method::CANCEL;
    case 'I':
      return name.size() == 4 ? Method::INFO : Method::INVITE;
    case 'M':
      return Method::MESSAGE;
    case 'N':
      return Method::NOTIFY;
    case 'O':
      return Method::OPTIONS;
    case 'P':
      return name.size() == 5 ? Method::PRACK : Method::PUBLISH;
    case 'R':
      return name.size() == 5 ? Method::REFER : Method::REGISTER;
    case 'S':
      return Method::SUBSCRIBE;
    case 'U':
      return Method::UPDATE;
    default:
      return Method::unknown;
  }
}

}  // namespace

std::string_view method_name(Method method) { return names[static_cast<std::size_t>(method)]; }

Method parse_method(std::string_view name) {
  const auto method = candidate(name);
  return method_name(method) == name ? method : Method::unknown;
}

}  // namespace missive::sip

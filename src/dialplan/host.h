// What functions of the dialplan ask of the server around it.
//
// The dialplan knows neither pjsip.conf nor AMI; the application implements this. Any
// thread. Nothing where there is no such object or field. Source: Asterisk documentation,
// functions PJSIP_ENDPOINT, PJSIP_AOR, PJSIP_CONTACT, PJSIP_DIAL_CONTACTS, AMI_CLIENT.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace missive::dialplan {

class Host {
 public:
  virtual ~Host() = default;
  // The value of an option of the object, as pjsip.conf has it or by default.
  virtual std::optional<std::string> endpoint(std::string_view name, std::string_view option) = 0;
  virtual std::optional<std::string> aor(std::string_view name, std::string_view option) = 0;
  // A contact by its id, as aor(name, "contact") lists them.
  virtual std::optional<std::string> contact(std::string_view id, std::string_view field) = 0;
  // "PJSIP/alice/sip:alice@192.0.2.1&..." of all contacts; `aor` and `user` may be empty.
  virtual std::optional<std::string> dial_contacts(std::string_view endpoint, std::string_view aor,
                                                   std::string_view user) = 0;
  // How many AMI sessions a user has.
  virtual std::size_t manager_sessions(std::string_view user) = 0;
};

}  // namespace missive::dialplan

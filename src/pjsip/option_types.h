// Kinds of options that several objects of pjsip.conf have, for their binders.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/text.h"
#include "conf/binder.h"
#include "pjsip/identify.h"
#include "sip/uri.h"

namespace missive::pjsip {

// A whole sip: or sips: URI.
inline base::Result<void> check_sip_uri(std::string_view text) {
  const auto uri = sip::parse_uri(text);
  if (uri && uri->sip()) return {};
  return base::fail("'{}' is no SIP URI like sip:alice@192.0.2.1:5060{}{}",
                    base::printable(text, 80), uri ? "" : ": ", uri ? "" : uri.error().text);
}

// Empty, or a SIP URI.
template <class T>
auto sip_uri(std::string T::*member) {
  return [member](T& target, const conf::Option& option) -> base::Result<void> {
    if (!option.value.empty()) {
      if (const auto good = check_sip_uri(option.value); !good) return good;
    }
    target.*member = option.value;
    return {};
  };
}

// The six options that say which addresses may do something.
template <class T>
void add_access_options(conf::Binder<T>& binder, AccessRules T::*member) {
  const auto rule = [member](net::Acl AccessRules::*list, bool permit) {
    return [member, list, permit](T& target, const conf::Option& option) {
      return (target.*member.*list).add(permit, option.value);
    };
  };
  const auto names = [member](std::vector<std::string> AccessRules::*list) {
    return [member, list](T& target, const conf::Option& option) -> base::Result<void> {
      target.*member.*list = conf::read_list(option.value);
      return {};
    };
  };
  binder.custom("permit", rule(&AccessRules::addresses, true))
      .custom("deny", rule(&AccessRules::addresses, false))
      .custom("contact_permit", rule(&AccessRules::contacts, true))
      .custom("contact_deny", rule(&AccessRules::contacts, false))
      .custom("acl", names(&AccessRules::acl))
      .custom("contact_acl", names(&AccessRules::contact_acl));
}

}  // namespace missive::pjsip

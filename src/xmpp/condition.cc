#include "xmpp/condition.h"

#include <algorithm>
#include <array>

namespace missive::xmpp {
namespace {

struct ToSip {
  std::string_view condition;
  int status;
};

constexpr std::array to_sip{
    ToSip{"bad-request", 400},
    ToSip{"conflict", 400},
    ToSip{"feature-not-implemented", 501},
    ToSip{"forbidden", 403},
    ToSip{"gone", 410},
    ToSip{"internal-server-error", 500},
    ToSip{"item-not-found", 404},
    ToSip{"jid-malformed", 400},
    ToSip{"not-acceptable", 406},
    ToSip{"not-allowed", 403},
    ToSip{"not-authorized", 401},
    ToSip{"payment-required", 402},
    ToSip{"policy-violation", 403},
    ToSip{"recipient-unavailable", 480},
    ToSip{"redirect", 302},
    ToSip{"registration-required", 407},
    ToSip{"remote-server-not-found", 404},
    ToSip{"remote-server-timeout", 408},
    ToSip{"resource-constraint", 500},
    ToSip{"service-unavailable", 480},
    ToSip{"subscription-required", 400},
    ToSip{"undefined-condition", 400},
    ToSip{"unexpected-request", 491},
};

struct FromSip {
  int status;
  Condition condition;
};

constexpr std::array from_sip{
    FromSip{300, {"redirect", "modify"}},
    FromSip{301, {"gone", "cancel"}},
    FromSip{302, {"redirect", "modify"}},
    FromSip{305, {"redirect", "modify"}},
    FromSip{380, {"not-acceptable", "modify"}},
    FromSip{401, {"not-authorized", "auth"}},
    FromSip{402, {"bad-request", "modify"}},
    FromSip{403, {"forbidden", "auth"}},
    FromSip{404, {"item-not-found", "cancel"}},
    FromSip{405, {"feature-not-implemented", "cancel"}},
    FromSip{406, {"not-acceptable", "modify"}},
    FromSip{407, {"registration-required", "auth"}},
    FromSip{408, {"remote-server-timeout", "wait"}},
    FromSip{410, {"gone", "cancel"}},
    FromSip{413, {"policy-violation", "modify"}},
    FromSip{414, {"policy-violation", "modify"}},
    FromSip{415, {"not-acceptable", "modify"}},
    FromSip{416, {"not-acceptable", "modify"}},
    FromSip{420, {"feature-not-implemented", "cancel"}},
    FromSip{480, {"recipient-unavailable", "wait"}},
    FromSip{481, {"item-not-found", "cancel"}},
    FromSip{482, {"not-acceptable", "modify"}},
    FromSip{483, {"not-acceptable", "modify"}},
    FromSip{484, {"item-not-found", "cancel"}},
    FromSip{485, {"item-not-found", "cancel"}},
    FromSip{486, {"service-unavailable", "cancel"}},
    FromSip{488, {"not-acceptable", "modify"}},
    FromSip{491, {"unexpected-request", "wait"}},
    FromSip{500, {"internal-server-error", "cancel"}},
    FromSip{501, {"feature-not-implemented", "cancel"}},
    FromSip{502, {"remote-server-not-found", "cancel"}},
    FromSip{503, {"internal-server-error", "wait"}},
    FromSip{504, {"remote-server-timeout", "wait"}},
    FromSip{505, {"not-acceptable", "modify"}},
    FromSip{513, {"policy-violation", "modify"}},
    FromSip{600, {"service-unavailable", "cancel"}},
    FromSip{603, {"service-unavailable", "cancel"}},
    FromSip{604, {"item-not-found", "cancel"}},
    FromSip{606, {"not-acceptable", "modify"}},
};

}  // namespace

int sip_status_of(std::string_view condition) {
  const auto* found = std::find_if(to_sip.begin(), to_sip.end(), [condition](const ToSip& row) {
    return row.condition == condition;
  });
  return found == to_sip.end() ? 400 : found->status;
}

Condition condition_of(int sip_status) {
  const auto* found =
      std::find_if(from_sip.begin(), from_sip.end(),
                   [sip_status](const FromSip& row) { return row.status == sip_status; });
  if (found != from_sip.end()) return found->condition;
  if (sip_status >= 600) return {"service-unavailable", "cancel"};
  if (sip_status >= 500) return {"internal-server-error", "cancel"};
  if (sip_status >= 400) return {"bad-request", "modify"};
  return {"undefined-condition", "cancel"};
}

}  // namespace missive::xmpp

#include "xmpp/queries.h"

#include <array>

namespace missive::xmpp {
namespace {

constexpr std::array<const char*, 4> features{ns::disco_info, ns::ping, ns::receipts, ns::version};

Stanza what_we_are(xmpp_ctx_t* context) {
  auto query = element(context, "query", ns::disco_info);
  const auto identity = element(context, "identity");
  xmpp_stanza_set_attribute(identity.get(), "category", "gateway");
  xmpp_stanza_set_attribute(identity.get(), "type", "sip");
  xmpp_stanza_set_attribute(identity.get(), "name", "Missive");
  add(query, identity);
  for (const auto* name : features) {
    const auto feature = element(context, "feature");
    xmpp_stanza_set_attribute(feature.get(), "var", name);
    add(query, feature);
  }
  return query;
}

Stanza our_version(xmpp_ctx_t* context) {
  auto query = element(context, "query", ns::version);
  const std::string name = "Missive", version = MISSIVE_VERSION;
  add(query, element(context, "name", nullptr, &name));
  add(query, element(context, "version", nullptr, &version));
  return query;
}

Stanza unknown(xmpp_ctx_t* context) {
  auto error = element(context, "error");
  xmpp_stanza_set_type(error.get(), "cancel");
  add(error, element(context, "service-unavailable", ns::stanza_errors));
  return error;
}

// xmpp_stanza_reply() makes none for a query without a sender, which is the server's own.
Stanza answer_to(xmpp_stanza_t* iq) {
  auto answer = element(xmpp_stanza_get_context(iq), "iq");
  const auto set_if = [&answer](const char* name, const std::string& value) {
    if (!value.empty()) xmpp_stanza_set_attribute(answer.get(), name, value.c_str());
  };
  set_if("id", attribute(iq, "id"));
  set_if("to", attribute(iq, "from"));
  set_if("from", attribute(iq, "to"));
  xmpp_stanza_set_type(answer.get(), "result");
  return answer;
}

}  // namespace

Stanza answer_query(xmpp_stanza_t* iq) {
  const auto type = view(xmpp_stanza_get_type(iq));
  if (type != "get" && type != "set") return nullptr;
  auto* context = xmpp_stanza_get_context(iq);
  auto answer = answer_to(iq);
  if (type == "get" && child(iq, "ping", ns::ping) != nullptr) return answer;
  if (type == "get" && child(iq, "query", ns::disco_info) != nullptr) {
    add(answer, what_we_are(context));
  } else if (type == "get" && child(iq, "query", ns::version) != nullptr) {
    add(answer, our_version(context));
  } else {
    xmpp_stanza_set_type(answer.get(), "error");
    add(answer, unknown(context));
  }
  return answer;
}

}  // namespace missive::xmpp

// libstrophe's objects with owners, for the files of this folder.
//
// A Stanza is a counted reference, as libstrophe has it; what belongs to one context is used on one
// thread. Texts that libstrophe allocates are copied and freed at once. Source: libstrophe 0.12.
#pragma once

#include <strophe.h>

#include <memory>
#include <string>
#include <string_view>

namespace missive::xmpp {

// Namespaces, by the name of what they are for.
namespace ns {
inline constexpr const char* client = "jabber:client";
inline constexpr const char* roster = "jabber:iq:roster";
inline constexpr const char* version = "jabber:iq:version";
inline constexpr const char* delay = "urn:xmpp:delay";
inline constexpr const char* data_forms = "jabber:x:data";
inline constexpr const char* disco_info = "http://jabber.org/protocol/disco#info";
inline constexpr const char* carbons = "urn:xmpp:carbons:2";
inline constexpr const char* markers = "urn:xmpp:chat-markers:0";
inline constexpr const char* muc = "http://jabber.org/protocol/muc";
inline constexpr const char* muc_owner = "http://jabber.org/protocol/muc#owner";
inline constexpr const char* muc_user = "http://jabber.org/protocol/muc#user";
inline constexpr const char* ping = "urn:xmpp:ping";
inline constexpr const char* receipts = "urn:xmpp:receipts";
inline constexpr const char* stanza_errors = "urn:ietf:params:xml:ns:xmpp-stanzas";
inline constexpr const char* stanza_id = "urn:xmpp:sid:0";
}  // namespace ns

struct ReleaseStanza {
  void operator()(xmpp_stanza_t* stanza) const { xmpp_stanza_release(stanza); }
};
using Stanza = std::unique_ptr<xmpp_stanza_t, ReleaseStanza>;

struct FreeContext {
  void operator()(xmpp_ctx_t* context) const { xmpp_ctx_free(context); }
};
using Context = std::unique_ptr<xmpp_ctx_t, FreeContext>;

struct ReleaseConnection {
  void operator()(xmpp_conn_t* connection) const { xmpp_conn_release(connection); }
};
using StropheConnection = std::unique_ptr<xmpp_conn_t, ReleaseConnection>;

inline std::string_view view(const char* text) { return text != nullptr ? text : ""; }

// An element; `name_space` and `text` may be nullptr. `text` must be characters that XML has.
inline Stanza element(xmpp_ctx_t* context, const char* name, const char* name_space = nullptr,
                      const std::string* text = nullptr) {
  Stanza made(xmpp_stanza_new(context));
  xmpp_stanza_set_name(made.get(), name);
  if (name_space != nullptr) xmpp_stanza_set_ns(made.get(), name_space);
  if (text != nullptr) {
    const Stanza content(xmpp_stanza_new(context));
    xmpp_stanza_set_text_with_size(content.get(), text->data(), text->size());
    xmpp_stanza_add_child(made.get(), content.get());
  }
  return made;
}

inline void add(const Stanza& parent, const Stanza& child) {
  xmpp_stanza_add_child(parent.get(), child.get());
}

inline std::string text_of(xmpp_stanza_t* stanza) {
  char* text = stanza != nullptr ? xmpp_stanza_get_text(stanza) : nullptr;
  if (text == nullptr) return {};
  std::string out(text);
  xmpp_free(xmpp_stanza_get_context(stanza), text);
  return out;
}

inline std::string attribute(xmpp_stanza_t* stanza, const char* name) {
  return std::string(view(xmpp_stanza_get_attribute(stanza, name)));
}

inline xmpp_stanza_t* child(xmpp_stanza_t* stanza, const char* name, const char* name_space) {
  return xmpp_stanza_get_child_by_name_and_ns(stanza, name, name_space);
}

// The whole element as XML.
inline std::string xml_of(xmpp_stanza_t* stanza) {
  char* text = nullptr;
  std::size_t length = 0;
  if (xmpp_stanza_to_text(stanza, &text, &length) != XMPP_EOK) return {};
  std::string out(text, length);
  xmpp_free(xmpp_stanza_get_context(stanza), text);
  return out;
}

}  // namespace missive::xmpp

#include "xmpp/message_stanza.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "xmpp/characters.h"

namespace missive::xmpp {
namespace {

constexpr std::array<std::string_view, 5> type_names{"normal", "chat", "groupchat", "headline",
                                                     "error"};

constexpr std::size_t longest_id = 1023;
constexpr std::size_t longest_error = 1000;

void set_if(const Stanza& stanza, const char* name, const std::string& value) {
  if (!value.empty()) xmpp_stanza_set_attribute(stanza.get(), name, value.c_str());
}

Stanza new_message(xmpp_ctx_t* context, std::string_view type, const std::string& from,
                   const std::string& to, const std::string& id) {
  auto message = element(context, "message");
  xmpp_stanza_set_type(message.get(), std::string(type).c_str());
  set_if(message, "to", to);
  set_if(message, "from", from);
  set_if(message, "id", id);
  return message;
}

void add_text(const Stanza& parent, xmpp_ctx_t* context, const char* name,
              const std::string& text) {
  if (!text.empty()) add(parent, element(context, name, nullptr, &text));
}

// xml:lang, as libstrophe's parser calls it.
constexpr const char* language = "lang";

// The one in the message's own language, else the first.
xmpp_stanza_t* text_child(xmpp_stanza_t* stanza, const char* name) {
  xmpp_stanza_t* first = nullptr;
  for (auto* one = xmpp_stanza_get_children(stanza); one != nullptr;
       one = xmpp_stanza_get_next(one)) {
    if (view(xmpp_stanza_get_name(one)) != name) continue;
    if (xmpp_stanza_get_attribute(one, language) == nullptr) return one;
    if (first == nullptr) first = one;
  }
  return first;
}

void read_error(xmpp_stanza_t* stanza, MessageStanza& out) {
  auto* error = xmpp_stanza_get_child_by_name(stanza, "error");
  if (error == nullptr) return;
  out.error_type = attribute(error, "type");
  for (auto* one = xmpp_stanza_get_children(error); one != nullptr;
       one = xmpp_stanza_get_next(one)) {
    if (view(xmpp_stanza_get_ns(one)) != ns::stanza_errors) continue;
    if (view(xmpp_stanza_get_name(one)) == "text") {
      out.error_text = text_of(one);
    } else if (out.condition.empty()) {
      out.condition = view(xmpp_stanza_get_name(one));
    }
  }
}

// An id may be of any length, and is remembered: one that is longer counts as none.
std::string short_attribute(xmpp_stanza_t* stanza, const char* name) {
  auto value = attribute(stanza, name);
  return value.size() <= longest_id ? value : std::string();
}

// Sent a while ago, as somebody else than our own server says: that one does, too, of what it sends
// again in a stream that is resumed.
bool is_history(xmpp_stanza_t* stanza, std::string_view own) {
  const auto domain = own.substr(own.find('@') + 1);
  for (auto* one = xmpp_stanza_get_children(stanza); one != nullptr;
       one = xmpp_stanza_get_next(one)) {
    if (view(xmpp_stanza_get_name(one)) != "delay" || view(xmpp_stanza_get_ns(one)) != ns::delay) {
      continue;
    }
    const auto by = view(xmpp_stanza_get_attribute(one, "from"));
    if (by != own && by != domain) return true;
  }
  return false;
}

std::string id_of(xmpp_stanza_t* stanza, const char* name, const char* name_space) {
  auto* found = child(stanza, name, name_space);
  return found != nullptr ? short_attribute(found, "id") : std::string();
}

std::string stanza_id_of(xmpp_stanza_t* stanza, std::string_view own) {
  for (auto* one = xmpp_stanza_get_children(stanza); one != nullptr;
       one = xmpp_stanza_get_next(one)) {
    if (view(xmpp_stanza_get_name(one)) == "stanza-id" &&
        view(xmpp_stanza_get_ns(one)) == ns::stanza_id &&
        view(xmpp_stanza_get_attribute(one, "by")) == own) {
      return short_attribute(one, "id");
    }
  }
  return {};
}

}  // namespace

std::string_view name_of(MessageType type) { return type_names.at(static_cast<std::size_t>(type)); }

std::optional<MessageType> message_type_named(std::string_view name) {
  for (std::size_t i = 0; i < type_names.size(); ++i) {
    if (base::iequals(type_names[i], name)) return static_cast<MessageType>(i);
  }
  return std::nullopt;
}

Stanza message_stanza(xmpp_ctx_t* context, const OutgoingText& text) {
  auto message = new_message(context, name_of(text.type), text.from, text.to, text.id);
  set_if(message, "xml:lang", text.language);
  add_text(message, context, "subject", text.subject);
  add_text(message, context, "thread", text.thread);
  add(message, element(context, "body", nullptr, &text.body));
  if (text.wants_receipt) {
    add(message, element(context, "request", ns::receipts));
    add(message, element(context, "markable", ns::markers));
  }
  const auto origin = element(context, "origin-id", ns::stanza_id);
  set_if(origin, "id", text.id);
  add(message, origin);
  if (!text.stamp.empty()) {
    const auto delay = element(context, "delay", ns::delay);
    set_if(delay, "stamp", text.stamp);
    add(message, delay);
  }
  return message;
}

Stanza receipt_stanza(xmpp_ctx_t* context, const std::string& from, const std::string& to,
                      const std::string& id, bool displayed) {
  auto message = new_message(context, "chat", from, to, {});
  const auto receipt = displayed ? element(context, "displayed", ns::markers)
                                 : element(context, "received", ns::receipts);
  set_if(receipt, "id", id);
  add(message, receipt);
  return message;
}

Stanza error_stanza(xmpp_ctx_t* context, const std::string& from, const std::string& to,
                    const std::string& id, const ErrorText& error) {
  auto message = new_message(context, "error", from, to, id);
  const auto inner = element(context, "error");
  set_if(inner, "type", std::string(error.type));
  add(inner, element(context, std::string(error.condition).c_str(), ns::stanza_errors));
  // It may be what a phone said, in whatever octets.
  const auto text = carried(error.text, longest_error);
  if (!text.empty()) add(inner, element(context, "text", ns::stanza_errors, &text));
  add(message, inner);
  return message;
}

MessageStanza read_message(xmpp_stanza_t* stanza, std::string_view own) {
  MessageStanza out;
  out.from = attribute(stanza, "from");
  out.to = attribute(stanza, "to");
  out.id = short_attribute(stanza, "id");
  out.language = attribute(stanza, language);
  // One that is unknown counts as normal (RFC 6121 section 5.2.2).
  out.type = message_type_named(view(xmpp_stanza_get_type(stanza))).value_or(MessageType::normal);
  if (auto* body = text_child(stanza, "body")) {
    out.body = text_of(body);
    if (auto its_own = attribute(body, language); !its_own.empty()) {
      out.language = std::move(its_own);
    }
  }
  out.subject = text_of(text_child(stanza, "subject"));
  out.thread = text_of(xmpp_stanza_get_child_by_name(stanza, "thread"));
  out.stanza_id = stanza_id_of(stanza, own);
  out.wants_receipt = child(stanza, "request", ns::receipts) != nullptr;
  out.markable = child(stanza, "markable", ns::markers) != nullptr;
  out.is_carbon = child(stanza, "received", ns::carbons) != nullptr ||
                  child(stanza, "sent", ns::carbons) != nullptr;
  out.is_history = is_history(stanza, own);
  out.received = id_of(stanza, "received", ns::receipts);
  out.displayed = id_of(stanza, "displayed", ns::markers);
  if (out.type == MessageType::error) read_error(stanza, out);
  return out;
}

}  // namespace missive::xmpp

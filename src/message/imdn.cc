#include "message/imdn.h"

#include <algorithm>
#include <array>
#include <pugixml.hpp>

#include "base/text.h"

namespace missive::message {
namespace {

using Notification = Imdn::Notification;
using Disposition = Imdn::Disposition;

constexpr std::size_t max_octets = 16 << 10;
constexpr int max_depth = 16;
constexpr std::size_t max_id = 256;
constexpr std::string_view xml_namespace = "urn:ietf:params:xml:ns:imdn";

constexpr std::array<std::string_view, 3> notification_names{
    "delivery-notification", "processing-notification", "display-notification"};
constexpr std::array<std::string_view, 7> disposition_names{
    "delivered", "failed", "displayed", "processed", "stored", "forbidden", "error"};

// RFC 5438 section 11.1: what each notification may say; all may say forbidden and error.
bool may_say(Notification notification, Disposition disposition) {
  switch (disposition) {
    case Disposition::delivered:
    case Disposition::failed:
      return notification == Notification::delivery;
    case Disposition::processed:
    case Disposition::stored:
      return notification == Notification::processing;
    case Disposition::displayed:
      return notification == Notification::display;
    default:
      return true;
  }
}

// pugixml skips a DOCTYPE; whoever sends one is up to no good.
bool has_doctype(std::string_view document) {
  for (auto at = document.find("<!"); at != std::string_view::npos; at = document.find("<!", at)) {
    at += 2;
    const auto rest = document.substr(at);
    if (!rest.starts_with("--") && !rest.starts_with("[CDATA[")) return true;
  }
  return false;
}

struct DepthCheck final : pugi::xml_tree_walker {
  bool for_each(pugi::xml_node&) override { return depth() < max_depth; }
};

// The elements of one namespace below a node, by their names without prefix.
class Elements {
 public:
  explicit Elements(pugi::xml_node root) {
    const std::string_view name = root.name();
    if (const auto colon = name.find(':'); colon != std::string_view::npos) {
      prefix_ = name.substr(0, colon + 1);
    }
  }

  // Empty for an element of another namespace.
  std::string_view name(pugi::xml_node node) const {
    const std::string_view full = node.name();
    if (node.type() != pugi::node_element || !full.starts_with(prefix_)) return {};
    const auto local = full.substr(prefix_.size());
    return local.find(':') == std::string_view::npos ? local : std::string_view{};
  }
  pugi::xml_node find(pugi::xml_node parent, std::string_view wanted) const {
    return parent.find_child([&](pugi::xml_node node) { return name(node) == wanted; });
  }
  std::string text(pugi::xml_node parent, std::string_view wanted) const {
    return std::string(base::trim(find(parent, wanted).text().get()));
  }
  // The first element whose name is in the list, as its place there.
  template <std::size_t size>
  std::optional<std::size_t> find_one(pugi::xml_node parent,
                                      const std::array<std::string_view, size>& names,
                                      pugi::xml_node& found) const {
    for (const auto node : parent.children()) {
      const auto place = std::find(names.begin(), names.end(), name(node));
      if (place == names.end()) continue;
      found = node;
      return static_cast<std::size_t>(place - names.begin());
    }
    return std::nullopt;
  }
  // Documents without any declaration are common, and those of RFC drafts.
  bool are_ours(pugi::xml_node root) const {
    auto attribute = std::string("xmlns");
    if (!prefix_.empty()) attribute.append(":").append(prefix_.substr(0, prefix_.size() - 1));
    const auto declared = root.attribute(attribute.c_str());
    return name(root) == "imdn" && (!declared || declared.value() == xml_namespace);
  }

 private:
  std::string prefix_;  // with its colon
};

base::Result<void> load(std::string_view text, pugi::xml_document& document) {
  if (text.size() > max_octets) {
    return base::fail("receipt: {} octets of XML; at most {} are taken", text.size(), max_octets);
  }
  if (!base::is_utf8(text) || text.find('\0') != std::string_view::npos) {
    return base::fail("receipt: the XML is not UTF-8 without NUL");
  }
  if (has_doctype(text)) return base::fail("receipt: the XML has a DOCTYPE, which is not taken");
  const auto loaded =
      document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!loaded) {
    return base::fail("receipt: XML at octet {}: {}", loaded.offset, loaded.description());
  }
  DepthCheck depth;
  if (!document.traverse(depth)) {
    return base::fail("receipt: the XML is more than {} elements deep", max_depth);
  }
  return {};
}

// A character reference can say what XML has no place for.
bool is_text(std::string_view text) {
  return base::is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20;
         });
}

base::Result<void> read_outcome(const Elements& elements, pugi::xml_node root, Imdn& out) {
  pugi::xml_node notification;
  const auto kind = elements.find_one(root, notification_names, notification);
  if (!kind) {
    return base::fail(
        "receipt: neither delivery-notification nor processing-notification nor "
        "display-notification");
  }
  pugi::xml_node element;
  const auto disposition =
      elements.find_one(elements.find(notification, "status"), disposition_names, element);
  out.notification = static_cast<Notification>(*kind);
  if (disposition) out.disposition = static_cast<Disposition>(*disposition);
  if (!disposition || !may_say(out.notification, out.disposition)) {
    return base::fail("receipt: a {} without a status of its kind", name_of(out.notification));
  }
  return {};
}

void append_element(std::string& out, std::string_view name, std::string_view text) {
  out.append("<").append(name).append(">");
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += octet < 0x20 ? ' ' : c;
    }
  }
  out.append("</").append(name).append(">\r\n");
}

}  // namespace

std::string_view name_of(Notification notification) {
  return notification_names.at(static_cast<std::size_t>(notification));
}

std::string_view name_of(Disposition disposition) {
  return disposition_names.at(static_cast<std::size_t>(disposition));
}

base::Result<Imdn> parse_imdn(std::string_view text) {
  pugi::xml_document document;
  if (auto loaded = load(text, document); !loaded) return tl::unexpected(loaded.error());
  const auto root = document.document_element();
  const Elements elements(root);
  if (!elements.are_ours(root)) {
    return base::fail("receipt: the XML is '{}', not 'imdn' of {}",
                      base::printable(root.name(), 60), xml_namespace);
  }
  Imdn out;
  out.message_id = elements.text(root, "message-id");
  if (out.message_id.empty() || out.message_id.size() > max_id) {
    return base::fail("receipt: message-id is missing or longer than {} octets", max_id);
  }
  out.datetime = elements.text(root, "datetime");
  out.recipient_uri = elements.text(root, "recipient-uri");
  out.original_recipient_uri = elements.text(root, "original-recipient-uri");
  for (const auto* field :
       {&out.message_id, &out.datetime, &out.recipient_uri, &out.original_recipient_uri}) {
    if (!is_text(*field)) {
      return base::fail("receipt: a control character, or what is no UTF-8, in '{}'",
                        base::printable(*field, 80));
    }
  }
  if (auto read = read_outcome(elements, root, out); !read) return tl::unexpected(read.error());
  return out;
}

void append_imdn(std::string& out, const Imdn& imdn) {
  out.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<imdn xmlns=\"")
      .append(xml_namespace)
      .append("\">\r\n");
  append_element(out, "message-id", imdn.message_id);
  append_element(out, "datetime", imdn.datetime);
  if (!imdn.recipient_uri.empty()) append_element(out, "recipient-uri", imdn.recipient_uri);
  if (!imdn.original_recipient_uri.empty()) {
    append_element(out, "original-recipient-uri", imdn.original_recipient_uri);
  }
  const auto notification = name_of(imdn.notification);
  fmt::format_to(std::back_inserter(out), "<{0}><status><{1}/></status></{0}>\r\n</imdn>\r\n",
                 notification, name_of(imdn.disposition));
}

std::optional<Status::State> state_of(const Imdn& imdn) {
  switch (imdn.disposition) {
    case Disposition::delivered:
      return Status::State::delivered;
    case Disposition::displayed:
      return Status::State::displayed;
    case Disposition::failed:
      return Status::State::failed;
    default:
      return std::nullopt;
  }
}

bool is_receipt_of(std::string_view recipient, std::string_view endpoint) {
  if (endpoint.empty()) return false;
  recipient.remove_prefix(std::min(recipient.find(':') + 1, recipient.size()));
  if (!recipient.starts_with(endpoint)) return false;
  recipient.remove_prefix(endpoint.size());
  return recipient.empty() || recipient.front() == '/';
}

}  // namespace missive::message

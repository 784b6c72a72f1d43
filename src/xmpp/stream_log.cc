#include "xmpp/stream_log.h"

#include <system_error>

#include "base/text.h"

namespace missive::xmpp {
namespace {

using Kind = StreamEvent::Kind;

constexpr std::string_view management = "urn:xmpp:sm:3";
constexpr std::string_view refused = "connection failed, error ";
constexpr std::string_view sasl = "urn:ietf:params:xml:ns:xmpp-sasl";

// The name and the attributes of the element at the beginning of `xml`.
class Tag {
 public:
  explicit Tag(std::string_view xml) {
    if (!xml.starts_with('<')) return;
    text_ = xml.substr(1, xml.find('>') - 1);
  }
  std::string_view name() const { return text_.substr(0, text_.find_first_of(" /")); }
  std::string_view attribute(std::string_view name) const {
    for (auto at = text_.find(name); at != std::string_view::npos; at = text_.find(name, at + 1)) {
      const auto value = at + name.size();
      if (at == 0 || text_[at - 1] != ' ' || !text_.substr(value).starts_with("=\"")) continue;
      const auto rest = text_.substr(value + 2);
      const auto end = rest.find('"');
      return end == std::string_view::npos ? std::string_view{} : rest.substr(0, end);
    }
    return {};
  }
  bool is_of(std::string_view name_space) const { return attribute("xmlns") == name_space; }
  std::optional<std::uint32_t> h() const {
    return base::parse_number<std::uint32_t>(attribute("h"));
  }

 private:
  std::string_view text_;
};

// "not-authorized: Your password is wrong" of a <failure/> of SASL.
std::string reason_in(std::string_view xml) {
  const auto first = xml.find('<', 1);
  if (first == std::string_view::npos) return "no reason given";
  std::string reason(Tag(xml.substr(first)).name());
  const auto text = xml.find("<text");
  if (text == std::string_view::npos) return reason;
  const auto begin = xml.find('>', text);
  const auto end = xml.find("</text>", text);
  if (begin < end && end != std::string_view::npos) {
    reason += ": " + base::printable(xml.substr(begin + 1, end - begin - 1), 160);
  }
  return reason;
}

std::optional<StreamEvent> read_received(std::string_view xml) {
  if (xml.starts_with("</stream:stream>")) return StreamEvent{Kind::ended};
  const Tag tag(xml);
  const auto name = tag.name();
  if (name == "features" || name == "stream:features") {
    const bool offered = xml.find("<sm xmlns=\"urn:xmpp:sm:3\"") != std::string_view::npos;
    return StreamEvent{Kind::features, offered ? 1 : 0};
  }
  if (name == "failure" && tag.is_of(sasl)) {
    return StreamEvent{Kind::login_refused, std::nullopt, reason_in(xml)};
  }
  if (!tag.is_of(management)) return std::nullopt;
  if (name == "a") return StreamEvent{Kind::acknowledged, tag.h()};
  if (name == "resumed") return StreamEvent{Kind::resumed, tag.h()};
  if (name == "failed") return StreamEvent{Kind::not_resumed, tag.h()};
  if (name == "enabled") {
    const auto resume = tag.attribute("resume");
    return StreamEvent{Kind::enabled, resume == "true" || resume == "1" ? 1 : 0};
  }
  return std::nullopt;
}

}  // namespace

std::optional<StreamEvent> read_stream_log(std::string_view line) {
  if (line.starts_with("RECV: ")) return read_received(line.substr(6));
  if (line.starts_with(refused)) {
    const auto number = base::parse_number<int>(line.substr(refused.size()));
    return StreamEvent{Kind::unreachable, std::nullopt,
                       number ? std::generic_category().message(*number) : "no connection"};
  }
  if (!line.starts_with("SENT: ")) return std::nullopt;
  const auto name = Tag(line.substr(6)).name();
  if (name == "stream:error") return StreamEvent{Kind::gave_up};
  if (name != "message" && name != "presence" && name != "iq") return std::nullopt;
  return StreamEvent{Kind::written};
}

}  // namespace missive::xmpp

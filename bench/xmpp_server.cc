#include "xmpp_server.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>

#include "config_files.h"
#include "connecting.h"

namespace missive::bench {
namespace {

constexpr std::string_view management = "urn:xmpp:sm:3";

std::string_view attribute(std::string_view element, std::string_view name) {
  const auto tag = element.substr(0, element.find('>'));
  const auto start = tag.find(fmt::format(" {}=", name));
  if (start == std::string_view::npos) return {};
  const auto value = tag.substr(start + name.size() + 3);
  return value.substr(0, value.find(tag[start + name.size() + 2]));
}

std::string_view body_of(std::string_view message) {
  constexpr std::string_view tag = "<body>";
  const auto start = message.find(tag);
  return start == std::string_view::npos ? std::string_view() : message.substr(start + tag.size());
}

bool is_tag(std::string_view element, std::string_view name) {
  if (!element.starts_with('<') || !element.substr(1).starts_with(name)) return false;
  const auto rest = element.substr(1 + name.size());
  return rest.starts_with(' ') || rest.starts_with('>') || rest.starts_with('/');
}

}  // namespace

Cut ElementFraming::next(std::string_view unread, std::string&) {
  if (unread.empty()) return {};
  if (unread.front() != '<') return {std::min(unread.find('<'), unread.size()), {}};
  int depth = 0;
  for (auto begin = unread.find('<'); begin != std::string_view::npos;) {
    const auto end = unread.find('>', begin);
    if (end == std::string_view::npos) return {};
    const auto tag = unread.substr(begin, end + 1 - begin);
    if (tag.starts_with("</")) {
      --depth;
    } else if (!tag.ends_with("/>") && !tag.starts_with("<?") && !is_tag(tag, "stream:stream")) {
      ++depth;
    }
    if (depth <= 0) return {end + 1, unread.substr(0, end + 1)};
    begin = unread.find('<', end);
  }
  return {};
}

XmppServer::XmppServer(Ledger& ledger) : Phones(ledger), listener_(listen_tcp(0)) {}

void XmppServer::await_account(std::chrono::seconds patience) {
  const auto deadline = deadline_in(patience);
  wait_for(listener_.get(), POLLIN, deadline, "XMPP connection");
  Fd connected(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  require(connected.get() >= 0, "accept");
  set_no_delay(connected.get());
  connection_.emplace(Channel(std::move(connected)), std::make_unique<ElementFraming>());
  for (serve(0); !present_; serve(0)) {
    wait_for(connection_->fd(), connection_->wanted(), deadline, "presence of the XMPP account");
  }
}

short XmppServer::serve(std::size_t) {
  for (bool more = true; more;) {
    more = connection_->receive();
    const auto now = now_ns();
    while (const auto element = connection_->next()) take(*element, now);
  }
  connection_->flush();
  return connection_->wanted();
}

void XmppServer::take(std::string_view element, std::int64_t now) {
  if (is_tag(element, "message")) {
    ++stanzas_;
    ++unanswered_;
    count_message(body_of(element), element, now);
  } else if (is_tag(element, "r")) {
    acknowledge();
  } else if (is_tag(element, "iq")) {
    ++stanzas_;
    answer_query(element);
  } else if (is_tag(element, "presence")) {
    ++stanzas_;
    present_ = true;
  } else if (is_tag(element, "enable")) {
    stanzas_ = 0;
    connection_->append(fmt::format("<enabled xmlns='{}'/>", management));
  } else if (is_tag(element, "stream:stream")) {
    open_stream();
  } else if (is_tag(element, "auth")) {
    authenticated_ = true;
    connection_->append("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
  }
}

void XmppServer::open_stream() {
  const auto features =
      authenticated_
          ? fmt::format("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='{}'/>",
                        management)
          : std::string(
                "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
                "<mechanism>PLAIN</mechanism></mechanisms>");
  connection_->append(
      fmt::format("<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
                  "xmlns:stream='http://etherx.jabber.org/streams' id='{}' from='{}' version='1.0'>"
                  "<stream:features>{}</stream:features>",
                  authenticated_ ? 2 : 1, xmpp_domain, features));
}

void XmppServer::answer_query(std::string_view query) {
  const auto type = attribute(query, "type");
  if (type != "get" && type != "set") return;
  std::string content;
  if (query.find("<bind ") != std::string_view::npos) {
    content = fmt::format("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{}</jid></bind>",
                          xmpp_jid);
  }
  connection_->append(
      fmt::format("<iq type='result' id='{}'>{}</iq>", attribute(query, "id"), content));
}

void XmppServer::acknowledge() {
  connection_->append(fmt::format("<a xmlns='{}' h='{}'/>", management, stanzas_));
  count_answered(std::exchange(unanswered_, 0));
}

}  // namespace missive::bench

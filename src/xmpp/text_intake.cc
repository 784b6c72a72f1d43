#include "xmpp/text_intake.h"

#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "xmpp/fingerprint.h"
#include "xmpp/origin.h"

namespace missive::xmpp {
namespace {

using Verdict = message::Intake::Verdict;

constexpr std::string_view technology = "xmpp";

// By what a text is known when it comes again, after a restart too; empty where its sender gave it
// no id that says so.
std::string key_of(const Account& account, const MessageStanza& text) {
  const auto& id = text.stanza_id.empty() ? text.id : text.stanza_id;
  if (!is_unique(id)) return {};
  return fingerprint({account.name, text.from, id, *text.body});
}

std::shared_ptr<const message::Incoming> incoming_of(const Account& account, net::Shard& shard,
                                                     const MessageStanza& text,
                                                     std::string_view exten) {
  std::vector<message::Variable> data{{"XMPP_ACCOUNT", account.name}, {"Type", name_of(text.type)}};
  const auto add = [&data](std::string_view name, const std::string& value) {
    if (!value.empty()) data.push_back({name, value});
  };
  add("Id", text.id);
  add("Subject", text.subject);
  add("Thread", text.thread);
  add("Language", text.language);
  const auto from = fmt::format("xmpp:{}", text.from);
  const auto to = fmt::format("xmpp:{}", text.to.empty() ? account.jid.bare() : text.to);
  const Origin origin{.account = account.name,
                      .address = text.from,
                      .id = text.id,
                      .to = account.type == Account::Type::component ? text.to : std::string(),
                      .receipt = text.wants_receipt,
                      .marker = text.markable};
  // Nobody of a room is told what becomes of what was said there.
  const auto back = text.type == MessageType::groupchat ? std::string() : origin.str();
  const auto id = shard.random().uuid(shard.clock().wall());
  return message::Incoming::create({.id = id,
                                    .technology = technology,
                                    .endpoint = account.name,
                                    .context = account.context,
                                    .exten = exten,
                                    .from = from,
                                    .to = to,
                                    .content_type = "text/plain",
                                    .body = *text.body,
                                    .data = data,
                                    .origin = back,
                                    .wants_receipt = text.markable});
}

std::optional<ErrorText> refusal_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::no_room:
      return ErrorText{"resource-constraint", "wait", "too many messages wait here"};
    case Verdict::failed:
      return ErrorText{"internal-server-error", "wait", "the message could not be kept"};
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string TextIntake::exten_for(const Account& account, const MessageStanza& text,
                                  const message::Intake& intake) const {
  std::vector<std::string> candidates;
  if (account.type == Account::Type::component) {
    if (const auto to = Jid::parse(text.to); to && !to->local.empty()) {
      candidates.push_back(to->local);
    }
  }
  candidates.push_back(account.name);
  candidates.emplace_back("s");
  for (auto& exten : candidates) {
    if (intake.has_destination(technology, account.context, exten)) return std::move(exten);
  }
  return {};
}

void TextIntake::take(const Account& account, net::Shard& shard, MessageStanza text,
                      Taken taken) const {
  if (!account.send_to_dialplan) return taken(text, std::nullopt);
  const auto& place = places_[std::hash<std::string>{}(text.from) % places_.size()];
  const auto exten = exten_for(account, text, *place.intake);
  if (exten.empty()) {
    log::warning(
        "XMPP account '{}': context '{}' has no extension for a message to {}: neither {}'{}' nor "
        "'s'",
        account.name, account.context, base::printable(text.to, 160),
        account.type == Account::Type::component ? "its user, " : "", account.name);
    return taken(text, ErrorText{"service-unavailable", "cancel", "nobody takes messages here"});
  }
  auto message = incoming_of(account, shard, text, exten);
  auto key = key_of(account, text);
  if (key.empty()) key = message->id();
  place.shard->post([place, message = std::move(message), key = std::move(key),
                     text = std::move(text), taken = std::move(taken)]() mutable {
    auto answer = [place, message, text = std::move(text),
                   taken = std::move(taken)](Verdict verdict) mutable {
      if (verdict == Verdict::accepted) place.events->received(*message);
      taken(text, refusal_of(verdict));
    };
    place.intake->take(message, std::move(key), std::move(answer));
  });
}

}  // namespace missive::xmpp

#include "message/outcome_notifier.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "base/text.h"
#include "message/cpim.h"
#include "message/imdn.h"
#include "sip/uri.h"

namespace missive::message {
namespace {

using State = Status::State;

// The IMDN that answers, and the From and To of its message/cpim.
struct Reply {
  Imdn imdn;
  std::string from, to;
};

std::string_view content_type_of(const Message& message) {
  for (const auto& variable : message.variables()) {
    const auto name = base::trim(variable.name);
    if (base::iequals(name, "Content-Type") || base::iequals(name, "c")) return variable.value;
  }
  return {};
}

std::optional<Cpim> cpim_of(const Message& message) {
  if (!is_of_type(content_type_of(message), cpim_type)) return std::nullopt;
  auto cpim = parse_cpim(message.body());
  return cpim ? std::optional<Cpim>(std::move(*cpim)) : std::nullopt;
}

// How an outcome is asked for and how it is said.
struct Answer {
  std::string_view asked;
  Imdn::Notification notification;
  Imdn::Disposition disposition;
};

Answer answer_to(State state) {
  using Notification = Imdn::Notification;
  using Disposition = Imdn::Disposition;
  switch (state) {
    case State::sent:
      return {"processing", Notification::processing, Disposition::processed};
    case State::delivered:
      return {"positive-delivery", Notification::delivery, Disposition::delivered};
    case State::displayed:
      return {"display", Notification::display, Disposition::displayed};
    default:
      return {"negative-delivery", Notification::delivery, Disposition::failed};
  }
}

// Whom the message was to, as its sender has it; else by the name in the destination.
std::string_view recipient_of(const Message& message) {
  if (!message.to().empty()) return message.to();
  return message.address().substr(0, message.address().find('/'));
}

// "bob" of `"Bob" <sip:bob@example.com>`, of bob@example.com and of bob.
std::string person_in(std::string_view address) {
  address = cpim_uri(address);
  for (const std::string_view scheme : {"sip:", "sips:", "tel:"}) {
    if (!base::istarts_with(address, scheme)) continue;
    address.remove_prefix(scheme.size());
    break;
  }
  address = address.substr(0, address.find_first_of("@;"));
  return base::printable(sip::unescape(address), 80);
}

std::string reason_of(const Status& status) {
  auto text = base::printable(status.response_text, 160);
  if (status.response_code == 0) return text;
  return text.empty() ? fmt::to_string(status.response_code)
                      : fmt::format("{} {}", status.response_code, text);
}

}  // namespace

struct OutcomeNotifier::Asked {
  std::string origin, recipient;  // who asked, and whom the message was to
  std::vector<std::string> dispositions;
  Imdn imdn;  // but for what it notifies of
  std::string cpim_from, cpim_to;

  static std::shared_ptr<Asked> in(const Cpim& cpim);
  std::optional<Reply> reply_to(State state) const;
};

struct OutcomeNotifier::Notice {
  std::string about;  // the id of the message, for the log
  std::string destination, from, text;
  std::optional<Reply> reply;
};

// nullptr: the message has no id to name, or asked for nothing.
std::shared_ptr<OutcomeNotifier::Asked> OutcomeNotifier::Asked::in(const Cpim& cpim) {
  auto asked = std::make_shared<Asked>();
  for (const auto& header : cpim.headers) {
    if (header.name_space != imdn_namespace ||
        !base::iequals(header.name, "Disposition-Notification")) {
      continue;
    }
    for (const auto item : base::split_list(header.value)) {
      asked->dispositions.emplace_back(base::trim(item.substr(0, item.find(';'))));
    }
  }
  auto& imdn = asked->imdn;
  imdn.message_id = unescape_cpim(cpim.imdn_header("Message-ID"));
  if (imdn.message_id.empty() || asked->dispositions.empty()) return nullptr;
  imdn.datetime = unescape_cpim(cpim.header("DateTime"));
  imdn.recipient_uri = cpim_uri(cpim.header("To"));
  imdn.original_recipient_uri = cpim_uri(cpim.imdn_header("Original-To"));
  if (imdn.original_recipient_uri.empty()) imdn.original_recipient_uri = imdn.recipient_uri;
  asked->cpim_from = cpim.header("To");
  asked->cpim_to = cpim.header("From");
  return asked;
}

std::optional<Reply> OutcomeNotifier::Asked::reply_to(State state) const {
  const auto answer = answer_to(state);
  const bool wanted =
      std::any_of(dispositions.begin(), dispositions.end(),
                  [&answer](const std::string& one) { return base::iequals(one, answer.asked); });
  if (!wanted) return std::nullopt;
  Reply reply{imdn, cpim_from, cpim_to};
  reply.imdn.notification = answer.notification;
  reply.imdn.disposition = answer.disposition;
  return reply;
}

std::string sentence_about(std::string_view recipient, const Status& status) {
  const auto whom = person_in(recipient);
  switch (status.state) {
    case State::failed: {
      const auto reason = reason_of(status);
      return fmt::format("Your message to {} was not delivered{}{}", whom,
                         reason.empty() ? "" : ": ", reason);
    }
    case State::expired:
      return fmt::format("Your message to {} was not delivered in time", whom);
    default:
      return fmt::format("Your message to {} was {}", whom, name_of(status.state));
  }
}

bool OutcomeNotifier::tells_of(State state) const {
  return notify_ != Notify::failed || !is_success(state);
}

bool OutcomeNotifier::is_left(std::string_view origin) const {
  return std::any_of(others_.begin(), others_.end(),
                     [origin](const std::string& prefix) { return origin.starts_with(prefix); });
}

void OutcomeNotifier::on_message_status(const Message& message, const Status& status) {
  if (notify_ == Notify::no || !is_final(status.state)) return;
  if (message.origin().empty()) return tell_later(message, status);
  // A message that was only sent may fail still.
  const bool more = status.state == State::sent;
  if (is_left(message.origin()) || (!more && !tells_of(status.state))) return;
  const auto cpim = cpim_of(message);
  const auto type = cpim ? cpim->content_type() : content_type_of(message);
  if (is_of_type(type, imdn_type)) return;
  auto asked = cpim ? Asked::in(*cpim) : nullptr;
  if (asked == nullptr) asked = std::make_shared<Asked>();
  asked->origin = message.origin();
  asked->recipient = recipient_of(message);
  tell(message.id(), *asked, status);
  if (!more && (asked->dispositions.empty() || !is_success(status.state))) return;
  remembered_.put(std::string(message.id()), std::move(asked));
}

// Of a message that is not kept any more: by what was remembered of it.
void OutcomeNotifier::tell_later(const Message& message, const Status& status) {
  if (const auto asked = remembered_.find(message.id())) tell(message.id(), **asked, status);
}

// By an IMDN who asked for that, else by a sentence.
void OutcomeNotifier::tell(std::string_view id, const Asked& asked, const Status& status) {
  if (!tells_of(status.state)) return;
  auto notice = std::make_unique<Notice>();
  notice->about = id;
  notice->destination = asked.origin;
  notice->from = asked.recipient;
  notice->reply = asked.reply_to(status.state);
  if (!notice->reply) {
    if (notify_ == Notify::asked) return;
    notice->text = sentence_about(asked.recipient, status);
  }
  post(std::move(notice));
}

void OutcomeNotifier::post(std::unique_ptr<Notice> notice) {
  shard_.post([this, notice = std::move(notice)] { send(*notice); });
}

void OutcomeNotifier::send(const Notice& notice) {
  const auto now = shard_.clock().wall();
  const auto id = shard_.random().uuid(now);
  std::string body = notice.text;
  std::vector<Variable> variables;
  if (const auto& reply = notice.reply) {
    std::string document;
    append_imdn(document, reply->imdn);
    CpimWriter writer(body);
    writer.header("From", reply->from);
    writer.header("To", reply->to);
    writer.header("NS", fmt::format("imdn <{}>", imdn_namespace));
    writer.text("imdn.Message-ID", id);
    writer.header("DateTime", cpim_time(now));
    writer.content(imdn_type, document, "notification");
    variables.push_back({"Content-Type", cpim_type});
  }
  auto message = Message::create({.id = id,
                                  .destination = notice.destination,
                                  .to = {},
                                  .from = notice.from,
                                  .body = body,
                                  .variables = variables});
  sender_.send(std::move(message), [about = notice.about,
                                    to = notice.destination](const Acceptance& acceptance) {
    if (!acceptance.refusal) return;
    log::info("{} cannot be told what became of message {}: {}", base::printable(to, 80),
              base::printable(about, 80), acceptance.refusal->reason);
  });
}

}  // namespace missive::message

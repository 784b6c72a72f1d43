#include "message/outcome_notifier.h"

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

// What the sender of a message/cpim asked for, with what answers it.
struct Request {
  Imdn imdn;
  std::string from, to;  // of the message/cpim that answers
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

bool asks_for(const Cpim& cpim, std::string_view wanted) {
  for (const auto& header : cpim.headers) {
    if (header.name_space != imdn_namespace ||
        !base::iequals(header.name, "Disposition-Notification")) {
      continue;
    }
    for (const auto item : base::split_list(header.value)) {
      if (base::iequals(base::trim(item.substr(0, item.find(';'))), wanted)) return true;
    }
  }
  return false;
}

std::optional<Request> request_in(const Cpim& cpim, State state) {
  const auto answer = answer_to(state);
  auto id = unescape_cpim(cpim.imdn_header("Message-ID"));
  if (id.empty() || !asks_for(cpim, answer.asked)) return std::nullopt;
  Request out;
  out.imdn.message_id = std::move(id);
  out.imdn.datetime = unescape_cpim(cpim.header("DateTime"));
  out.imdn.recipient_uri = cpim_uri(cpim.header("To"));
  out.imdn.original_recipient_uri = cpim_uri(cpim.imdn_header("Original-To"));
  if (out.imdn.original_recipient_uri.empty()) {
    out.imdn.original_recipient_uri = out.imdn.recipient_uri;
  }
  out.imdn.notification = answer.notification;
  out.imdn.disposition = answer.disposition;
  out.from = cpim.header("To");
  out.to = cpim.header("From");
  return out;
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

struct OutcomeNotifier::Notice {
  std::string about;  // the id of the message, for the log
  std::string destination, from, text;
  std::optional<Request> request;
};

std::string sentence_about(const Message& message, const Status& status) {
  const auto whom = person_in(recipient_of(message));
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
  if (notify_ == Notify::no || !is_final(state)) return false;
  return notify_ == Notify::all || !is_success(state);
}

void OutcomeNotifier::on_message_status(const Message& message, const Status& status) {
  if (message.origin().empty() || !tells_of(status.state)) return;
  const auto cpim = cpim_of(message);
  const auto type = cpim ? cpim->content_type() : content_type_of(message);
  if (is_of_type(type, imdn_type)) return;
  auto notice = std::make_unique<Notice>();
  notice->about = message.id();
  notice->destination = message.origin();
  notice->from = recipient_of(message);
  if (cpim) notice->request = request_in(*cpim, status.state);
  if (!notice->request) notice->text = sentence_about(message, status);
  shard_.post([this, notice = std::move(notice)] { send(*notice); });
}

void OutcomeNotifier::send(const Notice& notice) {
  const auto now = shard_.clock().wall();
  const auto id = shard_.random().uuid(now);
  std::string body = notice.text;
  std::vector<Variable> variables;
  if (const auto& request = notice.request) {
    std::string document;
    append_imdn(document, request->imdn);
    CpimWriter writer(body);
    writer.header("From", request->from);
    writer.header("To", request->to);
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

// MessageSend.
#include <algorithm>
#include <memory>
#include <optional>

#include "ami/actions/handlers.h"
#include "ami/message_replies.h"
#include "ami/wire.h"
#include "base/base64.h"
#include "base/text.h"

namespace missive::ami {
namespace {

// The parameters, found in one pass; the first header of a name counts.
struct Parameters {
  explicit Parameters(const ActionView& action) {
    for (std::size_t i = 0; i < action.size(); ++i) take(action[i]);
  }

  std::string_view destination, to, from, body, base64_body;
  std::string_view message_id, expiry, wait, receipt;  // data() is null where there is none
  bool has_variables = false;

 private:
  void take(const ActionView::Header& header) {
    const auto is = [&header](std::string_view name) { return same_name(header.name, name); };
    if (is("Destination")) return keep(destination, header);
    if (is("To")) return keep(to, header);
    if (is("From")) return keep(from, header);
    if (is("Body")) return keep(body, header);
    if (is("Base64Body")) return keep(base64_body, header);
    if (is("MessageID")) return keep(message_id, header);
    if (is("Expiry")) return keep(expiry, header);
    if (is("Wait")) return keep(wait, header);
    if (is("Receipt")) return keep(receipt, header);
    if (is("Variable")) has_variables = true;
  }
  static void keep(std::string_view& where, const ActionView::Header& header) {
    if (where.data() == nullptr) where = header.value;
  }
};

base::Result<void> read_variables(const ActionView& action, VariableList& variables) {
  base::Result<void> result;
  action.headers("Variable", [&](std::string_view list) {
    if (result) result = variables.add(list);
  });
  return result;
}

// --- the options that only Missive has ---

bool was_given(std::string_view value) { return value.data() != nullptr; }

base::Result<std::string_view> read_message_id(std::string_view text) {
  constexpr std::size_t longest = 128;
  const auto is_visible = [](char c) { return c > 0x20 && c < 0x7F; };
  if (!text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), is_visible))
    return text;
  return base::fail("MessageID '{}' is not 1 to {} visible ASCII characters without blanks",
                    base::printable(text, 40), longest);
}

base::Result<std::chrono::seconds> read_expiry(std::string_view text) {
  constexpr int longest = 365 * 86'400;
  const auto seconds = base::parse_number<int>(text);
  if (seconds && *seconds >= 1 && *seconds <= longest) return std::chrono::seconds{*seconds};
  return base::fail("Expiry '{}' is no number of seconds from 1 to {}", base::printable(text, 40),
                    longest);
}

// Nothing when it does not wait.
base::Result<std::optional<Patience>> read_wait(std::string_view text) {
  if (const auto seconds = base::parse_number<int>(text)) {
    if (*seconds >= 1 && *seconds <= Patience::longest.count()) {
      return Patience{std::chrono::seconds{*seconds}, true};
    }
  } else if (const auto yes = base::parse_bool(text)) {
    return *yes ? std::optional(Patience{}) : std::nullopt;
  }
  return base::fail("Wait '{}' is neither yes nor no nor a number of seconds from 1 to {}",
                    base::printable(text, 40), Patience::longest.count());
}

base::Result<bool> read_receipt(std::string_view text) {
  if (const auto yes = base::parse_bool(text)) return *yes;
  return base::fail("Receipt '{}' is neither yes nor no", base::printable(text, 40));
}

// Sets what was given; answers with the first thing that is wrong.
base::Result<void> read_options(const Parameters& given, message::Draft& draft,
                                std::optional<Patience>& wait) {
  const auto set = [](auto&& value, auto& where) -> base::Result<void> {
    if (!value) return tl::unexpected(value.error());
    where = *value;
    return {};
  };
  base::Result<void> result;
  if (was_given(given.message_id)) {
    result = set(read_message_id(given.message_id), draft.id);
    draft.keyed = true;
  }
  if (result && was_given(given.expiry)) result = set(read_expiry(given.expiry), draft.expiry);
  if (result && was_given(given.wait)) result = set(read_wait(given.wait), wait);
  if (result && was_given(given.receipt)) {
    result = set(read_receipt(given.receipt), draft.wants_receipt);
  }
  return result;
}

// --- sending ---

void send_and_answer(Environment& environment, const LaterReply& reply,
                     std::shared_ptr<const message::Message> message) {
  environment.sender.send(std::move(message), [reply](const message::Acceptance& acceptance) {
    reply.complete([&acceptance](std::string& out, const ReplyQueue::Pending& pending) {
      write_message_send_reply(out, pending, acceptance);
    });
  });
}

void send_and_wait(Environment& environment, const LaterReply& reply,
                   std::shared_ptr<const message::Message> message) {
  environment.sender.send(
      std::move(message),
      [reply](const message::Acceptance& acceptance) {
        if (auto* session = reply.session()) session->accepted(reply.ticket(), acceptance);
      },
      [reply](const message::Message&, const message::Status& status) {
        if (auto* session = reply.session()) session->heard(reply.ticket(), status);
      });
}

}  // namespace

void actions::message_send(Session& session, const ActionView& action) {
  Parameters given(action);
  if (given.destination.empty()) given.destination = std::exchange(given.to, {});
  if (given.destination.empty()) return session.refuse(action, "No 'To' address specified.");

  std::string decoded;
  if (!given.base64_body.empty()) {
    auto body = base::base64_decode(given.base64_body);
    if (!body) {
      return append_failure(session.output(), action.id(), message_failed,
                            "Base64Body: " + body.error().text);
    }
    decoded = std::move(*body);
    given.body = decoded;
  }
  auto& environment = session.environment();
  environment.variables.clear();
  if (given.has_variables) {
    if (const auto read = read_variables(action, environment.variables); !read) {
      return append_failure(session.output(), action.id(), message_failed, read.error().text);
    }
  }
  message::Draft draft{.id = {},
                       .destination = given.destination,
                       .to = given.to,
                       .from = given.from,
                       .body = given.body,
                       .variables = environment.variables.items(),
                       .action_id = action.id()};
  std::optional<Patience> wait;
  if (const auto read = read_options(given, draft, wait); !read) {
    return append_failure(session.output(), action.id(), message_failed, read.error().text);
  }
  base::Uuid new_id;
  if (!draft.keyed) {
    new_id = environment.random.uuid(environment.shared.clock.wall());
    draft.id = new_id;
  }
  auto message = message::Message::create(draft);
  const LaterReply reply(session, session.reserve(action, draft.id));
  if (!wait) return send_and_answer(environment, reply, std::move(message));
  session.await_outcome(reply.ticket(), *wait);
  send_and_wait(environment, reply, std::move(message));
}

}  // namespace missive::ami

// Originate: runs the dialplan for a message that nobody has sent.
//
// Asterisk's Local channel has two ends. The one runs `Local/extension@context`, the other one the
// application, or the extension, of the action; as a phone would be connected only once the first
// has answered, the second runs when the first has come to its end. Both have the variables of the
// action and of the user (setvar= in manager.conf); CallerID is who the message is from. There are
// no other channels to call. What may run commands needs the class system as well, and then
// live_dangerously. Source: Asterisk documentation, action Originate, event OriginateResponse.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ami/actions/handlers.h"
#include "ami/empty_message.h"
#include "ami/privileges.h"
#include "ami/wire.h"
#include "base/text.h"
#include "dialplan/dialplan_change.h"
#include "dialplan/run.h"
#include "net/timer_wheel.h"
#include "sip/name_addr.h"

namespace missive::ami {
namespace {

using dialplan::Beginning;
using dialplan::Position;
using dialplan::Run;

// Parts of the names of applications that run commands, or others that do.
constexpr std::array<std::string_view, 6> that_run_commands{
    "system", "exec", "agi", "mixmonitor", "externalivr", "originate"};

bool runs_commands(std::string_view application) {
  const auto name = base::lower(application);
  return std::any_of(that_run_commands.begin(), that_run_commands.end(),
                     [&name](auto part) { return name.find(part) != std::string::npos; });
}

struct Order {
  std::string action_id, channel, context, exten, application, data, caller;
  bool is_async = false;
  std::chrono::milliseconds timeout{30'000};
  Beginning first, second;
};

struct Caller {
  std::string name, number;
};

// `CRM <sip:crm@x>`: the number, here an address, is in the brackets. Without them text that is no
// address and no number is a name.
Caller read_caller(const std::string& text) {
  const auto parsed = sip::parse_name_addr(text);
  if (parsed && text.find('<') != std::string::npos) {
    return {parsed->unquoted_display(), std::string(parsed->uri)};
  }
  const bool is_number = text.find_first_not_of("0123456789+*#") == std::string::npos;
  if (is_number || text.find_first_of(":@") != std::string::npos) return {{}, text};
  return {text, {}};
}

// Both runs, and the reply to whoever asked for them. On the shard's thread.
class Origination final : public net::Timer, public std::enable_shared_from_this<Origination> {
 public:
  Origination(Environment& environment, Order order, std::optional<LaterReply> reply)
      : environment_(environment), order_(std::move(order)), reply_(reply) {}

  void start() {
    environment_.shard.arm(*this, order_.timeout);
    Run::start(*environment_.dialplan, empty_message(order_.caller), std::move(order_.first),
               [self = shared_from_this()] { self->answered(); });
  }

 private:
  void answered() {
    if (std::exchange(is_over_, true)) return;
    cancel();
    const auto run = Run::start(*environment_.dialplan, empty_message(order_.caller),
                                std::move(order_.second), [] {});
    tell(true, run->unique_id());
  }

  void on_timer() override {
    if (!std::exchange(is_over_, true)) tell(false, "<unknown>");
  }

  void tell(bool success, std::string_view unique_id) {
    if (reply_) {
      reply_->complete([success](std::string& out, const ReplyQueue::Pending& pending) {
        append_reply(out, success ? "Success" : "Error", pending.action_id,
                     success ? "Originate successfully queued" : "Originate failed");
      });
    }
    if (!order_.is_async) return;
    environment_.shared.events.publish(Class::call, "OriginateResponse", [&](EventText& text) {
      if (!order_.action_id.empty()) text.header("ActionID", order_.action_id);
      text.header("Response", success ? "Success" : "Failure").header("Channel", order_.channel);
      tell_second(text);
      const auto caller = read_caller(order_.caller);
      text.header("Reason", success ? "4" : "3")
          .header("Uniqueid", unique_id)
          .header("CallerIDNum", caller.number.empty() ? "<unknown>" : caller.number)
          .header("CallerIDName", caller.name.empty() ? "<unknown>" : caller.name);
    });
  }

  // What was to be run beside the channel.
  void tell_second(EventText& text) const {
    if (order_.application.empty()) {
      text.header("Context", order_.context).header("Exten", order_.exten);
    } else {
      text.header("Application", order_.application).header("Data", order_.data);
    }
  }

  Environment& environment_;
  Order order_;
  const std::optional<LaterReply> reply_;
  bool is_over_ = false;
};

// "Local/alice@messages/n": where it leads. An option behind the second slash does not matter.
std::optional<Position> read_local(std::string_view channel) {
  const auto slash = channel.find('/');
  if (!base::iequals(channel.substr(0, slash), "Local")) return std::nullopt;
  auto rest = channel.substr(slash + 1);
  rest = rest.substr(0, rest.rfind('/'));
  const auto at = rest.rfind('@');
  const auto context = at == rest.npos ? std::string_view("default") : rest.substr(at + 1);
  return Position{std::string(context), std::string(rest.substr(0, at)), 1};
}

// Reads an action into an order, or tells why it cannot.
class OrderReader {
 public:
  OrderReader(Session& session, const ActionView& action)
      : session_(session),
        action_(action),
        dialplan_(*session.environment().dialplan),
        now_(session.environment().shared.clock.wall()) {}

  std::optional<Order> read() {
    order_.action_id = action_.id();
    order_.channel = action_.header("Channel");
    order_.context = action_.header("Context");
    order_.exten = action_.header("Exten");
    order_.application = action_.header("Application");
    order_.data = action_.header("Data");
    order_.caller = action_.header("CallerID");
    order_.is_async = base::parse_bool(action_.header("Async")).value_or(false);
    if (!check_form() || !check_rights() || !read_second() || !read_first() || !read_variables()) {
      return std::nullopt;
    }
    return std::move(order_);
  }

 private:
  bool refuse(std::string_view message) {
    session_.refuse(action_, message);
    return false;
  }
  bool fail(std::string_view reason) {
    append_failure(session_.output(), action_.id(), "Originate failed", reason);
    return false;
  }

  bool exists(const Position& place) const {
    return dialplan_.dialplan->find(place.context, place.exten, place.priority, now_) != nullptr;
  }

  bool check_form() {
    if (order_.channel.empty()) return refuse("Channel not specified");
    const auto priority = action_.header("Priority");
    if (!priority.empty()) {
      const auto number = base::parse_number<int>(priority);
      priority_ = number
                      ? *number
                      : dialplan_.dialplan->find_label(order_.context, order_.exten, priority, now_)
                            .value_or(0);
      if (priority_ < 1) return refuse("Invalid priority");
    }
    if (const auto timeout = action_.header("Timeout"); !timeout.empty()) {
      const auto number = base::parse_number<int>(timeout);
      if (!number || *number <= 0) return refuse("Invalid timeout");
      order_.timeout = std::chrono::milliseconds{*number};
    }
    if (order_.channel.find('/') == std::string::npos) return refuse("Invalid channel");
    return true;
  }

  bool check_rights() {
    if (order_.application.empty() || may_run_commands(session_)) return true;
    order_.second.trusted = false;
    if (runs_commands(order_.application)) {
      return refuse("Originate Access Forbidden: Application");
    }
    return may_name(session_, order_.data) || refuse("Originate Access Forbidden: Data");
  }

  // What the action names beside the channel.
  bool read_second() {
    if (!order_.application.empty()) return read_application();
    if (order_.context.empty() || order_.exten.empty() || priority_ < 1) {
      return refuse("Originate with 'Exten' requires 'Context' and 'Priority'");
    }
    order_.second.position = {order_.context, order_.exten, priority_};
    return exists(order_.second.position) || refuse("Extension does not exist.");
  }

  // A dialplan of one priority: there is nowhere to go on to, as in Asterisk.
  bool read_application() {
    const auto& shared = dialplan_.shared;
    if (shared.applications.find(order_.application) == nullptr) {
      return fail(fmt::format("there is no application '{}'", order_.application));
    }
    auto made = add_priority({},
                             {.context = "default",
                              .exten = "s",
                              .application = order_.application,
                              .arguments = order_.data},
                             shared.applications, shared.functions);
    order_.second.position = {"default", "s", 1};
    order_.second.dialplan = std::move(made.dialplan);
    return true;
  }

  bool read_first() {
    auto place = read_local(order_.channel);
    if (!place) return fail("only Local/extension@context can be run; there are no channels");
    if (!exists(*place)) {
      return fail(
          fmt::format("there is no extension '{}' in context '{}'", place->exten, place->context));
    }
    order_.first.position = std::move(*place);
    return true;
  }

  bool read_variables() {
    auto& list = session_.environment().variables;
    list.clear(VariableList::Again::replaces_same_case);
    base::Result<void> read;
    for (const auto& variable : session_.user()->variables) {
      if (read) read = list.add(variable);
    }
    action_.headers("Variable", [&](std::string_view value) {
      if (read) read = list.add(value);
    });
    if (!read) return fail(fmt::format("Variable: {}", read.error().text));
    for (const auto& [name, value] : list.items()) {
      if (!may_name(session_, name)) return refuse("Originate Access Forbidden: Variable");
      order_.first.variables.emplace_back(name, value);
    }
    order_.second.variables = order_.first.variables;
    return true;
  }

  Session& session_;
  const ActionView& action_;
  const dialplan::Environment& dialplan_;
  const base::WallTime now_;
  int priority_ = 0;
  Order order_;
};

}  // namespace

void actions::originate(Session& session, const ActionView& action) {
  auto order = OrderReader(session, action).read();
  if (!order) return;
  std::optional<LaterReply> reply;
  if (order->is_async) {
    session.acknowledge(action, "Originate successfully queued");
  } else {
    reply.emplace(session, session.reserve(action));
  }
  std::make_shared<Origination>(session.environment(), std::move(*order), reply)->start();
}

}  // namespace missive::ami

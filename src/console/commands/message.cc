// message show outbox|message|status|technologies|handlers, message cancel|retry.
#include <fmt/format.h>

#include "base/text.h"
#include "console/commands/parts.h"
#include "console/outbox_listing.h"
#include "console/outbox_text.h"

namespace missive::console {
namespace {

void show_outbox(Environment& environment, Call call) {
  message::Outbox::Filter filter;
  filter.state = message::Status::State::queued;
  if (!call.arguments.empty()) filter.recipient = call.arguments.front();
  list_outbox(*environment.outbox, environment.shard, std::move(filter),
              [answer = std::move(call.answer)](const Listing& listing) mutable {
                auto text = listing_text(listing);
                answer(text ? success(std::move(*text)) : failure(text.error().text));
              });
}

void show_message(Environment& environment, Call call) {
  environment.outbox->find(call.arguments.front(), environment.shard,
                           [answer = std::move(call.answer)](const Records& found) mutable {
                             if (!found) return answer(failure(found.error().text));
                             if (found->empty()) return answer(failure("No such message"));
                             answer(success(record_text(found->front())));
                           });
}

// Says of how many messages it was done; none is a failure where one was named.
auto count_answer(Answer answer, std::string_view done, bool named) {
  return [answer = std::move(answer), done, named](const base::Result<std::size_t>& count) mutable {
    if (!count) return answer(failure(count.error().text));
    if (named && *count == 0) return answer(failure("No such message"));
    answer(success(fmt::format("{} {}\n", base::counted(*count, "message"), done)));
  };
}

void cancel(Environment& environment, Call call) {
  environment.outbox->cancel(call.arguments.front(), environment.shard,
                             count_answer(std::move(call.answer), "cancelled", true));
}

// ID, recipient RECIPIENT, or all.
void retry(Environment& environment, Call call) {
  const auto& words = call.arguments;
  const bool all = words.size() == 1 && words[0] == "all";
  const bool recipient = words.size() == 2 && words[0] == "recipient";
  if (words.size() == 2 && !recipient) {
    return call.answer(failure("Usage: message retry {ID|recipient RECIPIENT|all}"));
  }
  const bool named = !all && !recipient;
  environment.outbox->retry(named ? words[0] : "", recipient ? words[1] : "", environment.shard,
                            count_answer(std::move(call.answer), "tried again", named));
}

Result names(std::string_view what, const std::vector<std::string>& list) {
  auto out = fmt::format("{}\n", what);
  for (const auto& name : list) out += fmt::format("  {}\n", name);
  return success(out + fmt::format("{} found.\n", list.size()));
}

}  // namespace

void add_message_commands(Registry& registry, Environment& environment) {
  const auto add = [&](std::string name, std::string arguments, std::size_t least, std::size_t most,
                       std::string summary, void (*run)(Environment&, Call)) {
    registry.add({std::move(name), std::move(arguments), least, most, std::move(summary),
                  [&environment, run](Call call) {
                    if (environment.outbox == nullptr) {
                      return call.answer(failure(std::string(no_outbox)));
                    }
                    run(environment, std::move(call));
                  }});
  };
  add("message show outbox", "[RECIPIENT]", 0, 1,
      "Show messages that wait for their recipients, the oldest 100", show_outbox);
  add("message show message", "ID", 1, 1, "Show what is known of one message", show_message);
  add("message show status", "ID", 1, 1, "Show what is known of one message", show_message);
  add("message cancel", "ID", 1, 1, "Take back a message that waits", cancel);
  add("message retry", "{ID|recipient RECIPIENT|all}", 1, 2, "Try now to deliver what waits",
      retry);
  registry.add({"message show technologies", "", 0, 0, "Show what messages can be sent by",
                at_once([&environment](const Call&) {
                  return names("Message technologies:", environment.host.technologies());
                })});
  registry.add({"message show handlers", "", 0, 0, "Show who takes messages that come in",
                at_once([&environment](const Call&) {
                  return names("Message handlers:", environment.host.handlers());
                })});
}

}  // namespace missive::console

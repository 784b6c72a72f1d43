// Events, Filter, UserEvent, WaitEvent.
#include <fmt/format.h>

#include "ami/actions/handlers.h"
#include "ami/wire.h"
#include "base/text.h"

namespace missive::ami::actions {

void events(Session& session, const ActionView& action) {
  const auto mask = parse_event_mask(action.header("EventMask"));
  if (!mask) return session.refuse(action, "Invalid event mask");
  session.set_mask(*mask);
  auto& out = session.output();
  begin_reply(out, "Success", action.id());
  append_header(out, "Events", any(*mask) ? "On" : "Off");
  end_packet(out);
}

void filter(Session& session, const ActionView& action) {
  if (!base::iequals(action.header("Operation"), "Add")) {
    return session.refuse(action, "Unknown operation");
  }
  auto& out = session.output();
  if (session.filters().size() >= EventFilters::max_filters) {
    return append_failure(out, action.id(), "Too many filters",
                          fmt::format("a session has {} at most", EventFilters::max_filters));
  }
  auto made = EventFilter::make(action.header("MatchCriteria"), action.header("Filter"));
  if (made) {
    session.filters().add(std::move(*made));
    return session.acknowledge(action, "Success");
  }
  append_failure(
      out, action.id(),
      fmt::format("Filter {}.  Check the syntax of the filter given.",
                  made.error().what == EventFilter::Mistake::format ? "was formatted incorrectly"
                                                                    : "did not compile"),
      made.error().text);
}

void user_event(Session& session, const ActionView& action) {
  session.acknowledge(action, "Event Sent");
  session.environment().shared.events.publish(Class::user, "UserEvent", [&](EventText& text) {
    text.header("UserEvent", action.header("UserEvent"));
    for (std::size_t i = 0; i < action.size(); ++i) {
      const auto [name, value] = action[i];
      if (base::iequals(name, "Action") || base::iequals(name, "UserEvent")) continue;
      std::string shown;  // a stranger's name may hold a bare CR
      append_printable(shown, name);
      text.header(shown, value);
    }
  });
}

void wait_event(Session& session, const ActionView& action) {
  static constexpr int longest = 30 * 24 * 3600;
  const auto text = action.header("Timeout");
  const auto seconds = text.empty() ? -1 : base::parse_number<int>(text).value_or(longest + 1);
  if (seconds > longest) {
    return session.refuse(action, "Timeout must be a whole number of seconds, 30 days at most");
  }
  if (seconds < 0) return session.wait_for_event(action, std::nullopt);
  session.wait_for_event(action, std::chrono::seconds{seconds});
}

}  // namespace missive::ami::actions

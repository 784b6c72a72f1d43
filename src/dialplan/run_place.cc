// What a run is and where: its variables, its position, and the log lines that name it.
#include "base/log.h"
#include "base/text.h"
#include "base/time_text.h"
#include "dialplan/run.h"
#include "dialplan/template.h"

namespace missive::dialplan {
namespace {

std::int64_t epoch(base::WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

// --- variables

std::optional<std::string> Run::own(std::string_view name) const {
  switch (name.size()) {
    case 5:
      if (name == "EXTEN") return position_.exten;
      if (name == "EPOCH") return std::to_string(epoch(environment_.shared.clock.wall()));
      break;
    case 7:
      if (name == "CONTEXT") return position_.context;
      if (name == "CHANNEL") return std::string(channel());
      break;
    case 8:
      if (name == "PRIORITY") return std::to_string(position_.priority);
      if (name == "UNIQUEID" || name == "LINKEDID") return unique_id();
      if (name == "ENTITYID") return std::string();
      break;
    case 10:
      if (name == "SYSTEMNAME") return std::string();
      break;
    case 11:
      if (name == "HANGUPCAUSE") return std::string("0");
      break;
    default:
      break;
  }
  return std::nullopt;
}

std::optional<std::string> Run::variable(std::string_view name) const {
  if (auto found = own(name)) return found;
  // A Gosub's variables hide those of its caller, as Asterisk's stack of them does.
  for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame) {
    if (const auto* const found = frame->locals.find(name)) return *found;
  }
  if (const auto* const found = variables_.find(name)) return *found;
  if (auto found = environment_.shared.globals.find(name)) return found;
  // Given up by Asterisk long ago, still in dialplans; a variable of the name goes first.
  if (name == "DATETIME")
    return base::local_text(environment_.shared.clock.wall(), "%d%m%Y-%H:%M:%S");
  if (name == "TIMESTAMP")
    return base::local_text(environment_.shared.clock.wall(), "%Y%m%d-%H%M%S");
  return std::nullopt;
}

void Run::set_variable(std::string_view name, std::string value) {
  name = variable_name(name);
  auto* const events = environment_.shared.events;
  if (events != nullptr && events->wants_dialplan()) events->on_var_set(this, name, value);
  for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame) {
    if (frame->locals.find(name) == nullptr) continue;
    return frame->locals.set(name, std::move(value));
  }
  variables_.set(name, std::move(value));
}

std::string Run::unique_id() const { return fmt::format("{}.{}", epoch(begun_wall_), number_); }

std::string Run::expand_part(std::string_view part) {
  return raw_ ? expand(*this, part) : std::string(part);
}

// --- position

base::Result<Position> Run::resolve_label(std::string_view label) const {
  // From the end: the priority, the extension, the context.
  auto rest = base::trim(label);
  const auto take = [&rest] {
    const auto comma = rest.rfind(',');
    const auto part = comma == std::string_view::npos ? rest : rest.substr(comma + 1);
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(0, comma);
    return base::trim(part);
  };
  const auto priority = take();
  const auto exten = take();
  const auto context = take();
  if (!rest.empty() || priority.empty()) {
    return base::fail("'{}' is no label; [[context,]extension,]priority is meant", label);
  }
  Position place{context.empty() ? position_.context : std::string(context),
                 exten.empty() ? position_.exten : std::string(exten), 0};
  const auto number = base::parse_number<int>(priority.substr(priority[0] == '+' ? 1 : 0));
  if (priority == "n") {
    place.priority = position_.priority + 1;
  } else if (number && (priority[0] == '+' || priority[0] == '-')) {
    place.priority = position_.priority + *number;
  } else if (number) {
    place.priority = *number;
  } else {
    const auto found = dialplan_->find_label(place.context, place.exten, priority, now_);
    if (!found) {
      return base::fail("extension '{}' of context '{}' has no label '{}'", place.exten,
                        place.context, priority);
    }
    place.priority = *found;
  }
  if (place.priority >= 1) return place;
  return base::fail("'{}' is no priority: it must be a number from 1 or a label", priority);
}

// --- log

std::string Run::place() const { return current_ == nullptr ? "dialplan" : current_->where.str(); }

void Run::warn(std::string_view text) const {
  log::warning("{}: {}", place(), base::printable(text, 500));
}

void Run::notice(std::string_view text) const {
  log::info("{}: {}", place(), base::printable(text, 500));
}

}  // namespace missive::dialplan

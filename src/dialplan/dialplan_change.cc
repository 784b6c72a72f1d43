#include "dialplan/dialplan_change.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "dialplan/application.h"
#include "dialplan/extension_line.h"
#include "dialplan/function.h"
#include "dialplan/pattern.h"

namespace missive::dialplan {

std::optional<int> priority_number(std::string_view text) {
  if (text == "hint") return hint_priority;
  const auto number = base::parse_number<int>(text);
  return number && *number >= 1 ? number : std::nullopt;
}

namespace {

using Change = Changed::Outcome;

std::string shown(std::string_view text) { return base::printable(text, 80); }

Changed refused(std::string problem) { return {Change::refused, std::move(problem), nullptr}; }

}  // namespace

// A copy that is changed before anybody else sees it.
class DialplanEditor {
 public:
  explicit DialplanEditor(const Dialplan& original)
      : dialplan_(std::make_shared<Dialplan>(original)) {}

  Context* find_context(std::string_view name) {
    const auto found = dialplan_->places_.find(name);
    return found == dialplan_->places_.end() ? nullptr : &dialplan_->contexts_[found->second];
  }
  Context& make_context(std::string_view name) {
    if (auto* found = find_context(name)) return *found;
    dialplan_->places_.emplace(std::string(name), dialplan_->contexts_.size());
    auto& context = dialplan_->contexts_.emplace_back();
    context.name = name;
    return context;
  }

  static Extension* find_extension(Context& context, std::string_view name) {
    if (!name.starts_with('_')) {
      const auto found = context.exact.find(without_dashes(name));
      return found == context.exact.end() ? nullptr : &context.extensions[found->second];
    }
    const auto found = std::find_if(
        context.extensions.begin(), context.extensions.end(),
        [name](const Extension& each) { return each.is_pattern && each.name == name; });
    return found == context.extensions.end() ? nullptr : &*found;
  }

  static base::Result<Extension*> make_extension(Context& context, std::string_view name) {
    if (auto* found = find_extension(context, name)) return found;
    const auto place = context.extensions.size();
    if (name.starts_with('_')) {
      if (auto placed = place_pattern(context, name, place); !placed) {
        return tl::unexpected(placed.error());
      }
    } else {
      context.exact.emplace(without_dashes(name), place);
    }
    auto& extension = context.extensions.emplace_back();
    extension.name = name;
    extension.is_pattern = name.starts_with('_');
    return &extension;
  }

  static void remove_extension(Context& context, const Extension& extension) {
    const auto place = static_cast<std::size_t>(&extension - context.extensions.data());
    const auto closes_up = [place](std::size_t& other) {
      if (other > place) --other;
    };
    std::erase(context.patterns, place);
    std::erase_if(context.exact, [place](const auto& each) { return each.second == place; });
    for (auto& other : context.patterns) closes_up(other);
    for (auto& [name, other] : context.exact) closes_up(other);
    context.extensions.erase(context.extensions.begin() + static_cast<std::ptrdiff_t>(place));
  }

  Changed finish() { return {Change::done, {}, std::move(dialplan_)}; }

 private:
  static base::Result<void> place_pattern(Context& context, std::string_view name,
                                          std::size_t place) {
    std::vector<std::string> warnings;
    const auto order = PatternOrder::of(name, warnings);
    if (!order) return tl::unexpected(order.error());
    for (const auto& warning : warnings) log::warning("dialplan: {}", warning);
    const auto next = std::upper_bound(context.patterns.begin(), context.patterns.end(), *order,
                                       [&](const PatternOrder& wanted, std::size_t other) {
                                         const auto its = PatternOrder::of(
                                             context.extensions[other].name, warnings);
                                         return its && wanted < *its;
                                       });
    context.patterns.insert(next, place);
    return {};
  }

  std::shared_ptr<Dialplan> dialplan_;
};

Changed add_priority(const Dialplan& dialplan, const NewPriority& added,
                     const ApplicationTable& applications, const FunctionTable& functions) {
  if (!split_caller(added.exten).caller.empty()) {
    return refused(fmt::format("extension '{}' is never run: a message has no caller id number",
                               shown(added.exten)));
  }
  DialplanEditor editor(dialplan);
  auto extension = DialplanEditor::make_extension(editor.make_context(added.context), added.exten);
  if (!extension) return refused(extension.error().text);
  const conf::Location where{"dialplan (added)", 0};
  if (added.number == hint_priority) {
    auto& hint = (*extension)->hint;
    if (hint && !added.replace) return {Change::exists, {}, nullptr};
    hint = Hint{std::string(added.application), {}, where};
    return editor.finish();
  }
  auto& priorities = (*extension)->priorities;
  const auto place = std::lower_bound(
      priorities.begin(), priorities.end(), added.number,
      [](const Priority& priority, int wanted) { return priority.number < wanted; });
  const bool is_there = place != priorities.end() && place->number == added.number;
  if (is_there && !added.replace) return {Change::exists, {}, nullptr};

  Priority priority;
  priority.number = added.number;
  priority.label = added.label;
  priority.application = added.application;
  priority.call = applications.find(added.application);
  priority.where = where;
  std::vector<std::string> warnings;
  priority.arguments = Template::compile(added.arguments, functions, warnings);
  for (const auto& warning : warnings) log::warning("dialplan: {}", warning);
  if (is_there) {
    *place = std::move(priority);
  } else {
    priorities.insert(place, std::move(priority));
  }
  return editor.finish();
}

Changed remove_extension(const Dialplan& dialplan, std::string_view context_name,
                         std::string_view exten, std::optional<int> number) {
  DialplanEditor editor(dialplan);
  auto* context = editor.find_context(context_name);
  if (context == nullptr) return {Change::no_context, {}, nullptr};
  auto* extension = DialplanEditor::find_extension(*context, exten);
  if (extension == nullptr) return {Change::no_extension, {}, nullptr};
  if (number == hint_priority) {
    if (!extension->hint) return {Change::no_priority, {}, nullptr};
    extension->hint.reset();
  } else if (number) {
    const auto removed = std::erase_if(extension->priorities, [number](const Priority& priority) {
      return priority.number == *number;
    });
    if (removed == 0) return {Change::no_priority, {}, nullptr};
  }
  if (!number || (extension->priorities.empty() && !extension->hint)) {
    DialplanEditor::remove_extension(*context, *extension);
  }
  return editor.finish();
}

}  // namespace missive::dialplan

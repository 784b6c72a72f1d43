#include "dialplan/dialplan_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/text.h"
#include "conf/nearest.h"
#include "dialplan/application.h"
#include "dialplan/function.h"

namespace missive::dialplan {
namespace {

using Severity = conf::Problem::Severity;

struct GeneralOption {
  std::string_view name;
  std::string_view why_meaningless;  // empty: nothing to say
};

constexpr std::array general_options{
    GeneralOption{"static", {}},
    GeneralOption{"writeprotect", {}},
    GeneralOption{"autofallthrough", {}},
    GeneralOption{"clearglobalvars", {}},
    GeneralOption{"extenpatternmatchnew", "there is one way of matching"},
    GeneralOption{"userscontext", "there is no users.conf"},
    GeneralOption{"priorityjumping", "no application jumps to n+101"},
};

constexpr std::array<std::string_view, 9> context_options{
    "exten", "same", "include", "ignorepat", "switch", "eswitch", "lswitch", "autohints", "hint"};

std::string shown(std::string_view text) { return base::printable(text, 80); }

}  // namespace

DialplanBuilder::DialplanBuilder(const ApplicationTable& applications,
                                 const FunctionTable& functions, conf::Problems& found)
    : applications_(applications), functions_(functions), found_(found), texts_(functions) {}

void DialplanBuilder::error(const conf::Location& where, std::string text) {
  found_.push_back({Severity::error, where, std::move(text)});
}

void DialplanBuilder::warn(const conf::Location& where, std::string text) {
  found_.push_back({Severity::warning, where, std::move(text)});
}

std::string DialplanBuilder::expand(std::string_view text, const conf::Location& where) {
  std::vector<std::string> warnings;
  auto expanded = texts_.expand(text, warnings);
  for (auto& warning : warnings) warn(where, std::move(warning));
  return expanded;
}

base::Result<std::shared_ptr<const Dialplan>> DialplanBuilder::build(const conf::File& file,
                                                                     conf::Problems& problems) {
  const auto is_named = [](const conf::Section& section, std::string_view name) {
    return base::iequals(section.name, name);
  };
  for (const auto& section : file.sections) {
    if (section.is_template) continue;
    if (is_named(section, "general")) read_general(section);
    if (is_named(section, "globals")) read_globals(section);
  }
  for (const auto& section : file.sections) {
    if (section.is_template || is_named(section, "general") || is_named(section, "globals")) {
      continue;
    }
    read_context(section);
  }
  finish();

  const auto is_error = [](const auto& problem) { return problem.severity == Severity::error; };
  const auto errors = std::count_if(found_.begin(), found_.end(), is_error);
  std::string first;
  if (errors > 0) first = std::find_if(found_.begin(), found_.end(), is_error)->str();
  std::move(found_.begin(), found_.end(), std::back_inserter(problems));
  if (errors == 0) return dialplan_;
  return base::fail("{} has {} error{}: {}{}", file.name, errors, errors > 1 ? "s" : "", first,
                    errors > 1 ? " ..." : "");
}

// --- [general] and [globals]

void DialplanBuilder::read_general(const conf::Section& section) {
  for (const auto& option : section.options) {
    const auto known =
        std::find_if(general_options.begin(), general_options.end(),
                     [&option](const auto& one) { return base::iequals(one.name, option.name); });
    if (known == general_options.end()) {
      std::vector<std::string_view> names;
      for (const auto& one : general_options) names.push_back(one.name);
      warn(option.where, fmt::format("[general] of a dialplan has no option '{}'{}",
                                     shown(option.name), conf::did_you_mean(option.name, names)));
      continue;
    }
    const auto is_on = base::parse_bool(option.value);
    if (!known->why_meaningless.empty() && is_on != false) {
      warn(option.where, fmt::format("{} has no effect: {}", known->name, known->why_meaningless));
    }
    if (known->name == "autofallthrough" && is_on == false) {
      warn(option.where,
           "autofallthrough=no has no effect: a message has no digits to wait for, its run ends");
    }
    if (known->name == "clearglobalvars") dialplan_->clears_globals_ = is_on.value_or(false);
  }
}

void DialplanBuilder::read_globals(const conf::Section& section) {
  for (const auto& option : section.options) {
    texts_.set_global(option.name, expand(option.value, option.where));
  }
}

// --- contexts

void DialplanBuilder::read_context(const conf::Section& section) {
  auto& contexts = dialplan_->contexts_;
  const auto [place, is_new] = dialplan_->places_.emplace(section.name, contexts.size());
  if (is_new) {
    contexts.emplace_back();
    contexts.back().name = section.name;
    contexts.back().where = section.where;
  }
  Cursor cursor;
  cursor.context = place->second;
  for (const auto& option : section.options) read_option(option, cursor);
}

void DialplanBuilder::read_option(const conf::Option& option, Cursor& cursor) {
  const auto is = [&option](std::string_view name) { return base::iequals(option.name, name); };
  if (is("exten")) return read_exten(option, cursor);
  if (is("same")) return read_same(option, cursor);
  if (is("include")) return read_include(option, dialplan_->contexts_[cursor.context]);
  if (is("ignorepat") || is("autohints") || is("hint")) return;
  if (is("switch") || is("eswitch") || is("lswitch")) {
    return warn(option.where,
                fmt::format("'{} => {}' is left out: dialplans elsewhere are not asked",
                            base::lower(option.name), shown(option.value)));
  }
  warn(option.where, fmt::format("'{}' means nothing in a context{}", shown(option.name),
                                 conf::did_you_mean(option.name, {context_options.begin(),
                                                                  context_options.end()})));
}

void DialplanBuilder::read_exten(const conf::Option& option, Cursor& cursor) {
  const auto line = split_exten(option.value);
  if (!line) return error(option.where, line.error().text);
  const auto name = expand(line->name, option.where);
  const auto [exten, caller] = split_caller(name);
  if (exten.empty()) {
    return error(option.where,
                 fmt::format("'{}' leaves an extension without a name", shown(line->name)));
  }
  if (!caller.empty() && (cursor.name != exten || cursor.caller != caller)) {
    warn(option.where, fmt::format("extension '{}' for caller '{}' is never run: a message has no "
                                   "caller id number",
                                   shown(exten), shown(caller)));
  }
  cursor.name = exten;
  cursor.caller = caller;
  read_line(option, *line, cursor);
}

void DialplanBuilder::read_same(const conf::Option& option, Cursor& cursor) {
  const auto line = split_same(option.value);
  if (!line) return error(option.where, line.error().text);
  if (cursor.name.empty()) {
    return error(option.where, "'same' needs an 'exten' above it in this section");
  }
  read_line(option, *line, cursor);
}

void DialplanBuilder::read_line(const conf::Option& option, const ExtensionLine& line,
                                Cursor& cursor) {
  const auto text = expand(line.priority, option.where);
  const auto priority = read_priority(text);
  if (!priority) return error(option.where, priority.error().text);
  if (priority->kind == PriorityText::Kind::hint) {
    if (cursor.caller.empty()) add_hint(option, cursor, line.call);
    return;
  }
  const auto call = read_call(line.call);
  if (!call) return error(option.where, call.error().text);
  int number = priority->number;
  if (priority->kind != PriorityText::Kind::number) {
    if (cursor.priority == 0) {
      return error(option.where, fmt::format("priority '{}' needs a line with a number above it in "
                                             "this section; the first one is 1",
                                             shown(text)));
    }
    number = cursor.priority + (priority->kind == PriorityText::Kind::next ? 1 : 0);
  }
  cursor.priority = number + priority->plus;
  if (cursor.caller.empty()) add(option, cursor, priority->label, *call);
}

Extension* DialplanBuilder::extension(const conf::Option& option, const Cursor& cursor) {
  auto& context = dialplan_->contexts_[cursor.context];
  const bool is_pattern = cursor.name.starts_with('_');
  const auto end = context.extensions.size();
  if (is_pattern) {
    const auto [known, is_new] = patterns_.try_emplace({cursor.context, cursor.name}, end);
    if (!is_new) return &context.extensions[known->second];
    std::vector<std::string> warnings;
    auto order = PatternOrder::of(cursor.name, warnings);
    for (auto& warning : warnings) warn(option.where, std::move(warning));
    if (!order) {
      error(option.where, order.error().text);
      patterns_.erase(known);
      return nullptr;
    }
    orders_.emplace(std::pair(cursor.context, end), std::move(*order));
    context.patterns.push_back(end);
  } else {
    const auto [known, is_new] = context.exact.try_emplace(without_dashes(cursor.name), end);
    if (!is_new) return &context.extensions[known->second];
  }
  context.extensions.emplace_back();
  context.extensions.back().name = cursor.name;
  context.extensions.back().is_pattern = is_pattern;
  return &context.extensions.back();
}

void DialplanBuilder::add(const conf::Option& option, const Cursor& cursor, std::string_view label,
                          const Call& call) {
  auto* extension = this->extension(option, cursor);
  if (extension == nullptr) return;
  auto& priorities = extension->priorities;
  const auto& context = dialplan_->contexts_[cursor.context].name;
  const auto place = std::lower_bound(
      priorities.begin(), priorities.end(), cursor.priority,
      [](const Priority& priority, int wanted) { return priority.number < wanted; });
  if (place != priorities.end() && place->number == cursor.priority) {
    return warn(
        option.where,
        fmt::format("Unable to register extension '{}' priority {} in '{}', already in "
                    "use; it is that of {}",
                    shown(cursor.name), cursor.priority, shown(context), place->where.str()));
  }
  auto priority = make_priority(option, cursor, call);
  if (const auto taken = extension->find_label(label)) {
    warn(option.where, fmt::format("label '{}' of extension '{}' is that of priority {} already; "
                                   "it stays there",
                                   shown(label), shown(cursor.name), *taken));
  } else {
    priority.label = label;
  }
  priorities.insert(place, std::move(priority));
}

void DialplanBuilder::add_hint(const conf::Option& option, const Cursor& cursor,
                               std::string_view text) {
  auto* extension = this->extension(option, cursor);
  if (extension == nullptr) return;
  if (extension->hint) {
    return warn(option.where, fmt::format("extension '{}' has a hint already, at {}; it stays",
                                          shown(cursor.name), extension->hint->where.str()));
  }
  // "PJSIP/alice(Alice A)"
  std::string_view name;
  if (const auto open = text.rfind('('); open != std::string_view::npos && text.ends_with(')')) {
    name = text.substr(open + 1, text.size() - open - 2);
    text = base::trim(text.substr(0, open));
  }
  extension->hint = Hint{std::string(text), std::string(name), option.where};
}

Priority DialplanBuilder::make_priority(const conf::Option& option, const Cursor& cursor,
                                        const Call& call) {
  Priority priority;
  priority.number = cursor.priority;
  priority.application = call.application;
  priority.call = applications_.find(call.application);
  priority.where = option.where;
  if (priority.call == nullptr) {
    warn(option.where,
         fmt::format("No application '{}' for extension ({}, {}, {}){}", shown(call.application),
                     shown(dialplan_->contexts_[cursor.context].name), shown(cursor.name),
                     cursor.priority, conf::did_you_mean(call.application, applications_.names())));
  }
  std::vector<std::string> warnings;
  priority.arguments = Template::compile(call.arguments, functions_, warnings);
  for (auto& warning : warnings) warn(option.where, std::move(warning));
  return priority;
}

void DialplanBuilder::read_include(const conf::Option& option, Context& context) {
  const auto text = expand(option.value, option.where);
  const auto end = std::min(text.find_first_of(",|"), text.size());
  Include include;
  include.context = base::trim(std::string_view(text).substr(0, end));
  include.where = option.where;
  if (include.context.empty()) {
    return error(option.where, "'include' needs the name of a context");
  }
  if (end < text.size()) {
    auto when = TimeRange::parse(std::string_view(text).substr(end + 1));
    if (!when) return error(option.where, when.error().text);
    include.when = std::move(*when);
  }
  context.includes.push_back(std::move(include));
}

// --- when all is read

void DialplanBuilder::finish() {
  for (std::size_t i = 0; i < dialplan_->contexts_.size(); ++i) {
    auto& context = dialplan_->contexts_[i];
    std::stable_sort(context.patterns.begin(), context.patterns.end(),
                     [this, i](std::size_t a, std::size_t b) {
                       return orders_.at({i, a}) < orders_.at({i, b});
                     });
    check_includes(context);
  }
  dialplan_->globals_ = texts_.globals();
}

void DialplanBuilder::check_includes(const Context& context) {
  for (const auto& include : context.includes) {
    if (dialplan_->context(include.context) != nullptr) continue;
    std::vector<std::string_view> names;
    for (const auto& other : dialplan_->contexts_) names.push_back(other.name);
    warn(include.where,
         fmt::format("context '{}' includes '{}', which does not exist{}", shown(context.name),
                     shown(include.context), conf::did_you_mean(include.context, names)));
  }
}

}  // namespace missive::dialplan

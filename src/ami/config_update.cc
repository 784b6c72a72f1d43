#include "ami/config_update.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace missive::ami {
namespace {

using conf::Document;
using Outcome = std::optional<Refusal>;

constexpr std::string_view unknown_category = "Given category does not exist";
constexpr std::string_view update_failed = "Update did not complete successfully";
constexpr std::string_view missing_argument = "Problem with category, value, or line (if required)";

Outcome refused(std::string_view message, std::string reason = {}) {
  return Refusal{std::string(message), std::move(reason)};
}

Outcome outcome_of(const base::Result<void>& done, std::string_view message) {
  return done ? std::nullopt : refused(message, done.error().text);
}

// `allowdups,inherit="a,b",catfilter="x=y"`: names without case, quotes taken off.
std::vector<std::pair<std::string, std::string>> read_options(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> options;
  std::string part;
  bool quoted = false;
  const auto end_part = [&] {
    const std::string_view whole = base::trim(part);
    if (!whole.empty()) {
      const auto equals = std::min(whole.find('='), whole.size());
      const auto value = equals == whole.size() ? "yes" : base::trim(whole.substr(equals + 1));
      options.emplace_back(base::lower(base::trim(whole.substr(0, equals))), value);
    }
    part.clear();
  };
  for (const char c : text) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      end_part();
    } else {
      part += c;
    }
  }
  end_part();
  return options;
}

std::string option(std::string_view text, std::string_view name) {
  for (auto& [each, value] : read_options(text)) {
    if (each == name) return value;
  }
  return {};
}

bool has_option(std::string_view text, std::string_view name) {
  return base::parse_bool(option(text, name)).value_or(false);
}

// What is to be made is there already, or what is to be deleted is not.
bool ignores_error(const ConfigChange& change) { return has_option(change.options, "ignoreerror"); }

// What one change is made to.
struct Target {
  Document& document;
  const ConfigChange& change;
  std::vector<std::size_t> categories;  // those it names
  bool object = false;
  std::string_view value;
};

Outcome new_category(Target& target) {
  const auto& [document, change, unused, object, value] = target;
  const bool is_template = has_option(change.options, "template");
  const bool may_repeat = has_option(change.options, "allowdups");
  constexpr std::string_view failed = "Create category did not complete successfully";
  const auto& categories = document.categories();
  const auto place_of = [&categories](std::string_view name) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < categories.size(); ++i) {
      if (base::iequals(categories[i].name, name)) return i;
    }
    return std::nullopt;
  };
  if (!may_repeat && place_of(change.category)) {
    if (ignores_error(change)) return std::nullopt;
    return refused(failed, fmt::format("there is a category '{}'", change.category));
  }
  std::vector<std::size_t> bases;
  const auto inherited = option(change.options, "inherit");
  for (const auto name : base::split_list(inherited)) {
    const auto found =
        std::find_if(categories.begin(), categories.end(), [name](const auto& category) {
          return category.is_template && base::iequals(category.name, name);
        });
    if (found == categories.end()) return refused("Template category not found", std::string(name));
    bases.push_back(static_cast<std::size_t>(found - categories.begin()));
  }
  std::optional<std::size_t> before;
  if (!change.match.empty()) {
    before = place_of(change.match);
    if (!before) return refused(failed, fmt::format("there is no category '{}'", change.match));
  }
  return outcome_of(document.add_category(change.category, is_template, bases, before), failed);
}

Outcome rename_category(Target& target) {
  if (target.value.empty()) return refused(missing_argument);
  for (const auto category : target.categories) {
    const auto done = target.document.rename_category(category, target.value);
    if (!done) return refused(missing_argument, done.error().text);
  }
  return std::nullopt;
}

Outcome delete_category(Target& target) {
  // From the end, so that the places of those before stay.
  for (auto place = target.categories.rbegin(); place != target.categories.rend(); ++place) {
    target.document.remove_category(*place);
  }
  return std::nullopt;
}

Outcome empty_category(Target& target) {
  for (const auto category : target.categories) target.document.empty_category(category);
  return std::nullopt;
}

bool is_meant(const Document::Variable& variable, const ConfigChange& change) {
  return base::iequals(variable.name, change.variable) &&
         (change.match.empty() || base::iequals(variable.value, change.match));
}

// The first variable of each category that is meant.
Outcome update(Target& target) {
  if (target.change.variable.empty()) return refused(missing_argument);
  bool found = false;
  for (const auto category : target.categories) {
    const auto& variables = target.document.categories()[category].variables;
    for (std::size_t i = 0; i < variables.size(); ++i) {
      if (!is_meant(variables[i], target.change)) continue;
      const auto done = target.document.set_variable(category, i, target.value, target.object);
      if (!done) return refused(update_failed, done.error().text);
      found = true;
      break;
    }
  }
  return found ? std::nullopt : refused(update_failed, "there is no such variable");
}

// All that are meant, or the one of that number.
Outcome remove(Target& target) {
  const auto& change = target.change;
  if (change.variable.empty() && change.line.empty()) return refused(missing_argument);
  const auto line = base::parse_number<std::size_t>(change.line);
  if (!change.line.empty() && !line) return refused(update_failed, "Line is no number");
  bool found = false;
  for (const auto category : target.categories) {
    const auto& variables = target.document.categories()[category].variables;
    for (std::size_t i = variables.size(); i-- > 0;) {
      if (variables[i].is_inherited()) continue;
      if (line ? i != *line : !is_meant(variables[i], change)) continue;
      target.document.remove_variable(category, i);
      found = true;
    }
  }
  if (found || ignores_error(change)) return std::nullopt;
  return refused(update_failed, "there is no such variable that the category has of its own");
}

Outcome add(Target& target, std::size_t before) {
  for (const auto category : target.categories) {
    const auto done = target.document.add_variable(category, target.change.variable, target.value,
                                                   target.object, before);
    if (!done) return refused(missing_argument, done.error().text);
  }
  return std::nullopt;
}

Outcome append(Target& target) {
  if (target.change.variable.empty()) return refused(missing_argument);
  return add(target, static_cast<std::size_t>(-1));
}

Outcome insert(Target& target) {
  const auto line = base::parse_number<std::size_t>(target.change.line);
  if (target.change.variable.empty() || !line) return refused(missing_argument);
  return add(target, *line);
}

struct Verb {
  std::string_view name;
  Outcome (*apply)(Target& target);
  bool needs_category = true;      // that there is one
  bool may_lack_category = false;  // with ignoreerror
};
constexpr std::array verbs{
    Verb{"newcat", new_category, false},
    Verb{"renamecat", rename_category},
    Verb{"delcat", delete_category, true, true},
    Verb{"emptycat", empty_category},
    Verb{"update", update},
    Verb{"delete", remove},
    Verb{"append", append},
    Verb{"insert", insert},
};

Outcome apply_change(Document& document, const ConfigChange& change) {
  if (change.category.empty()) return refused("Category not specified");
  const auto verb = std::find_if(verbs.begin(), verbs.end(), [&change](const Verb& each) {
    return base::iequals(each.name, change.action);
  });
  if (verb == verbs.end()) return refused("Unknown action command", change.action);
  Target target{document, change, {}, change.value.starts_with('>'), change.value};
  if (target.object) target.value.remove_prefix(1);
  if (base::iequals(change.match, "object")) target.object = true;
  if (verb->needs_category) {
    const auto filter = CategoryFilter::parse(option(change.options, "catfilter"));
    if (!filter) return refused(missing_argument, filter.error().text);
    target.categories = filter->find(document, change.category, true);
    if (target.categories.empty()) {
      if (verb->may_lack_category && ignores_error(change)) return std::nullopt;
      return refused(unknown_category, change.category);
    }
  }
  return verb->apply(target);
}

}  // namespace

std::vector<ConfigChange> read_changes(const ActionView& action) {
  std::vector<ConfigChange> changes;
  for (std::size_t i = 0;; ++i) {
    const auto header = [&action, i](std::string_view name) {
      return std::string(action.header(fmt::format("{}-{:06}", name, i)));
    };
    auto what = header("Action");
    if (what.empty()) return changes;
    changes.push_back({std::move(what), header("Cat"), header("Var"), header("Value"),
                       header("Match"), header("Line"), header("Options")});
  }
}

std::optional<Refusal> apply_changes(Document& document, const std::vector<ConfigChange>& changes) {
  for (const auto& change : changes) {
    if (auto failed = apply_change(document, change)) return failed;
  }
  return std::nullopt;
}

}  // namespace missive::ami

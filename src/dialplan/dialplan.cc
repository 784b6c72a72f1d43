#include "dialplan/dialplan.h"

#include <algorithm>
#include <array>

#include "dialplan/dialplan_builder.h"
#include "dialplan/pattern.h"

namespace missive::dialplan {
namespace {

constexpr std::string_view file_name = "extensions.conf";

}  // namespace

const Priority* Extension::find(int number) const {
  // They mostly count from one without a gap.
  const auto place = static_cast<std::size_t>(number) - 1;
  if (number > 0 && place < priorities.size() && priorities[place].number == number) {
    return &priorities[place];
  }
  const auto found = std::lower_bound(
      priorities.begin(), priorities.end(), number,
      [](const Priority& priority, int wanted) { return priority.number < wanted; });
  return found != priorities.end() && found->number == number ? &*found : nullptr;
}

std::optional<int> Extension::find_label(std::string_view label) const {
  if (label.empty()) return std::nullopt;
  const auto found =
      std::find_if(priorities.begin(), priorities.end(),
                   [label](const Priority& priority) { return priority.label == label; });
  if (found == priorities.end()) return std::nullopt;
  return found->number;
}

// --- loading

base::Result<std::shared_ptr<const Dialplan>> Dialplan::load(const std::filesystem::path& folder,
                                                             const ApplicationTable& applications,
                                                             const FunctionTable& functions,
                                                             conf::Problems& problems) {
  std::error_code error;
  const auto status = std::filesystem::status(folder / file_name, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    return std::make_shared<const Dialplan>();
  }
  conf::Problems found;
  const auto file = conf::load(folder, file_name, found);
  if (!file) return tl::unexpected(file.error());
  return DialplanBuilder(applications, functions, found).build(*file, problems);
}

base::Result<std::shared_ptr<const Dialplan>> Dialplan::parse(std::string_view text,
                                                              const ApplicationTable& applications,
                                                              const FunctionTable& functions,
                                                              conf::Problems& problems) {
  conf::Problems found;
  const auto file = conf::parse(text, file_name, found);
  return DialplanBuilder(applications, functions, found).build(file, problems);
}

// --- look-ups

// What one look-up asks for, and where it has been: a context is searched once.
struct Dialplan::Search {
  std::string_view exten;
  std::string bare;  // without dashes, where it has any
  base::WallTime now;
  std::array<const Context*, most_contexts> visited;
  std::size_t visited_count = 0;

  Search(std::string_view the_exten, base::WallTime the_now) : exten(the_exten), now(the_now) {
    if (exten.find('-') != std::string_view::npos) bare = without_dashes(exten);
  }

  // The name as Context::exact has it.
  std::string_view key() const { return bare.empty() ? exten : std::string_view(bare); }

  // False where it has been there before, or has been in too many.
  bool enter(const Context& context) {
    const auto end = visited.begin() + static_cast<std::ptrdiff_t>(visited_count);
    if (visited_count == most_contexts || std::find(visited.begin(), end, &context) != end) {
      return false;
    }
    visited[visited_count++] = &context;
    return true;
  }
};

const Context* Dialplan::context(std::string_view name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? nullptr : &contexts_[found->second];
}

template <class Visit>
bool Dialplan::visit_matches(std::string_view context_name, Search& search, Visit&& visit) const {
  const auto* found = context(context_name);
  if (found == nullptr || !search.enter(*found)) return false;
  if (const auto exact = found->exact.find(search.key()); exact != found->exact.end()) {
    if (visit(found->extensions[exact->second])) return true;
  }
  for (const auto place : found->patterns) {
    const auto& extension = found->extensions[place];
    if (matches_pattern(extension.name, search.exten) && visit(extension)) return true;
  }
  for (const auto& include : found->includes) {
    if (include.when && !include.when->contains(search.now)) continue;
    if (visit_matches(include.context, search, visit)) return true;
  }
  return false;
}

const Priority* Dialplan::find(std::string_view context, std::string_view exten, int priority,
                               base::WallTime now) const {
  const Priority* found = nullptr;
  Search search(exten, now);
  visit_matches(context, search, [&found, priority](const Extension& extension) {
    found = extension.find(priority);
    return found != nullptr;
  });
  return found;
}

std::optional<int> Dialplan::find_label(std::string_view context, std::string_view exten,
                                        std::string_view label, base::WallTime now) const {
  std::optional<int> found;
  Search search(exten, now);
  visit_matches(context, search, [&found, label](const Extension& extension) {
    found = extension.find_label(label);
    return found.has_value();
  });
  return found;
}

const Extension* Dialplan::extension(std::string_view context, std::string_view exten,
                                     base::WallTime now) const {
  const Extension* found = nullptr;
  Search search(exten, now);
  visit_matches(context, search, [&found](const Extension& extension) {
    if (extension.find(1) != nullptr) found = &extension;
    return found != nullptr;
  });
  return found;
}

const Extension* Dialplan::hinted(std::string_view context, std::string_view exten,
                                  base::WallTime now) const {
  const Extension* found = nullptr;
  Search search(exten, now);
  visit_matches(context, search, [&found](const Extension& extension) {
    if (extension.hint) found = &extension;
    return found != nullptr;
  });
  return found;
}

}  // namespace missive::dialplan

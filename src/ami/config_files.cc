#include "ami/config_files.h"

#include <algorithm>
#include <array>
#include <system_error>

#include "base/text.h"
#include "conf/atomic_file.h"

namespace missive::ami {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> secret_words{"secret", "passw", "md5_cred", "token",
                                                       "credential"};
// `user:secret@host` is a part of their value.
constexpr std::array<std::string_view, 3> lines_with_secrets{"register", "auth", "mwi"};

}  // namespace

// --- files ---

std::optional<fs::path> config_path(const fs::path& folder, std::string_view name, Refusal& why) {
  if (name.empty()) {
    why = {"Filename not specified"};
    return std::nullopt;
  }
  auto path = folder / fs::path(name);
  if (name.find('\0') != std::string_view::npos || !conf::is_inside(folder, path)) {
    why = {"File requires escalated privileges",
           "only files inside of the configuration folder are shown and changed"};
    return std::nullopt;
  }
  return path;
}

std::optional<conf::Document> load_config(const fs::path& folder, std::string_view name,
                                          Refusal& why) {
  const auto path = config_path(folder, name, why);
  if (!path) return std::nullopt;
  std::error_code failed;
  if (!fs::is_regular_file(*path, failed)) {
    why = {"Config file not found"};
    return std::nullopt;
  }
  auto document = conf::Document::load(folder, fs::path(name));
  if (document) return std::move(*document);
  why = {"Config file has invalid format", document.error().text};
  return std::nullopt;
}

// --- secrets ---

bool is_secret(const conf::Document::Variable& variable) {
  const auto name = base::lower(variable.name);
  const auto is_in_name = [&name](std::string_view word) {
    return name.find(word) != std::string::npos;
  };
  if (std::any_of(secret_words.begin(), secret_words.end(), is_in_name)) return true;
  return std::find(lines_with_secrets.begin(), lines_with_secrets.end(), name) !=
             lines_with_secrets.end() &&
         variable.value.find(':') < variable.value.rfind('@') &&
         variable.value.rfind('@') != std::string::npos;
}

std::string_view visible_value(const conf::Document::Variable& variable, bool with_secrets) {
  if (with_secrets || variable.value.empty() || !is_secret(variable)) return variable.value;
  return hidden_value;
}

// --- categories ---

base::Result<CategoryFilter> CategoryFilter::parse(std::string_view text) {
  CategoryFilter filter;
  for (const auto part : base::split_list(text)) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) {
      return base::fail("'{}' is no name_regex=value_regex", base::printable(part, 80));
    }
    const auto name = base::trim(part.substr(0, equals));
    const auto value = base::trim(part.substr(equals + 1));
    if (name == "TEMPLATES") {
      if (base::iequals(value, "include")) filter.templates_ = Templates::included;
      if (base::iequals(value, "restrict")) filter.templates_ = Templates::alone;
      continue;
    }
    auto name_regex = base::Regex::compile(name);
    if (!name_regex) return tl::unexpected(name_regex.error());
    auto value_regex = base::Regex::compile(value);
    if (!value_regex) return tl::unexpected(value_regex.error());
    filter.terms_.push_back({std::move(*name_regex), std::move(*value_regex)});
  }
  return filter;
}

bool CategoryFilter::matches(const conf::Document::Category& category, bool with_secrets) const {
  if (category.is_template ? templates_ == Templates::none : templates_ == Templates::alone) {
    return false;
  }
  return std::all_of(terms_.begin(), terms_.end(), [&](const Term& term) {
    return std::any_of(category.variables.begin(), category.variables.end(),
                       [&](const conf::Document::Variable& variable) {
                         const auto value = visible_value(variable, with_secrets);
                         return term.name.matches(variable.name).value_or(false) &&
                                term.value.matches(value).value_or(false);
                       });
  });
}

std::vector<std::size_t> CategoryFilter::find(const conf::Document& document, std::string_view name,
                                              bool with_secrets) const {
  std::vector<std::size_t> found;
  const auto& categories = document.categories();
  for (std::size_t i = 0; i < categories.size(); ++i) {
    if (!name.empty() && !base::iequals(categories[i].name, name)) continue;
    if (matches(categories[i], with_secrets)) found.push_back(i);
  }
  return found;
}

}  // namespace missive::ami

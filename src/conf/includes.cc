#include "conf/includes.h"

#include <glob.h>

#include <memory>

namespace missive::conf {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view wildcards = "*?[{";

// So that glob() takes the folder's own name as it is.
std::string escape_wildcards(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (wildcards.find(c) != std::string_view::npos || c == '}' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

struct GlobDeleter {
  void operator()(glob_t* found) const { globfree(found); }
};

}  // namespace

std::string_view unquote_include(std::string_view argument) {
  if (argument.size() < 2) return argument;
  const char first = argument.front(), last = argument.back();
  const bool is_quoted = (first == '"' && last == '"') || (first == '<' && last == '>') ||
                         (first == '\'' && last == '\'');
  return is_quoted ? argument.substr(1, argument.size() - 2) : argument;
}

base::Result<std::vector<fs::path>> expand_include(const fs::path& folder,
                                                   std::string_view pattern) {
  const bool plain = pattern.find_first_of(wildcards) == std::string_view::npos;
  std::error_code none;
  if (plain || fs::exists(folder / pattern, none)) return std::vector<fs::path>{folder / pattern};
  const bool absolute = pattern.front() == '/';
  const auto full =
      (absolute ? "" : escape_wildcards(folder.string()) + "/") + std::string(pattern);
  glob_t found{};
  const int status = glob(full.c_str(), GLOB_BRACE, nullptr, &found);
  const std::unique_ptr<glob_t, GlobDeleter> free_later(&found);
  if (status == GLOB_NOMATCH) return std::vector<fs::path>{};
  if (status != 0) return base::fail("the files of '{}' cannot be listed", pattern);
  return std::vector<fs::path>(found.gl_pathv, found.gl_pathv + found.gl_pathc);
}

std::string name_within(const fs::path& folder, const fs::path& file) {
  const auto relative = file.lexically_normal().lexically_relative(folder.lexically_normal());
  if (relative.empty() || *relative.begin() == "..") return file.string();
  return relative.string();
}

}  // namespace missive::conf

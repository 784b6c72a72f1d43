// What `#include` names: one file, or every file a pattern matches.
//
// Relative names start at the configuration folder. A pattern is one of * ? [ ] { };
// its matches come sorted, and none at all is fine, as an empty conf.d is. A plain
// name always gives one path, whether there is such a file or not; so does the very name
// of a file that has such letters in it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace missive::conf {

// `"x"`, `<x>` or `x`.
std::string_view unquote_include(std::string_view argument);

base::Result<std::vector<std::filesystem::path>> expand_include(const std::filesystem::path& folder,
                                                                std::string_view pattern);

// The file as a person names it: relative to the folder where it is inside of it.
std::string name_within(const std::filesystem::path& folder, const std::filesystem::path& file);

}  // namespace missive::conf

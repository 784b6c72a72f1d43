// Where the files of the source tree are that tests read: "etc", "docs/ami.md".
//
// The one place that a test program learns it from, so that the others are compiled alike in every
// checkout, and only once.
#pragma once

#include <filesystem>
#include <string_view>

namespace missive {

std::filesystem::path source_file(std::string_view path);

}  // namespace missive

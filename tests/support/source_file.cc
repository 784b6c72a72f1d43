#include "support/source_file.h"

namespace missive {

std::filesystem::path source_file(std::string_view path) {
  return std::filesystem::path(MISSIVE_SOURCE_DIR) / path;
}

}  // namespace missive

// Reads a Document: the lines of a file and of what it includes, and what they mean.
//
// One object a file. An included file begins in the section that its #include line stands in, and
// behind that line the section is open again. Stops at the first thing that is wrong.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "conf/document.h"
#include "conf/lines.h"

namespace missive::conf {

class DocumentReader {
 public:
  // Without a folder there are no includes.
  DocumentReader(Document& document, std::filesystem::path folder)
      : document_(document), folder_(std::move(folder)) {}

  // The text that a file of that path will have.
  void know(const std::filesystem::path& path, std::string text) {
    known_.insert_or_assign(path, std::move(text));
  }
  base::Result<void> read_file(const std::filesystem::path& path);
  base::Result<void> read_text(const std::filesystem::path& path, std::string_view text);

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  base::Result<void> read_line(Document::Place line, std::string_view live);
  base::Result<void> read_header(Document::Place line, const SectionHeader& header);
  base::Result<void> inherit(std::string_view base_name);
  base::Result<void> read_option(Document::Place line, const OptionLine& option);
  base::Result<void> include(const IncludeLine& include);

  Document& document_;
  const std::filesystem::path folder_;
  std::vector<std::filesystem::path> open_;  // this file and those that include it
  std::map<std::filesystem::path, std::string> known_;
  int included_ = 0;
  std::size_t current_ = none;
};

}  // namespace missive::conf

// The syntax of Asterisk's configuration files, read into memory.
//
// A File is a list of sections in file order; a Section a list of options in
// file order, templates already applied (the template's options first). Sections
// of one name stay apart where the file has them apart ([alice] type=aor and
// [alice] type=endpoint). Every option knows the file and line it came from, so
// that whoever reads its value can say where it is wrong.
//
// Understood: `name = value`, `name => value`, `name += value`, `;` comments,
// `;-- block --;` comments, `\;` escapes, `[name](!)` templates,
// `[name](base,base)`, `[name](+)` additions, `#include`, `#tryinclude` (globs,
// relative to the folder of the first file; a loop is an error). `#exec` is refused.
//
// Source: Asterisk documentation, "Asterisk Configuration Files", "Config File
// Format". Errors name file, line and what would be right. Not thread-safe while
// loading; immutable and shareable after.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace missive::conf {

struct Location {
  std::string file;  // as a person would name it: relative to the configuration folder
  int line = 0;

  std::string str() const;  // "pjsip.conf:12"
  bool operator==(const Location&) const = default;
};

struct Option {
  std::string name;
  std::string value;
  bool object = false;  // written with => (only some files care)
  Location where;
};

struct Section {
  std::string name;
  Location where;
  bool is_template = false;
  std::vector<Option> options;

  // The last value of the option, as Asterisk takes it; nullptr when absent.
  const Option* find(std::string_view name) const;
};

struct File {
  std::string name;
  std::vector<Section> sections;  // templates included, marked

  const Section* find(std::string_view name) const;
};

// Problems are collected, not thrown at the first one: `missive check` shows all.
struct Problem {
  enum class Severity { error, warning };
  Severity severity = Severity::error;
  Location where;
  std::string text;

  std::string str() const;  // "pjsip.conf:12: error: ...", "error: ..." without a place
};
using Problems = std::vector<Problem>;
bool has_errors(const Problems& problems);

// Reads folder/name with all that it includes. A missing file is an error in
// the Result; what is wrong inside goes to `problems` and the rest is still read.
base::Result<File> load(const std::filesystem::path& folder, std::string_view name,
                        Problems& problems);
// The same from text, for tests and the fuzzer: no includes.
File parse(std::string_view text, std::string_view name, Problems& problems);

}  // namespace missive::conf

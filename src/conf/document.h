// A configuration file that can be changed: what GetConfig shows and UpdateConfig edits.
//
// Where the loader (conf.h) makes values of a file, a Document keeps its lines: what a change does
// not touch stays octet for octet as it was, comments, blank lines and spelling included. Files
// that it includes are a part of it, and are changed where the line in question stands. A category
// is a section of one header line and the `(+)` additions to it; it shows what its templates give
// it as inherited variables, before its own. A change that is refused leaves everything as it was,
// and nothing is written before save(): first into new files, then over the old ones.
//
// Names that would read as something else in the file ("#include", "a]b", control characters) are
// refused, and so is a change that would not read back as what it is; `;` in a value is escaped.
// Not thread-safe; whoever edits one file from several threads keeps them apart. Source: Asterisk
// documentation, "Config File Format", action UpdateConfig.
#pragma once

#include <cstddef>
#include <filesystem>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "conf/conf.h"

namespace missive::conf {

class Document {
 public:
  struct Line;
  using Lines = std::list<Line>;
  struct Line {
    std::string text;  // as in the file, without its '\n'
    std::size_t file;
    std::size_t begin = 0, end = 0;              // of what is no comment
    bool is_header = false, is_comment = false;  // or blank, as a comment
    bool in_block = false;  // comments of several lines begin, go on or end here
  };
  using Place = Lines::iterator;

  struct Variable {
    std::string name;
    std::string value;
    bool object = false;        // written with =>
    std::vector<Place> places;  // its line, and those of `+=`; none when it is inherited
    bool is_inherited() const { return places.empty(); }
  };
  struct Category {
    std::string name;
    bool is_template = false;
    std::vector<std::string> bases;
    std::vector<Variable> variables;
    std::vector<Place> headers;  // the first is its own, the others are additions
    const Variable* find(std::string_view variable) const;  // the last one
  };

  // folder/name with all that it includes. An Error for a file that cannot be read or has an error.
  static base::Result<Document> load(const std::filesystem::path& folder,
                                     const std::filesystem::path& name);
  // The same from text, for tests and the fuzzer: no includes.
  static base::Result<Document> parse(std::string_view text);

  Document(Document&&) = default;
  Document& operator=(Document&&) = default;
  Document(const Document&) = delete;  // categories point into the lines

  const std::vector<Category>& categories() const { return categories_; }
  // The text of the file itself.
  std::string text() const { return text_of(0); }
  // Whether the text means what categories() say, which save() makes sure of.
  base::Result<void> check(const std::filesystem::path& folder) const;

  // --- Changes. The numbers are places in categories() and in their variables.

  // Before the category at `before`, or at the end. The bases are templates.
  base::Result<void> add_category(std::string_view name, bool is_template,
                                  const std::vector<std::size_t>& bases,
                                  std::optional<std::size_t> before);
  base::Result<void> rename_category(std::size_t category, std::string_view name);
  void remove_category(std::size_t category);
  void empty_category(std::size_t category);

  // An inherited one becomes one of the category's own.
  base::Result<void> set_variable(std::size_t category, std::size_t variable,
                                  std::string_view value, bool object);
  // Before the variable at `before`, or behind the last one.
  base::Result<void> add_variable(std::size_t category, std::string_view name,
                                  std::string_view value, bool object, std::size_t before);
  // Does nothing to an inherited one.
  void remove_variable(std::size_t category, std::size_t variable);

  // Writes into each category what a changed template no longer gives it.
  void preserve_inherited();

  // The file and those that it includes.
  std::vector<std::filesystem::path> files() const;
  // The files that save() would write: `target` and the included ones that have changed.
  std::vector<std::filesystem::path> to_save(const std::filesystem::path& target) const;
  // Writes the file as `target` (a path), and the included files that have changed as themselves.
  // Those must stand in `folder`.
  base::Result<void> save(const std::filesystem::path& folder, const std::filesystem::path& target);

 private:
  friend class DocumentReader;
  struct Source {
    std::filesystem::path path;
    Lines lines;
    bool ends_with_newline = true;
    bool is_changed = false;
  };

  Document() = default;
  std::string text_of(std::size_t file) const;
  Place insert(std::size_t file, Place before, std::string text, bool is_header = false);
  void remove(Place line);
  void set_live(Place line, std::string_view text);
  void forget_template(std::string_view name);
  bool reads_alike(const Document& other) const;
  void write_variable(Variable& variable);
  void write_header(const Category& category);
  Place end_of(Category& category);
  Place begin_of(const Category& category);
  bool is_supplied(const Category& category, const Variable& variable) const;

  std::vector<Source> files_;  // the first is the file itself
  std::vector<Category> categories_;
};

}  // namespace missive::conf

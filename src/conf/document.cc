#include "conf/document.h"

#include <algorithm>
#include <system_error>

#include "base/text.h"
#include "conf/atomic_file.h"
#include "conf/comments.h"
#include "conf/document_reader.h"

namespace missive::conf {
namespace {

namespace fs = std::filesystem;

base::Result<void> check_category(std::string_view name) {
  if (name.empty() || name != base::trim(name) || base::has_control(name) ||
      name.find_first_of("[];") != std::string_view::npos) {
    return base::fail("{} is no name of a section: it may have no [ ] ; and no blanks around it",
                      shown(name));
  }
  return {};
}

base::Result<void> check_variable(std::string_view name, std::string_view value) {
  const bool begins_badly = name.starts_with('[') || name.starts_with('#');
  if (name.empty() || name != base::trim(name) || base::has_control(name) || begins_badly ||
      name.ends_with('+') || name.find_first_of("=;") != std::string_view::npos) {
    return base::fail("{} is no name of an option", shown(name));
  }
  if (!base::has_control(value)) return {};
  return base::fail("the value of {} has a control character", shown(name));
}

// `;` would begin a comment.
std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : base::trim(value)) {
    if (c == ';') out += '\\';
    out += c;
  }
  return out;
}

std::string option_text(const Document::Variable& variable) {
  return fmt::format("{} {} {}", variable.name, variable.object ? "=>" : "=",
                     escaped(variable.value));
}

}  // namespace

const Document::Variable* Document::Category::find(std::string_view variable) const {
  const auto found = std::find_if(variables.rbegin(), variables.rend(), [&](const auto& each) {
    return base::iequals(each.name, variable);
  });
  return found == variables.rend() ? nullptr : &*found;
}

base::Result<Document> Document::load(const fs::path& folder, const fs::path& name) {
  Document document;
  if (auto read = DocumentReader(document, folder).read_file(folder / name); !read) {
    return tl::unexpected(read.error());
  }
  return document;
}

base::Result<Document> Document::parse(std::string_view text) {
  Document document;
  if (auto read = DocumentReader(document, {}).read_text({}, text); !read) {
    return tl::unexpected(read.error());
  }
  return document;
}

// --- lines ---

std::string Document::text_of(std::size_t file) const {
  std::string out;
  const auto& source = files_[file];
  for (const auto& line : source.lines) {
    if (!out.empty() || &line != &source.lines.front()) out += '\n';
    out += line.text;
  }
  if (source.ends_with_newline && !source.lines.empty()) out += '\n';
  return out;
}

Document::Place Document::insert(std::size_t file, Place before, std::string text, bool is_header) {
  auto& source = files_[file];
  source.is_changed = true;
  if (before == source.lines.end()) source.ends_with_newline = true;
  const auto size = text.size();
  Line line{std::move(text), file, 0, size};
  line.is_header = is_header;
  line.is_comment = line.text.empty();
  return source.lines.insert(before, std::move(line));
}

// What stands in it of a comment of several lines stays.
void Document::remove(Place line) {
  auto& source = files_[line->file];
  source.is_changed = true;
  if (!line->in_block) {
    source.lines.erase(line);
    return;
  }
  set_live(line, "");
  line->is_comment = true;
  line->is_header = false;
}

// Another text in the place of what is not comment.
void Document::set_live(Place line, std::string_view text) {
  files_[line->file].is_changed = true;
  std::string out = line->text.substr(0, line->begin);
  out += text;
  const auto comment = std::string_view(line->text).substr(line->end);
  // A value's last backslash is not to take away the meaning of the comment's beginning.
  if (comment.starts_with(';')) out += ' ';
  line->end = line->begin + text.size();
  out += comment;
  line->text = std::move(out);
}

void Document::write_variable(Variable& variable) {
  set_live(variable.places.front(), option_text(variable));
  while (variable.places.size() > 1) {
    remove(variable.places.back());
    variable.places.pop_back();
  }
}

void Document::write_header(const Category& category) {
  std::vector<std::string_view> marks;
  if (category.is_template) marks.emplace_back("!");
  for (const auto& base : category.bases) marks.emplace_back(base);
  for (const auto& line : category.headers) {
    const bool is_first = line == category.headers.front();
    const auto extra = !is_first       ? std::string("(+)")
                       : marks.empty() ? std::string()
                                       : fmt::format("({})", fmt::join(marks, ","));
    set_live(line, fmt::format("[{}]{}", category.name, extra));
  }
}

// Where a line at the end of the category belongs: behind its last own line.
Document::Place Document::end_of(Category& category) {
  for (auto variable = category.variables.rbegin(); variable != category.variables.rend();
       ++variable) {
    const auto is_in_header_file = [&category](Place place) {
      return place->file == category.headers.back()->file;
    };
    if (!variable->is_inherited() && is_in_header_file(variable->places.back())) {
      return std::next(variable->places.back());
    }
  }
  return std::next(category.headers.back());
}

// Its header, with the comments directly above it.
Document::Place Document::begin_of(const Category& category) {
  auto line = category.headers.front();
  const auto first = files_[line->file].lines.begin();
  while (line != first) {
    const auto above = std::prev(line);
    if (!above->is_comment || above->in_block || base::trim(above->text).empty()) break;
    line = above;
  }
  return line;
}

// --- categories ---

base::Result<void> Document::add_category(std::string_view name, bool is_template,
                                          const std::vector<std::size_t>& bases,
                                          std::optional<std::size_t> before) {
  if (auto good = check_category(name); !good) return good;
  const auto place = before.value_or(categories_.size());
  Category category;
  category.name = name;
  category.is_template = is_template;
  for (const auto base : bases) {
    if (base >= place) {
      return base::fail("template [{}] does not stand above the new section [{}]",
                        categories_[base].name, name);
    }
    category.bases.push_back(categories_[base].name);
    for (const auto& variable : categories_[base].variables) {
      category.variables.push_back({variable.name, variable.value, variable.object, {}});
    }
  }
  const std::size_t file = before ? categories_[*before].headers.front()->file : 0;
  auto& lines = files_[file].lines;
  const auto next = before ? begin_of(categories_[*before]) : lines.end();
  if (!before && !lines.empty() && !base::trim(lines.back().text).empty()) insert(file, next, "");
  category.headers.push_back(insert(file, next, {}, true));
  category.headers.front()->is_comment = false;
  if (before) insert(file, next, "");
  write_header(category);
  categories_.insert(categories_.begin() + static_cast<std::ptrdiff_t>(place), std::move(category));
  return {};
}

base::Result<void> Document::rename_category(std::size_t category, std::string_view name) {
  if (auto good = check_category(name); !good) return good;
  const auto old = std::exchange(categories_[category].name, std::string(name));
  write_header(categories_[category]);
  for (auto& other : categories_) {
    bool changed = false;
    for (auto& base : other.bases) {
      if (!base::iequals(base, old)) continue;
      base = name;
      changed = true;
    }
    if (changed) write_header(other);
  }
  return {};
}

void Document::empty_category(std::size_t category) {
  auto& variables = categories_[category].variables;
  for (auto& variable : variables) {
    for (const auto place : variable.places) remove(place);
  }
  variables.clear();
}

void Document::remove_category(std::size_t number) {
  empty_category(number);
  const auto& category = categories_[number];
  for (const auto header : category.headers) {
    auto& lines = files_[header->file].lines;
    const bool is_first = header == category.headers.front();
    auto line = is_first ? begin_of(category) : header;
    // Comments inside of it go with it; those directly above the next section are that one's.
    auto end = std::next(header);
    auto last = end;  // behind the last line that is a part of this section
    while (end != lines.end() && !end->is_header) {
      const bool is_blank = base::trim(end->text).empty();
      ++end;
      if (is_blank) last = end;
    }
    if (end == lines.end()) last = end;
    while (line != last) {
      const auto here = line++;
      if (here->is_header || here->is_comment) remove(here);
    }
  }
  const auto name = category.name;
  const bool was_template = category.is_template;
  categories_.erase(categories_.begin() + static_cast<std::ptrdiff_t>(number));
  if (was_template) forget_template(name);
}

void Document::forget_template(std::string_view name) {
  for (auto& category : categories_) {
    const auto is_it = [name](const std::string& base) { return base::iequals(base, name); };
    if (std::erase_if(category.bases, is_it) > 0) write_header(category);
  }
}

// --- variables ---

base::Result<void> Document::set_variable(std::size_t category, std::size_t variable,
                                          std::string_view value, bool object) {
  auto& changed = categories_[category].variables[variable];
  if (auto good = check_variable(changed.name, value); !good) return good;
  changed.value = value;
  changed.object = changed.object || object;
  if (!changed.is_inherited()) {
    write_variable(changed);
    return {};
  }
  const auto end = end_of(categories_[category]);
  changed.places.push_back(
      insert(categories_[category].headers.back()->file, end, option_text(changed)));
  return {};
}

base::Result<void> Document::add_variable(std::size_t number, std::string_view name,
                                          std::string_view value, bool object, std::size_t before) {
  if (auto good = check_variable(name, value); !good) return good;
  auto& category = categories_[number];
  auto& variables = category.variables;
  before = std::min(before, variables.size());
  Variable added{std::string(name), std::string(value), object, {}};
  // Inherited ones have no line to stand before.
  const auto next =
      std::find_if(variables.begin() + static_cast<std::ptrdiff_t>(before), variables.end(),
                   [](const auto& variable) { return !variable.is_inherited(); });
  const auto line = next != variables.end() ? next->places.front() : end_of(category);
  const auto file = next != variables.end() ? line->file : category.headers.back()->file;
  added.places.push_back(insert(file, line, option_text(added)));
  variables.insert(variables.begin() + static_cast<std::ptrdiff_t>(before), std::move(added));
  return {};
}

void Document::remove_variable(std::size_t category, std::size_t variable) {
  auto& variables = categories_[category].variables;
  const auto removed = variables.begin() + static_cast<std::ptrdiff_t>(variable);
  if (removed->is_inherited()) return;
  for (const auto place : removed->places) remove(place);
  variables.erase(removed);
}

// --- templates ---

bool Document::is_supplied(const Category& category, const Variable& variable) const {
  return std::any_of(category.bases.begin(), category.bases.end(), [&](const auto& base) {
    const auto found =
        std::find_if(categories_.begin(), categories_.end(),
                     [&base](const auto& other) { return base::iequals(other.name, base); });
    if (found == categories_.end()) return false;
    return std::any_of(found->variables.begin(), found->variables.end(), [&](const auto& each) {
      return base::iequals(each.name, variable.name) && each.value == variable.value;
    });
  });
}

void Document::preserve_inherited() {
  for (auto& category : categories_) {
    // What the category says itself goes before what it inherits, so it stands behind.
    auto line = std::next(category.headers.front());
    for (auto& variable : category.variables) {
      if (!variable.is_inherited() || is_supplied(category, variable)) continue;
      variable.places.push_back(
          insert(category.headers.front()->file, line, option_text(variable)));
    }
  }
}

// --- saving ---

bool Document::reads_alike(const Document& other) const {
  const auto own = [](const Category& category) {
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& variable : category.variables) {
      if (!variable.is_inherited()) {
        out.emplace_back(variable.name, base::trim(variable.value));
      }
    }
    return out;
  };
  return std::equal(categories_.begin(), categories_.end(), other.categories_.begin(),
                    other.categories_.end(), [&own](const Category& a, const Category& b) {
                      return a.name == b.name && a.is_template == b.is_template &&
                             a.bases.size() == b.bases.size() && own(a) == own(b);
                    });
}

base::Result<void> Document::check(const fs::path& folder) const {
  Document again;
  DocumentReader reader(again, folder);
  for (std::size_t i = 1; i < files_.size(); ++i) reader.know(files_[i].path, text_of(i));
  if (auto read = reader.read_text(files_.front().path, text()); !read) return read;
  if (reads_alike(again)) return {};
  return base::fail("the change does not read back as what it is; does it fall into a comment?");
}

std::vector<fs::path> Document::files() const {
  std::vector<fs::path> paths;
  for (const auto& file : files_) paths.push_back(file.path);
  return paths;
}

std::vector<fs::path> Document::to_save(const fs::path& target) const {
  std::vector<fs::path> paths{target};
  for (std::size_t i = 1; i < files_.size(); ++i) {
    if (files_[i].is_changed) paths.push_back(files_[i].path);
  }
  return paths;
}

base::Result<void> Document::save(const fs::path& folder, const fs::path& target) {
  if (auto good = check(folder); !good) return good;
  AtomicFiles files;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    if (i > 0 && !files_[i].is_changed) continue;
    std::error_code failed;
    const auto path = fs::weakly_canonical(i == 0 ? target : files_[i].path, failed);
    if (failed || !is_inside(folder, path)) {
      return base::fail("{} stands outside of the configuration folder",
                        i == 0 ? target.string() : files_[i].path.string());
    }
    if (auto written = files.write(path, text_of(i)); !written) return written;
  }
  return files.commit();
}

}  // namespace missive::conf

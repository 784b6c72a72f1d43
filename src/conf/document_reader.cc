#include "conf/document_reader.h"

#include <algorithm>
#include <system_error>

#include "base/text.h"
#include "conf/comments.h"
#include "conf/includes.h"

namespace missive::conf {

namespace fs = std::filesystem;

base::Result<void> DocumentReader::read_file(const fs::path& path) {
  const auto known = known_.find(path);
  const auto text =
      known != known_.end() ? base::Result<std::string>(known->second) : conf::read_file(path);
  if (!text) return tl::unexpected(text.error());
  std::error_code ignored;
  open_.push_back(fs::weakly_canonical(path, ignored));
  auto done = read_text(path, *text);
  open_.pop_back();
  return done;
}

base::Result<void> DocumentReader::read_text(const fs::path& path, std::string_view text) {
  const auto file = document_.files_.size();
  document_.files_.emplace_back();
  document_.files_[file].path = path;
  document_.files_[file].ends_with_newline = text.empty() || text.ends_with('\n');
  CommentStripper comments;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    const bool in_block = comments.open_since() > 0;
    const auto live =
        comments.find_live(number == 1 ? without_byte_order_mark(line) : line, number);
    // Others may be added to files_ meanwhile, which moves the list but not its lines.
    auto& lines = document_.files_[file].lines;
    const std::size_t mark = number == 1 ? line.size() - without_byte_order_mark(line).size() : 0;
    lines.push_back({std::string(line), file, mark + live.begin, mark + live.end});
    const auto place = std::prev(lines.end());
    place->in_block = in_block || comments.open_since() > 0 || line.find("--;") != line.npos;
    if (auto read = read_line(place, base::trim(live.text)); !read) {
      return base::fail("{}:{}: {}", name_within(folder_, path), number, read.error().text);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (const int line = comments.open_since(); line > 0) {
    return base::fail("{}:{}: the comment that ';--' opens here is never closed by '--;'",
                      name_within(folder_, path), line);
  }
  return {};
}

base::Result<void> DocumentReader::read_line(Document::Place line, std::string_view live) {
  if (live.empty()) {
    line->is_comment = true;
    return {};
  }
  if (live.front() == '[') {
    line->is_header = true;
    const auto header = read_section_header(live);
    return header ? read_header(line, *header) : tl::unexpected(header.error());
  }
  if (live.front() == '#') {
    const auto directive = read_include_line(live);
    return directive ? include(*directive) : tl::unexpected(directive.error());
  }
  const auto option = read_option_line(live);
  return option ? read_option(line, *option) : tl::unexpected(option.error());
}

base::Result<void> DocumentReader::read_header(Document::Place line, const SectionHeader& header) {
  auto& categories = document_.categories_;
  if (!header.addition) {
    current_ = categories.size();
    categories.emplace_back();
    categories.back().name = header.name;
    categories.back().is_template = header.is_template;
  } else {
    const auto found =
        std::find_if(categories.begin(), categories.end(), [&header](const auto& category) {
          return base::iequals(category.name, header.name) &&
                 matches_addition(*header.addition, [&category](std::string_view name) {
                   const auto* variable = category.find(name);
                   return variable == nullptr ? std::nullopt
                                              : std::optional<std::string_view>(variable->value);
                 });
        });
    if (found == categories.end()) {
      return base::fail("[{}](+{}) adds to a section that does not stand above it",
                        base::printable(header.name), base::printable(*header.addition));
    }
    current_ = static_cast<std::size_t>(found - categories.begin());
  }
  categories[current_].headers.push_back(line);
  for (const auto base : header.bases) {
    if (auto done = inherit(base); !done) return done;
  }
  return {};
}

base::Result<void> DocumentReader::inherit(std::string_view base_name) {
  const auto& categories = document_.categories_;
  auto& category = document_.categories_[current_];
  const auto base = std::find_if(categories.begin(), categories.end(), [&](const auto& other) {
    return base::iequals(other.name, base_name);
  });
  if (base == categories.end() || &*base == &category) {
    return base::fail("section [{}] is based on [{}], which does not stand above it",
                      base::printable(category.name), base::printable(base_name));
  }
  if (category.variables.size() + base->variables.size() > most_inherited_options) {
    return base::fail("section [{}] inherits more than {} options", base::printable(category.name),
                      most_inherited_options);
  }
  category.bases.push_back(base->name);
  for (const auto& variable : base->variables) {
    category.variables.push_back({variable.name, variable.value, variable.object, {}});
  }
  return {};
}

base::Result<void> DocumentReader::read_option(Document::Place line, const OptionLine& option) {
  if (current_ == none) {
    return base::fail("option {} stands before the first [section]", shown(option.name));
  }
  auto& variables = document_.categories_[current_].variables;
  const auto earlier = std::find_if(
      variables.rbegin(), variables.rend(),
      [&option](const auto& variable) { return base::iequals(variable.name, option.name); });
  if (!option.append || earlier == variables.rend()) {
    variables.push_back(
        {std::string(option.name), std::string(option.value), option.object, {line}});
    return {};
  }
  if (!earlier->value.empty() && !option.value.empty()) earlier->value += ',';
  earlier->value += option.value;
  earlier->places.push_back(line);
  return {};
}

base::Result<void> DocumentReader::include(const IncludeLine& include) {
  if (folder_.empty()) return base::fail("#include works in files only");
  const auto paths = expand_include(folder_, include.pattern);
  if (!paths) return tl::unexpected(paths.error());
  for (const auto& path : *paths) {
    std::error_code ignored;
    if (!include.must_exist && !fs::exists(path, ignored)) continue;
    const auto canonical = fs::weakly_canonical(path, ignored);
    if (std::find(open_.begin(), open_.end(), canonical) != open_.end()) {
      return base::fail("{} includes itself, directly or through another file",
                        name_within(folder_, path));
    }
    if (++included_ > most_included_files) {
      return base::fail("more than {} files included", most_included_files);
    }
    const auto section = current_;
    if (auto done = read_file(path); !done) return done;
    current_ = section;
  }
  return {};
}

}  // namespace missive::conf

// Reading configuration files: lines, sections, templates. What an #include finds
// is in includes.cc.
//
// An included file starts in the section that its #include line stands in, and
// after it that section is open again, whatever sections the included file had.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>

#include "base/text.h"
#include "conf/comments.h"
#include "conf/conf.h"
#include "conf/includes.h"
#include "conf/lines.h"
#include "conf/nearest.h"

namespace missive::conf {
namespace {

namespace fs = std::filesystem;

class Loader {
 public:
  Loader(File& file, Problems& problems) : file_(file), problems_(problems) {}

  // With a folder, #include works; without one it is refused.
  void set_folder(const fs::path& folder) { folder_ = folder; }

  base::Result<void> read(const fs::path& path, std::string_view name) {
    const auto text = read_file(path);
    if (!text) return tl::unexpected(text.error());
    std::error_code ignored;
    open_.push_back(fs::weakly_canonical(path, ignored));
    read_text(*text, name);
    open_.pop_back();
    return {};
  }

  void read_text(std::string_view text, std::string_view name) {
    text = without_byte_order_mark(text);
    const auto outer = where_;
    where_ = Location{std::string(name), 0};
    CommentStripper comments;
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      ++where_.line;
      const auto live = comments.strip(text.substr(0, end), where_.line);
      read_line(base::trim(live));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (const int line = comments.open_since(); line > 0) {
      where_.line = line;
      error("the comment that ';--' opens here is never closed by '--;'");
    }
    where_ = outer;
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  void error(std::string text) {
    problems_.push_back({Problem::Severity::error, where_, std::move(text)});
  }

  void read_line(std::string_view line) {
    if (line.empty()) return;
    if (line.front() == '[') {
      read_header(line);
    } else if (line.front() == '#') {
      read_directive(line);
    } else {
      read_option(line);
    }
  }

  void read_header(std::string_view line) {
    const auto header = read_section_header(line);
    skipping_ = !header;
    if (!header) return error(header.error().text);
    if (header->addition) {
      current_ = find_for_addition(*header);
      skipping_ = current_ == none;
      if (skipping_) return;
    } else {
      current_ = file_.sections.size();
      file_.sections.push_back(
          {std::string(header->name), where_, header->is_template, std::vector<Option>{}});
    }
    for (const auto base : header->bases) inherit(base);
  }

  std::size_t find_for_addition(const SectionHeader& header) {
    const auto found =
        std::find_if(file_.sections.begin(), file_.sections.end(), [&header](const Section& s) {
          return base::iequals(s.name, header.name) &&
                 matches_addition(*header.addition, [&s](std::string_view name) {
                   const auto* option = s.find(name);
                   return option == nullptr ? std::nullopt
                                            : std::optional<std::string_view>(option->value);
                 });
        });
    if (found != file_.sections.end()) {
      return static_cast<std::size_t>(found - file_.sections.begin());
    }
    error(fmt::format("[{}](+{}) adds to a section that does not stand above it{}",
                      base::printable(header.name), base::printable(*header.addition),
                      did_you_mean(header.name, section_names())));
    return none;
  }

  void inherit(std::string_view base_name) {
    const auto* base = file_.find(base_name);
    auto& section = file_.sections[current_];
    // The new section itself is in the list already.
    if (base == nullptr || base == &section) {
      return error(fmt::format("section [{}] is based on [{}], which does not stand above it{}",
                               base::printable(section.name), base::printable(base_name),
                               did_you_mean(base_name, section_names(&section))));
    }
    if (section.options.size() + base->options.size() > most_inherited_options) {
      return error(fmt::format("section [{}] inherits more than {} options",
                               base::printable(section.name), most_inherited_options));
    }
    section.options.insert(section.options.end(), base->options.begin(), base->options.end());
  }

  std::vector<std::string_view> section_names(const Section* except = nullptr) const {
    std::vector<std::string_view> names;
    for (const auto& section : file_.sections) {
      if (&section != except) names.push_back(section.name);
    }
    return names;
  }

  void read_option(std::string_view line) {
    if (skipping_) return;
    const auto option = read_option_line(line);
    if (!option) return error(option.error().text);
    if (current_ == none) {
      return error(fmt::format("option {} stands before the first [section]", shown(option->name)));
    }
    set_option({std::string(option->name), std::string(option->value), option->object, where_},
               option->append);
  }

  void set_option(Option option, bool append) {
    auto& options = file_.sections[current_].options;
    const auto earlier = std::find_if(
        options.rbegin(), options.rend(),
        [&option](const Option& other) { return base::iequals(other.name, option.name); });
    if (!append || earlier == options.rend()) return options.push_back(std::move(option));
    if (!earlier->value.empty() && !option.value.empty()) earlier->value += ',';
    earlier->value += option.value;
    earlier->where = option.where;
  }

  void read_directive(std::string_view line) {
    const auto directive = read_include_line(line);
    if (!directive) return error(directive.error().text);
    if (folder_.empty()) return error("#include works in files only");
    include(directive->pattern, directive->must_exist);
  }

  void include(std::string_view pattern, bool must_exist) {
    const auto paths = expand_include(folder_, pattern);
    if (!paths) return error(paths.error().text);
    for (const auto& path : *paths) {
      std::error_code missing;
      if (!must_exist && !fs::exists(path, missing)) continue;
      include_file(path);
    }
  }

  void include_file(const fs::path& path) {
    std::error_code ignored;
    const auto canonical = fs::weakly_canonical(path, ignored);
    if (std::find(open_.begin(), open_.end(), canonical) != open_.end()) {
      return error(fmt::format("{} includes itself, directly or through another file",
                               name_within(folder_, path)));
    }
    if (++files_ > most_included_files) {
      if (files_ == most_included_files + 1)
        error(fmt::format("more than {} files included", most_included_files));
      return;
    }
    const auto section = current_;
    const auto skipping = skipping_;
    if (const auto done = read(path, name_within(folder_, path)); !done) error(done.error().text);
    current_ = section;
    skipping_ = skipping;
  }

  File& file_;
  Problems& problems_;
  fs::path folder_;
  std::vector<fs::path> open_;  // this file and those that include it
  int files_ = 0;
  Location where_;
  std::size_t current_ = none;
  bool skipping_ = false;  // after a header that could not be read
};

}  // namespace

base::Result<File> load(const fs::path& folder, std::string_view name, Problems& problems) {
  File file{.name = std::string(name), .sections = {}};
  Loader loader(file, problems);
  loader.set_folder(folder.empty() ? fs::path(".") : folder);
  if (const auto done = loader.read(folder / name, name); !done) {
    return tl::unexpected(done.error());
  }
  return file;
}

File parse(std::string_view text, std::string_view name, Problems& problems) {
  File file{.name = std::string(name), .sections = {}};
  Loader(file, problems).read_text(text, name);
  return file;
}

}  // namespace missive::conf

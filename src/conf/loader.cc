// Reading configuration files: lines, sections, templates. What an #include finds
// is in includes.cc.
//
// An included file starts in the section that its #include line stands in, and
// after it that section is open again, whatever sections the included file had.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include "base/text.h"
#include "conf/comments.h"
#include "conf/conf.h"
#include "conf/includes.h"
#include "conf/nearest.h"

namespace missive::conf {
namespace {

namespace fs = std::filesystem;

// Sections that inherit themselves over and over, and files that include each
// other in a fan, end here instead of filling the memory.
constexpr std::size_t most_inherited_options = 2'000;
constexpr int most_files = 10'000;

std::string shown(std::string_view text) { return fmt::format("'{}'", base::printable(text, 80)); }

base::Result<std::string> read_file(const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    return base::fail("{} does not exist", path.string());
  }
  if (error) return base::fail("{} cannot be read: {}", path.string(), error.message());
  if (!fs::is_regular_file(status)) return base::fail("{} is not a file", path.string());
  std::ifstream in(path, std::ios::binary);
  if (!in) return base::fail("{} cannot be read; check its permissions", path.string());
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// `[name](!,base,+filter)` taken apart; views into the line.
struct Header {
  std::string_view name;
  bool is_template = false;
  std::optional<std::string_view> addition;  // the filter, "" for a plain (+)
  std::vector<std::string_view> bases;
};

base::Result<Header> parse_header(std::string_view line) {
  const auto close = line.find(']');
  if (close == std::string_view::npos) return base::fail("section {} has no ']'", shown(line));
  Header header;
  header.name = base::trim(line.substr(1, close - 1));
  if (header.name.empty()) return base::fail("a section needs a name between '[' and ']'");
  auto rest = base::trim(line.substr(close + 1));
  if (rest.empty()) return header;
  if (rest.front() != '(') {
    return base::fail("{} after section [{}] means nothing; put it on a line of its own",
                      shown(rest), base::printable(header.name));
  }
  if (rest.back() != ')') {
    return base::fail("section [{}] has a '(' without its ')'", base::printable(header.name));
  }
  for (const auto part : base::split_list(rest.substr(1, rest.size() - 2))) {
    if (part == "!") {
      header.is_template = true;
    } else if (part.front() == '+') {
      header.addition = base::trim(part.substr(1));
    } else {
      header.bases.push_back(part);
    }
  }
  return header;
}

// The filter of `[name](+type=aor&x=y)`: every named option has that value.
bool matches(const Section& section, std::string_view filter) {
  const auto terms = base::split_list(filter, '&');
  return std::all_of(terms.begin(), terms.end(), [&section](std::string_view term) {
    const auto equals = std::min(term.find('='), term.size());
    const auto* option = section.find(base::trim(term.substr(0, equals)));
    return option != nullptr && equals < term.size() &&
           option->value == base::trim(term.substr(equals + 1));
  });
}

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
    static constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.substr(0, 3) == byte_order_mark) text.remove_prefix(3);
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
      read_directive(line.substr(1));
    } else {
      read_option(line);
    }
  }

  void read_header(std::string_view line) {
    const auto header = parse_header(line);
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

  std::size_t find_for_addition(const Header& header) {
    const auto found =
        std::find_if(file_.sections.begin(), file_.sections.end(), [&header](const Section& s) {
          return base::iequals(s.name, header.name) && matches(s, *header.addition);
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
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) {
      return error(fmt::format("{} is neither '[section]' nor 'name = value'", shown(line)));
    }
    auto name = line.substr(0, equals);
    const bool append = !name.empty() && name.back() == '+';
    if (append) name.remove_suffix(1);
    name = base::trim(name);
    if (name.empty()) return error(fmt::format("{} has no name before its '='", shown(line)));
    if (current_ == none) {
      return error(fmt::format("option {} stands before the first [section]", shown(name)));
    }
    auto value = line.substr(equals + 1);
    const bool object = !value.empty() && value.front() == '>';
    if (object) value.remove_prefix(1);
    set_option({std::string(name), std::string(base::trim(value)), object, where_}, append);
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

  void read_directive(std::string_view text) {
    const auto end = std::min(text.find_first_of(" \t"), text.size());
    const auto name = text.substr(0, end);
    const auto argument = unquote_include(base::trim(text.substr(end)));
    if (base::iequals(name, "exec")) {
      return error(
          "#exec is not supported; write what the program prints into a file and "
          "#include that");
    }
    const bool must_exist = base::iequals(name, "include");
    if (!must_exist && !base::iequals(name, "tryinclude")) {
      return error(fmt::format("unknown directive {}; there are #include and #tryinclude",
                               shown(fmt::format("#{}", name))));
    }
    if (argument.empty()) return error(fmt::format("#{} needs the name of a file", name));
    if (folder_.empty()) return error("#include works in files only");
    include(argument, must_exist);
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
    if (++files_ > most_files) {
      if (files_ == most_files + 1) error(fmt::format("more than {} files included", most_files));
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

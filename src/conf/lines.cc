#include "conf/lines.h"

#include <fstream>
#include <iterator>
#include <system_error>

#include "conf/includes.h"

namespace missive::conf {

namespace fs = std::filesystem;

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

std::string_view without_byte_order_mark(std::string_view text) {
  static constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (text.starts_with(mark)) text.remove_prefix(mark.size());
  return text;
}

std::string shown(std::string_view text) { return fmt::format("'{}'", base::printable(text, 80)); }

base::Result<SectionHeader> read_section_header(std::string_view line) {
  const auto close = line.find(']');
  if (close == std::string_view::npos) return base::fail("section {} has no ']'", shown(line));
  SectionHeader header;
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

base::Result<OptionLine> read_option_line(std::string_view line) {
  const auto equals = line.find('=');
  if (equals == std::string_view::npos) {
    return base::fail("{} is neither '[section]' nor 'name = value'", shown(line));
  }
  OptionLine option;
  option.name = line.substr(0, equals);
  option.append = option.name.ends_with('+');
  if (option.append) option.name.remove_suffix(1);
  option.name = base::trim(option.name);
  if (option.name.empty()) return base::fail("{} has no name before its '='", shown(line));
  option.value = line.substr(equals + 1);
  option.object = option.value.starts_with('>');
  if (option.object) option.value.remove_prefix(1);
  option.value = base::trim(option.value);
  return option;
}

base::Result<IncludeLine> read_include_line(std::string_view line) {
  const auto text = line.substr(1);
  const auto end = std::min(text.find_first_of(" \t"), text.size());
  const auto name = text.substr(0, end);
  if (base::iequals(name, "exec")) {
    return base::fail(
        "#exec is not supported; write what the program prints into a file and "
        "#include that");
  }
  IncludeLine include;
  include.must_exist = base::iequals(name, "include");
  if (!include.must_exist && !base::iequals(name, "tryinclude")) {
    return base::fail("unknown directive {}; there are #include and #tryinclude",
                      shown(fmt::format("#{}", name)));
  }
  include.pattern = unquote_include(base::trim(text.substr(end)));
  if (include.pattern.empty()) return base::fail("#{} needs the name of a file", name);
  return include;
}

}  // namespace missive::conf

#include "message/cpim.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>

#include "base/text.h"

namespace missive::message {
namespace {

// RFC 3862 section 3.6, NAMECHAR, and the dot between prefix and name.
bool is_name_char(char c) {
  return base::is_alpha(c) || base::is_digit(c) ||
         std::string_view("!#$%&'*+-^_`|~.").find(c) != std::string_view::npos;
}
bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_name_char);
}

// What follows `;name=value;name="a b"` and the space that ends them.
std::string_view without_parameters(std::string_view text) {
  if (!text.starts_with(';')) return base::trim(text);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && base::is_blank(text[i])) {
      return base::trim(text.substr(i));
    }
  }
  return {};
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t octet) { out += static_cast<char>(octet); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | (code >> 6));
  } else {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

// The number of "00e4"; nothing where it is none, or half a surrogate pair.
std::optional<std::uint32_t> code_point(std::string_view digits) {
  if (digits.size() != 4 || !std::all_of(digits.begin(), digits.end(), base::is_hex_digit)) {
    return std::nullopt;
  }
  std::uint32_t code = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  if (code >= 0xD800 && code <= 0xDFFF) return std::nullopt;
  return code;
}

class Reader {
 public:
  Reader(std::string_view text, const CpimLimits& limits) : text_(text), limits_(limits) {}

  base::Result<Cpim> read() {
    if (auto done = read_headers(); !done) return tl::unexpected(done.error());
    if (auto done = read_content_headers(); !done) return tl::unexpected(done.error());
    cpim_.body = text_.substr(at_);
    return std::move(cpim_);
  }

 private:
  struct Namespace {
    std::string_view prefix, uri;
  };

  // The next line without its end; false where no line end follows.
  bool next(std::string_view& line) {
    const auto end = text_.find('\n', at_);
    if (end == std::string_view::npos) return false;
    line = text_.substr(at_, end - at_);
    if (line.ends_with('\r')) line.remove_suffix(1);
    at_ = end + 1;
    ++number_;
    return true;
  }

  base::Result<void> next_header(std::string_view& line) {
    if (!next(line)) {
      return base::fail("message/cpim: the headers have no end; an empty line must follow them");
    }
    if (at_ > limits_.header_octets) {
      return base::fail("message/cpim: more than {} octets of headers", limits_.header_octets);
    }
    if (line.empty()) return {};
    if (++count_ > limits_.headers) {
      return base::fail("message/cpim: more than {} headers", limits_.headers);
    }
    if (base::has_control(line)) {
      return base::fail("message/cpim line {}: a control character in '{}'", number_,
                        base::printable(line, 80));
    }
    return {};
  }

  base::Result<void> read_headers() {
    for (;;) {
      const auto begin = at_;
      std::string_view line;
      if (auto got = next_header(line); !got) return got;
      if (line.empty()) return {};
      if (base::istarts_with(line, "Content-")) {
        at_ = begin;
        --number_;
        --count_;
        return {};
      }
      if (auto taken = take_header(line); !taken) return taken;
    }
  }

  base::Result<void> take_header(std::string_view line) {
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    if (colon == std::string_view::npos || !is_name(name)) {
      return base::fail("message/cpim line {}: '{}' is no header such as 'From: <sip:a@b>'",
                        number_, base::printable(line, 80));
    }
    const auto value = without_parameters(line.substr(colon + 1));
    if (base::iequals(name, "NS")) return take_namespace(value);
    cpim_.headers.push_back(resolved(name, value));
    return {};
  }

  // `imdn <urn:ietf:params:imdn>`; without a prefix it is that of names that have none.
  base::Result<void> take_namespace(std::string_view value) {
    const auto open = value.find('<');
    if (open == std::string_view::npos || !value.ends_with('>')) {
      return base::fail("message/cpim line {}: NS '{}' is not of the form 'prefix <URI>'", number_,
                        base::printable(value, 80));
    }
    const auto prefix = base::trim(value.substr(0, open));
    namespaces_.push_back({prefix, cpim_uri(value)});
    return {};
  }

  const Namespace* find_namespace(std::string_view prefix) const {
    const auto found = std::find_if(
        namespaces_.rbegin(), namespaces_.rend(),
        [prefix](const Namespace& each) { return base::iequals(each.prefix, prefix); });
    return found == namespaces_.rend() ? nullptr : &*found;
  }

  CpimHeader resolved(std::string_view name, std::string_view value) const {
    const auto dot = name.find('.');
    const auto prefix = dot == std::string_view::npos ? std::string_view{} : name.substr(0, dot);
    const auto* found = find_namespace(prefix);
    // A prefix that was not announced is part of a name that nobody knows.
    if (found == nullptr) return {{}, name, value};
    return {found->uri, dot == std::string_view::npos ? name : name.substr(dot + 1), value};
  }

  base::Result<void> read_content_headers() {
    for (;;) {
      std::string_view line;
      if (auto got = next_header(line); !got) return got;
      if (line.empty()) return {};
      auto& headers = cpim_.content_headers;
      if (base::is_blank(line.front()) && !headers.empty()) {
        auto& value = headers.back().value;  // folded: RFC 5322 section 2.2.3
        const auto* begin = value.empty() ? line.data() : value.data();
        value = base::trim({begin, static_cast<std::size_t>(line.data() + line.size() - begin)});
        continue;
      }
      const auto colon = line.find(':');
      const auto name = base::trim_right(line.substr(0, colon));
      if (colon == std::string_view::npos || !is_name(name)) {
        return base::fail(
            "message/cpim line {}: '{}' is no header of the content such as 'Content-Type: "
            "text/plain'",
            number_, base::printable(line, 80));
      }
      headers.push_back({name, base::trim(line.substr(colon + 1))});
    }
  }

  const std::string_view text_;
  const CpimLimits& limits_;
  std::size_t at_ = 0;
  std::size_t number_ = 0;  // of the line read last
  std::size_t count_ = 0;   // of headers
  std::vector<Namespace> namespaces_;
  Cpim cpim_;
};

}  // namespace

bool is_of_type(std::string_view content_type, std::string_view media_type) {
  return base::iequals(base::trim(content_type.substr(0, content_type.find(';'))), media_type);
}

std::string_view Cpim::header(std::string_view name, std::string_view name_space) const {
  for (const auto& each : headers) {
    if (each.name_space == name_space && base::iequals(each.name, name)) return each.value;
  }
  return {};
}

std::string_view Cpim::content_header(std::string_view name) const {
  for (const auto& each : content_headers) {
    if (base::iequals(each.name, name)) return each.value;
  }
  return {};
}

std::string_view Cpim::content_type() const {
  const auto type = content_header("Content-Type");
  return type.empty() ? "text/plain" : type;
}

base::Result<Cpim> parse_cpim(std::string_view text, const CpimLimits& limits) {
  return Reader(text, limits).read();
}

std::string unescape_cpim(std::string_view value) {
  static constexpr std::string_view letters = "btnr\\\"'";
  static constexpr std::string_view octets = "\b\t\n\r\\\"'";
  std::string out;
  out.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '\\' || i + 1 == value.size()) {
      out += value[i];
    } else if (const auto letter = letters.find(value[i + 1]); letter != std::string_view::npos) {
      out += octets[letter];
      ++i;
    } else if (const auto code = code_point(value.substr(i + 2, 4)); code && value[i + 1] == 'u') {
      append_utf8(out, *code);
      i += 5;
    } else {
      out += value[i];
    }
  }
  return out;
}

std::string_view cpim_uri(std::string_view value) {
  const auto open = value.rfind('<');
  if (open == std::string_view::npos) return base::trim(value);
  value.remove_prefix(open + 1);
  return base::trim(value.substr(0, value.find('>')));
}

std::string cpim_time(base::WallTime time) {
  using std::chrono::floor;
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{floor<std::chrono::seconds>(time - day)};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

void CpimWriter::header(std::string_view name, std::string_view value) {
  out_.append(name).append(": ");
  std::transform(value.begin(), value.end(), std::back_inserter(out_),
                 [](char c) { return base::is_control(c) ? ' ' : c; });
  out_ += "\r\n";
}

void CpimWriter::text(std::string_view name, std::string_view value) {
  out_.append(name).append(": ");
  for (const char c : value) {
    if (c == '\\') {
      out_ += "\\\\";
    } else if (base::is_control(c)) {
      fmt::format_to(std::back_inserter(out_), "\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out_ += c;
    }
  }
  out_ += "\r\n";
}

void CpimWriter::content_header(std::string_view name, std::string_view value) {
  out_.append(name).append(": ").append(value).append("\r\n");
}

void CpimWriter::content(std::string_view type, std::string_view body,
                         std::string_view disposition) {
  out_ += "\r\n";
  content_header("Content-Type", type);
  if (!disposition.empty()) content_header("Content-Disposition", disposition);
  content_header("Content-Length", fmt::to_string(body.size()));
  out_ += "\r\n";
  out_ += body;
}

}  // namespace missive::message

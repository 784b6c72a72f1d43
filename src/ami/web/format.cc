#include "ami/web/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"

namespace missive::ami::web {
namespace {

constexpr std::string_view page_head =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">"
    "<title>Manager interface</title>\n"
    "<style>label { white-space: nowrap; margin-right: 1em; }</style></head>\n<body>\n<h1>Manager "
    "interface</h1>\n"
    "<form method=\"post\">\n"
    "<label>Action <input name=\"action\" list=\"actions\"></label>\n"
    "<datalist id=\"actions\"><option>Login<option>Command<option>WaitEvent"
    "<option>ListCommands<option>Ping<option>Logoff</datalist>\n"
    "<label>CLI command <input name=\"command\"></label>\n"
    "<label>User <input name=\"username\"></label>\n"
    "<label>Secret <input name=\"secret\" type=\"password\"></label>\n"
    "<input type=\"submit\" value=\"Send\">\n</form>\n<table>\n";
constexpr std::string_view page_end = "</table>\n</body>\n</html>\n";

// Calls packet_begins() and line(name, value) for what there is, and packet_ends().
template <class Visitor>
void visit_packets(std::string_view text, Visitor& visitor) {
  bool inside = false;
  while (!text.empty()) {
    const auto end = std::min(text.find("\r\n"), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 2, text.size()));
    if (line.empty()) {
      if (std::exchange(inside, false)) visitor.packet_ends();
      continue;
    }
    if (!std::exchange(inside, true)) visitor.packet_begins();
    const auto colon = std::min(line.find(':'), line.size());
    const auto value = line.substr(std::min(colon + 1, line.size()));
    visitor.line(line.substr(0, colon), value.starts_with(' ') ? value.substr(1) : value);
  }
  if (inside) visitor.packet_ends();
}

// Good inside an attribute in either quotes. What is no UTF-8 is taken for Latin-1.
void append_escaped(std::string& out, std::string_view text) {
  const bool utf8 = base::is_utf8(text);
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&apos;";
        break;
      default:
        if (octet >= 0x80 && !utf8) {
          out += fmt::format("&#{};", octet);
        } else if (octet >= 0x20 || c == '\t') {
          out += c;
        } else {
          out += '?';  // no document may hold it
        }
    }
  }
}

// A name for an attribute may not begin with a digit.
std::string attribute_name(std::string_view name) {
  auto out = base::lower(name);
  for (char& c : out) {
    if (!base::is_alpha(c) && !base::is_digit(c)) c = '_';
  }
  if (out.empty() || base::is_digit(out.front())) out.insert(0, 1, '_');
  return out;
}

bool is_element_name(std::string_view name) {
  constexpr std::size_t longest = 64;
  if (name.empty() || name.size() > longest || (!base::is_alpha(name[0]) && name[0] != '_')) {
    return false;
  }
  return std::all_of(name.begin(), name.end(), [](char c) {
    return base::is_alpha(c) || base::is_digit(c) || c == '_' || c == '-' || c == '.';
  });
}

class XmlWriter {
 public:
  XmlWriter(const View& view, std::string& out) : view_(view), out_(out) {}
  void packet_begins() {
    out_ += "<response type='object' id='";
    append_escaped(out_, view_.id);
    out_ += fmt::format("'><{}", view_.element);
    seen_.clear();
  }
  void line(std::string_view name, std::string_view value) {
    const auto attribute = attribute_name(name);
    const unsigned times = ++seen_[attribute];
    out_ += fmt::format(" {}{}='", attribute, times > 1 ? fmt::format("-{}", times) : "");
    append_escaped(out_, value);
    out_ += '\'';
  }
  void packet_ends() { out_ += " /></response>\n"; }

 private:
  const View& view_;
  std::string& out_;
  std::map<std::string, unsigned> seen_;
};

class PageWriter {
 public:
  explicit PageWriter(std::string& out) : out_(out) {}
  void packet_begins() {}
  void line(std::string_view name, std::string_view value) {
    out_ += "<tr><td>";
    append_escaped(out_, name);
    out_ += "</td><td>";
    append_escaped(out_, value);
    out_ += "</td></tr>\n";
  }
  void packet_ends() { out_ += "<tr><td colspan=\"2\"><hr></td></tr>\n"; }

 private:
  std::string& out_;
};

}  // namespace

std::string_view content_type(Format format) {
  switch (format) {
    case Format::html:
      return "text/html; charset=utf-8";
    case Format::xml:
      return "text/xml";
    case Format::text:
      break;
  }
  return "text/plain";
}

View view_of(Format format, const Parameters& parameters) {
  View view{format};
  for (const auto& [name, value] : parameters) {
    if (base::iequals(name, "ajaxdest") && !value.empty()) view.id = value;
    if (base::iequals(name, "ajaxobjtype") && is_element_name(value)) view.element = value;
  }
  return view;
}

std::string render(const View& view, std::string_view packets) {
  std::string out;
  if (view.format == Format::text) {
    out = packets;
  } else if (view.format == Format::xml) {
    out = "<ajax-response>\n";
    XmlWriter writer(view, out);
    visit_packets(packets, writer);
    out += "</ajax-response>\n";
  } else {
    out = page_head;
    PageWriter writer(out);
    visit_packets(packets, writer);
    out += page_end;
  }
  return out;
}

}  // namespace missive::ami::web

#include "ami/web/form.h"

#include <fmt/format.h>

#include "base/text.h"

namespace missive::ami::web {
namespace {

unsigned digit_of(char c) {
  return static_cast<unsigned>(base::is_digit(c) ? c - '0' : base::to_lower(c) - 'a' + 10);
}

// '+' is a blank, %XX an octet; a '%' that begins no escape stands for itself.
std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && base::is_hex_digit(text[i + 1]) &&
                        base::is_hex_digit(text[i + 2]);
    if (escape) {
      out += static_cast<char>(digit_of(text[i + 1]) << 4 | digit_of(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

bool is_form(const http::Request& request) {
  const auto type = request.field("Content-Type");
  return base::iequals(base::trim(type.substr(0, type.find(';'))),
                       "application/x-www-form-urlencoded");
}

bool leaves_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

}  // namespace

void add_form(Parameters& parameters, std::string_view text) {
  while (!text.empty()) {
    const auto part = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const auto equals = part.find('=');
    auto name = unescape(part.substr(0, equals));
    if (name.empty()) continue;
    parameters.emplace_back(std::move(name), equals == std::string_view::npos
                                                 ? std::string()
                                                 : unescape(part.substr(equals + 1)));
  }
}

base::Result<Parameters> parameters_of(const http::Request& request) {
  Parameters out;
  add_form(out, request.query);
  if (request.body.empty()) return out;
  if (!is_form(request)) {
    return base::fail("a body is to be a form, application/x-www-form-urlencoded");
  }
  add_form(out, request.body);
  return out;
}

base::Result<std::string> action_of(const Parameters& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (leaves_line(name) || name.find(':') != std::string::npos) {
      return base::fail("'{}' is no name of a header", base::printable(name, 40));
    }
    if (leaves_line(value)) {
      return base::fail(
          "the value of {} holds a line end or a NUL; text of several lines is sent "
          "in Base64Body",
          base::printable(name, 40));
    }
    out += fmt::format("{}: {}\r\n", name, value);
  }
  return out + "\r\n";
}

std::string_view cookie_of(const http::Request& request, std::string_view name) {
  for (const auto& field : request.fields) {
    if (!base::iequals(field.name, "Cookie")) continue;
    for (const auto pair : base::split_list(field.value, ';')) {
      const auto equals = pair.find('=');
      if (equals == std::string_view::npos || base::trim(pair.substr(0, equals)) != name) continue;
      auto value = base::trim(pair.substr(equals + 1));
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        value = value.substr(1, value.size() - 2);
      }
      return value;
    }
  }
  return {};
}

}  // namespace missive::ami::web

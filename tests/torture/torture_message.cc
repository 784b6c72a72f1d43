#include "torture/torture_message.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "support/source_file.h"

namespace missive::sip::test {

namespace {

std::string from_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return out;
}

}  // namespace

std::string torture_octets(std::string_view name) {
  const auto path = source_file(fmt::format("tests/torture/messages/{}.sip", name));
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  const std::string text{std::istreambuf_iterator<char>(file), {}};

  constexpr std::string_view open = "<hex>";
  constexpr std::string_view close = "</hex>";
  std::string octets;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (std::string_view(text).substr(i).starts_with(open)) {
      const auto begin = i + open.size();
      const auto end = text.find(close, begin);
      octets += from_hex(std::string_view(text).substr(begin, end - begin));
      i = end + close.size() - 1;
    } else {
      if (text[i] == '\n') octets += '\r';
      octets += text[i];
    }
  }
  return octets;
}

Torture::Torture(std::string_view name)
    : octets(torture_octets(name)), parsed(packet.parse(octets)) {}

std::string Torture::verdict() const {
  if (!parsed) {
    const bool answerable = packet.is_request() && packet.top_via();
    return answerable ? "400 " + parsed.error().text : "unreadable";
  }
  if (!packet.is_request()) return "ok";
  const auto error = validate_request(packet);
  return error ? fmt::format("{} {}", error->status, error->reason) : "ok";
}

}  // namespace missive::sip::test

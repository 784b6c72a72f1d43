// A Configuration from the text of a sip.conf, for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chan_sip/load.h"
#include "pjsip/resolution.h"

namespace missive::chan_sip::test {

using Configured = std::shared_ptr<const pjsip::Configuration>;

// Throws on an error; warnings are let through.
inline Configured configured(std::string_view text) {
  conf::Problems problems;
  auto configuration = parse(text, problems);
  for (const auto& problem : problems) {
    if (problem.severity == conf::Problem::Severity::error) ADD_FAILURE() << problem.str();
  }
  if (!configuration) throw std::runtime_error(configuration.error().text);
  return *configuration;
}

// What is wrong with the text, each with its line.
inline std::vector<std::string> problems_of(std::string_view text, std::string_view acl = {}) {
  conf::Problems problems;
  static_cast<void>(parse(text, problems, acl));
  std::vector<std::string> out;
  for (const auto& problem : problems) out.push_back(problem.str());
  return out;
}

// That of the recorded cases.
constexpr std::string_view observed =
    "[general]\nudpbindaddr=127.0.0.1:5080\nuseragent=test\n"
    "[legacy]\ntype=friend\nhost=127.0.0.2\nport=5063\ncontext=messages\n";

}  // namespace missive::chan_sip::test

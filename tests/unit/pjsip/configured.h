// A Configuration from text, for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string_view>

#include "pjsip/configuration.h"

namespace missive::pjsip::test {

// Throws on an error; warnings are let through.
inline std::shared_ptr<const Configuration> configured(std::string_view text) {
  conf::Problems problems;
  auto configuration = Configuration::parse(text, problems);
  for (const auto& problem : problems) {
    if (problem.severity == conf::Problem::Severity::error) ADD_FAILURE() << problem.str();
  }
  if (!configuration) throw std::runtime_error(configuration.error().text);
  return *configuration;
}

}  // namespace missive::pjsip::test

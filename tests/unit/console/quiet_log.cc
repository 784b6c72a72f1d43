// What the tests provoke is logged by the server; the tests' own output should be readable.
#include <gtest/gtest.h>

#include "base/log.h"

namespace {

class QuietLog final : public testing::Environment {
  void SetUp() override { missive::log::set_quiet(); }
};
const auto* const quiet = testing::AddGlobalTestEnvironment(new QuietLog);

}  // namespace

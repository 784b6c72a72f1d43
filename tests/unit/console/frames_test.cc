// Frames of the console's socket.
//
// 1. what was written is read again, text with line ends and none among it
// 2. a frame is taken whole, however its octets arrive
// 3. what is no frame, or too long, is an error
#include "console/frames.h"

#include <gtest/gtest.h>

namespace missive::console {
namespace {

constexpr std::size_t longest = 1000;

TEST(Frames, AreReadAgain) {
  std::string wire;
  append_frame(wire, "run", "pjsip show endpoints");
  append_frame(wire, "follow", "");
  append_frame(wire, "log", "two\nlines\n");
  EXPECT_EQ(wire.substr(0, 7), "run 20\n");
  std::string_view rest = wire;
  for (const auto& [kind, text] :
       {std::pair{"run", "pjsip show endpoints"}, {"follow", ""}, {"log", "two\nlines\n"}}) {
    const auto frame = take_frame(rest, longest);
    ASSERT_TRUE(frame && *frame);
    EXPECT_EQ((*frame)->kind, kind);
    EXPECT_EQ((*frame)->text, text);
  }
  EXPECT_TRUE(rest.empty());
}

TEST(Frames, WaitForTheirEnd) {
  std::string wire;
  append_frame(wire, "output", "hello");
  for (std::size_t i = 0; i < wire.size(); ++i) {
    std::string_view part = std::string_view(wire).substr(0, i);
    const auto frame = take_frame(part, longest);
    ASSERT_TRUE(frame) << i;
    EXPECT_FALSE(*frame) << i;
    EXPECT_EQ(part.size(), i) << "something was taken";
  }
}

TEST(Frames, RefuseStrangers) {
  for (const std::string_view wire :
       {"GET / HTTP/1.1\r\nHost: somewhere else\r\n", "run\n", "run x\n", "run -1\n", "run 1001\n",
        "a long line without any end at all"}) {
    auto rest = wire;
    EXPECT_FALSE(take_frame(rest, longest)) << wire;
  }
}

}  // namespace
}  // namespace missive::console

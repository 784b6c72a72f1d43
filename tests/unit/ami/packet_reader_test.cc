// The packet reader.
//
// 1. CRLF and LF ends, no blank after the colon, several blanks, blanks at the end of the
//    value; names without case; blanks before the colon.
// 2. Several headers of one name: the first is header(), all are headers().
// 3. A line without a colon, or without a name, is ignored; an empty packet is an action
//    without a name.
// 4. Two actions at once: consumed tells them apart.
// 5. Input cut at every place, and in single octets, gives what input at once gives, also
//    for actions over each limit.
// 6. A line exactly as long as allowed passes, one octet more does not, with LF and CRLF.
// 7. The ActionID of a malformed action is found before and after the bad line; the next
//    action is read as if nothing had been.
// 8. A line of 200 MB is dropped in bounded memory.
// 9. Too many headers, an action too long, a NUL: each says so.
// 10. Where several limits are broken the answer does not depend on how the input is cut.
#include "ami/packet_reader.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace missive::ami {
namespace {

using Kind = PacketReader::Kind;

// What came out of the reader, in a form that can be compared.
std::string describe(const PacketReader& reader, Kind kind) {
  std::string text;
  if (kind == Kind::malformed) {
    return "malformed: " + std::string(reader.problem()) +
           " id=" + std::string(reader.problem_action_id()) + "\n";
  }
  for (std::size_t i = 0; i < reader.action().size(); ++i) {
    const auto [name, value] = reader.action()[i];
    text += std::string(name) + "=[" + std::string(value) + "]\n";
  }
  return text + "--\n";
}

// Feeds `input` in pieces of `step` octets; the buffer moves every time.
std::string read_all(std::string_view input, std::size_t step, PacketReader::Limits limits = {}) {
  PacketReader reader(limits);
  std::string text;
  std::string pending;
  for (std::size_t at = 0; at < input.size(); at += step) {
    pending = pending + std::string(input.substr(at, step));
    for (;;) {
      const auto outcome = reader.next(pending);
      if (outcome.kind != Kind::need_more) text += describe(reader, outcome.kind);
      pending = pending.substr(outcome.consumed);
      if (outcome.kind == Kind::need_more) break;
    }
  }
  return text;
}

std::string read_all(std::string_view input, PacketReader::Limits limits = {}) {
  return read_all(input, std::max<std::size_t>(input.size(), 1), limits);
}

constexpr PacketReader::Limits small{20, 4, 90};

TEST(PacketReader, ReadsTheFormsOfALine) {
  EXPECT_EQ(read_all("Action: Ping\r\nActionID:nospace\r\n\r\n"),
            "Action=[Ping]\nActionID=[nospace]\n--\n");
  EXPECT_EQ(read_all("Action:Ping\nA:   spaces  \n\n"), "Action=[Ping]\nA=[spaces  ]\n--\n");
  EXPECT_EQ(read_all("Action : Ping\r\nEmpty:\r\nTab:\tx\r\nUrl: a:b\r\n\r\n"),
            "Action=[Ping]\nEmpty=[]\nTab=[x]\nUrl=[a:b]\n--\n");
}

TEST(PacketReader, FindsHeadersWithoutCase) {
  PacketReader reader({});
  const std::string_view data = "aCtIoN: pInG\r\nvariable: a\r\nVARIABLE: b\r\nactionid: x\r\n\r\n";
  ASSERT_EQ(reader.next(data).kind, Kind::action);
  EXPECT_EQ(reader.action().name(), "pInG");
  EXPECT_EQ(reader.action().id(), "x");
  EXPECT_EQ(reader.action().header("Variable"), "a");
  EXPECT_TRUE(reader.action().has("Variable"));
  EXPECT_FALSE(reader.action().has("Variables"));
  std::string all;
  reader.action().headers("Variable", [&all](std::string_view value) { all += value; });
  EXPECT_EQ(all, "ab");
}

TEST(PacketReader, IgnoresLinesWithoutName) {
  EXPECT_EQ(read_all("Action: Ping\r\nbogus line\r\n: x\r\nActionID: b\r\n\r\n"),
            "Action=[Ping]\nActionID=[b]\n--\n");
  EXPECT_EQ(read_all("\r\n\r\n\n"), "--\n--\n--\n");
}

TEST(PacketReader, TellsActionsApart) {
  PacketReader reader({});
  const std::string data = "Action: A\r\n\r\nAction: B\n\nAction: C\r\n";
  const auto first = reader.next(data);
  EXPECT_EQ(first.consumed, 13u);
  EXPECT_EQ(reader.action().name(), "A");
  const auto second = reader.next(std::string_view(data).substr(13));
  EXPECT_EQ(second.consumed, 11u);
  EXPECT_EQ(reader.action().name(), "B");
  const auto third = reader.next(std::string_view(data).substr(24));
  EXPECT_EQ(third.kind, Kind::need_more);
  EXPECT_EQ(third.consumed, 0u);
}

TEST(PacketReader, AnswersTheSameHoweverInputIsCut) {
  const std::string long_line(60, 'x');
  const std::string input =
      "Action: A\r\nB: c\r\n\r\n\r\nAction: B\nActionID: 7\nBody: " + long_line +
      "\n\nAction: C\r\n1: 1\r\n2: 2\r\nActionID: 8\r\n3: 3\r\nActionID: 9\r\n\r\n" +
      "Action: D\r\n" + long_line + "\r\nActionID: 9\r\n\r\nA: " + std::string("n\0l", 3) +
      "\r\nActionID: nul\r\n\r\nlast: one\n\n" + "a: " + std::string(17, 'y') +
      "\r\na: " + std::string(18, 'y') + "\r\n\r\n";
  const auto at_once = read_all(input, small);
  EXPECT_NE(at_once.find("malformed: line too long id=7\n"), std::string::npos) << at_once;
  EXPECT_NE(at_once.find("malformed: too many headers id=8\n"), std::string::npos) << at_once;
  EXPECT_NE(at_once.find("malformed: line too long id=9\n"), std::string::npos) << at_once;
  EXPECT_NE(at_once.find("malformed: NUL in a header id=nul\n"), std::string::npos) << at_once;
  EXPECT_NE(at_once.find("last=[one]\n--\n"), std::string::npos) << at_once;
  for (std::size_t step = 1; step < input.size(); ++step) {
    ASSERT_EQ(read_all(input, step, small), at_once) << "in pieces of " << step;
  }
}

TEST(PacketReader, HoldsLinesToTheLimit) {
  const std::string fits = "a: " + std::string(17, 'y');
  for (const std::string end : {"\r\n", "\n"}) {
    for (const std::size_t step : {1, 7, 100}) {
      EXPECT_EQ(read_all(fits + end + end, step, small), "a=[" + std::string(17, 'y') + "]\n--\n");
      EXPECT_EQ(read_all(fits + "y" + end + end, step, small), "malformed: line too long id=\n");
    }
  }
}

TEST(PacketReader, GoesOnAfterAMalformedAction) {
  const std::string bad(50, 'x');
  EXPECT_EQ(read_all("ActionID: 1\r\nX: " + bad + "\r\n\r\nAction: P\r\n\r\n", small),
            "malformed: line too long id=1\nAction=[P]\n--\n");
  EXPECT_EQ(read_all("X: " + bad + "\r\nactionid : 2\r\nActionID: 3\r\n\r\nA: P\r\n\r\n", small),
            "malformed: line too long id=2\nA=[P]\n--\n");
  EXPECT_EQ(read_all("ActionID: " + bad + "\r\n\r\nA: P\r\n\r\n", small),
            "malformed: line too long id=\nA=[P]\n--\n");
}

TEST(PacketReader, DropsEndlessLinesInBoundedMemory) {
  PacketReader reader(small);
  std::string pending = "ActionID: me\r\nBody: ";
  const std::string piece(1 << 20, 'z');
  for (int i = 0; i < 200; ++i) {
    pending += piece;
    const auto outcome = reader.next(pending);
    ASSERT_EQ(outcome.kind, Kind::need_more);
    pending.erase(0, outcome.consumed);
    ASSERT_LE(pending.size(), small.max_line + 2);
  }
  pending += "\r\n\r\n";
  EXPECT_EQ(reader.next(pending).kind, Kind::malformed);
  EXPECT_EQ(reader.problem(), "line too long");
  EXPECT_EQ(reader.problem_action_id(), "me");
}

TEST(PacketReader, SaysWhichLimitIsBroken) {
  EXPECT_EQ(read_all("a: 1\na: 2\na: 3\na: 4\n\n", small), "a=[1]\na=[2]\na=[3]\na=[4]\n--\n");
  EXPECT_EQ(read_all("a: 1\na: 2\na: 3\na: 4\nbogus\n\n", small),
            "malformed: too many headers id=\n");
  const PacketReader::Limits octets{50, 10, 40};
  EXPECT_EQ(read_all("a: " + std::string(35, 'x') + "\n\n", octets),
            "a=[" + std::string(35, 'x') + "]\n--\n");
  EXPECT_EQ(read_all("a: " + std::string(36, 'x') + "\n\n", octets),
            "malformed: action too long id=\n");
  EXPECT_EQ(read_all(std::string("a: \0\n\n", 6)), "malformed: NUL in a header id=\n");
}

TEST(PacketReader, ReportsTheGreatestProblemHoweverInputIsCut) {
  std::string input = "ActionID: x\n";
  for (int i = 0; i < 6; ++i) input += "abcdefgh: 123456789\n";
  input += std::string(30, 'z') + "\n\nAction: next\n\n";
  const std::string expected = "malformed: line too long id=x\nAction=[next]\n--\n";
  for (std::size_t step = 1; step <= input.size(); ++step) {
    ASSERT_EQ(read_all(input, step, small), expected) << step;
  }
}

}  // namespace
}  // namespace missive::ami

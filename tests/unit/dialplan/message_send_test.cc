// MessageSend(), as the documentation has it.
//
//  1. Sends MESSAGE(body) to the destination: body, From and To of the incoming message.
//  2. From and To: the argument, else MESSAGE(), else the incoming one; without "pjsip:".
//  3. Display names with commas and quotes stay whole.
//  4. MESSAGE_SEND_STATUS: SUCCESS, FAILURE, INVALID_PROTOCOL, INVALID_URI.
//  5. Without a destination nothing is sent: INVALID_URI.
//  6. Headers travel only when marked.
//  7. The content type goes with its body, unless one was set.
//  8. Max-Forwards is that of the incoming message; fewer can be asked for; none left: a loop.
//  9. The run waits until the message was handed over, when something follows that could ask.
// 10. The run ends at once when nothing follows; late news is no harm.
// 11. A hand-over that comes after the run's time is no harm.
// 12. Ten thousand messages in one run, handed over at once, take no stack.
// 13. MESSAGE_ID is that of the message that was made, also of one that failed; without one empty.
// 14. The message says who it came from: technology and endpoint, where there is an endpoint.
// 15. w(): waits for the outcome, also as the last priority: status and code.
// 16. w(): refused, kept, taken by the outbox for later, out of time; the first of these counts.
// 17. w(): whatever the time, the status waits for the hand-over; the outcome may come before it.
// 18. w(): news after the run's end, and callbacks that are never called, are no harm.
// 19. w without seconds is a minute, as is what is no number; unknown options warn and are left.
// 20. MESSAGE_SEND_CODE of an earlier message does not stay.
#include "unit/dialplan/run_lab.h"

namespace missive::dialplan::test {
namespace {

using namespace std::chrono_literals;
using Kind = message::Refusal::Kind;
constexpr auto status = "Remember(${MESSAGE_SEND_STATUS})";

TEST(MessageSend, SendsTheIncomingMessage) {
  Lab lab;
  lab.play({"MessageSend(pjsip:bob)"});
  ASSERT_EQ(lab.technology.sent.size(), 1U);
  const auto& sent = *lab.technology.sent[0];
  EXPECT_EQ(sent.destination(), "pjsip:bob");
  EXPECT_EQ(sent.body(), "hello");
  EXPECT_EQ(sent.from(), "alice@example.com");
  EXPECT_EQ(sent.to(), "bob@example.com");
  EXPECT_EQ(sent.id().size(), 36U);
}

TEST(MessageSend, ChoosesFromAndTo) {
  Lab lab;
  lab.play({"Set(MESSAGE(from)=\"Al\" <sip:al@example.com>)", "Set(MESSAGE(to)=pjsip:carl)",
            "Set(MESSAGE(body)=changed)", "MessageSend(pjsip:bob)",
            "MessageSend(pjsip:bob,sip:me@example.com)",
            "MessageSend(pjsip:bob,,sip:you@example.com)",
            "MessageSend(pjsip:bob,pjsip:me,pjsip:sip:you@example.com)"});
  std::vector<std::string> seen;
  for (const auto& sent : lab.technology.sent) {
    seen.push_back(fmt::format("{} {} {}", sent->from(), sent->to(), sent->body()));
  }
  EXPECT_EQ(seen, (std::vector<std::string>{
                      "\"Al\" <sip:al@example.com> carl changed", "sip:me@example.com carl changed",
                      "\"Al\" <sip:al@example.com> sip:you@example.com changed",
                      "me sip:you@example.com changed"}));
}

TEST(MessageSend, KeepsDisplayNames) {
  Lab lab;
  lab.play(
      {"MessageSend(\"pjsip:bob\",\"Smith, Al\" <sip:al@example.com>,"
       "\"B\" <sip:bob@[::1]>)",
       "MessageSend(pjsip:bob/\"Carl, C\" <sip:carl@example.com>)"});
  ASSERT_EQ(lab.technology.sent.size(), 2U);
  EXPECT_EQ(lab.technology.sent[0]->destination(), "pjsip:bob");
  EXPECT_EQ(lab.technology.sent[0]->from(), "\"Smith, Al\" <sip:al@example.com>");
  EXPECT_EQ(lab.technology.sent[0]->to(), "\"B\" <sip:bob@[::1]>");
  EXPECT_EQ(lab.technology.sent[1]->destination(), "pjsip:bob/\"Carl, C\" <sip:carl@example.com>");
}

TEST(MessageSend, TellsTheStatus) {
  Lab lab;
  EXPECT_EQ(lab.play({"MessageSend(pjsip:bob)", status}), Remembered{"SUCCESS"});
  EXPECT_EQ(lab.play({"MessageSend(smtp:bob)", status, "MessageSend(bob)", status}),
            (Remembered{"INVALID_PROTOCOL", "INVALID_PROTOCOL"}));
  lab.technology.refusal = message::Refusal{Kind::invalid_uri, "no such endpoint"};
  EXPECT_EQ(lab.play({"MessageSend(pjsip:bob)", status}), Remembered{"INVALID_URI"});
  lab.technology.refusal = message::Refusal{Kind::failure, "it is raining"};
  EXPECT_EQ(lab.play({"MessageSend(pjsip:bob)", status}), Remembered{"FAILURE"});
}

TEST(MessageSend, NeedsADestination) {
  Lab lab;
  EXPECT_EQ(lab.play({"MessageSend()", status, "MessageSend(,sip:a@b)", status}),
            (Remembered{"INVALID_URI", "INVALID_URI"}));
  EXPECT_TRUE(lab.technology.sent.empty());
}

TEST(MessageSend, SendsMarkedHeadersOnly) {
  Lab lab;
  lab.load(
      "[in]\nexten => 1,1,MessageSend(pjsip:bob)\n"
      " same => n,Set(MESSAGE_DATA(X-Mine)=2)\n same => n,MessageSend(pjsip:bob)\n"
      " same => n,Set(MESSAGE(custom_data)=mark_all_outbound)\n"
      " same => n,MessageSend(pjsip:bob)\n"
      " same => n,Set(MESSAGE(custom_data)=clear_all_outbound)\n"
      " same => n,MessageSend(pjsip:bob)\n");
  lab.run(Lab::message("1", "hello", 70, "text/plain", {{"X-Theirs", "1"}, {"Via", "x"}}));
  std::vector<std::string> seen;
  for (const auto& sent : lab.technology.sent) {
    std::string line;
    for (const auto& variable : sent->variables()) {
      line += fmt::format("{}={};", variable.name, variable.value);
    }
    seen.push_back(line);
  }
  EXPECT_EQ(seen,
            (std::vector<std::string>{"Max-Forwards=70;", "X-Mine=2;Max-Forwards=70;",
                                      "X-Theirs=1;X-Mine=2;Max-Forwards=70;", "Max-Forwards=70;"}));
}

TEST(MessageSend, KeepsTheContentType) {
  Lab lab;
  lab.load(
      "[in]\nexten => 1,1,MessageSend(pjsip:bob)\n"
      " same => n,Set(MESSAGE(body)=plain)\n same => n,MessageSend(pjsip:bob)\n"
      "exten => 2,1,Set(MESSAGE_DATA(content-type)=text/x-mine)\n"
      " same => n,MessageSend(pjsip:bob)\n");
  lab.run(Lab::message("1", "<b>", 70, "text/html"));
  lab.run(Lab::message("2", "<b>", 70, "text/html"));
  ASSERT_EQ(lab.technology.sent.size(), 3U);
  const auto type = [&](std::size_t i) {
    return RecordingTechnology::header(*lab.technology.sent[i], "Content-Type");
  };
  EXPECT_EQ(type(0), "text/html");
  EXPECT_EQ(type(1), std::nullopt);
  EXPECT_EQ(type(2), std::nullopt);
  EXPECT_EQ(RecordingTechnology::header(*lab.technology.sent[2], "content-type"), "text/x-mine");
}

TEST(MessageSend, CountsHops) {
  Lab lab;
  lab.load(
      "[in]\nexten => 1,1,Set(MESSAGE_DATA(Max-Forwards)=${MESSAGE(body)})\n"
      " same => n,MessageSend(pjsip:bob)\n same => n,Remember(${MESSAGE_SEND_STATUS})\n");
  lab.run(Lab::message("1", "", 17));
  lab.run(Lab::message("1", "70", 17));
  lab.run(Lab::message("1", "3", 17));
  ASSERT_EQ(lab.technology.sent.size(), 3U);
  const auto hops = [&](std::size_t i) {
    return RecordingTechnology::header(*lab.technology.sent[i], "Max-Forwards");
  };
  EXPECT_EQ(hops(0), "17");
  EXPECT_EQ(hops(1), "17");
  EXPECT_EQ(hops(2), "3");
  lab.run(Lab::message("1", "70", 0));
  EXPECT_EQ(lab.technology.sent.size(), 3U);
  EXPECT_EQ(lab.remembered.back(), "FAILURE");
}

TEST(MessageSend, WaitsForTheHandOver) {
  Lab lab;
  lab.technology.patient = true;
  for (
      const auto* const text :
      {"[in]\nexten => 1,1,MessageSend(pjsip:bob)\nexten => 1,2,Remember(${MESSAGE_SEND_STATUS})\n",
       "[in]\nexten => 1,1,MessageSend(pjsip:bob)\nexten => h,1,Remember(${MESSAGE_SEND_STATUS})\n",
       "[in]\nexten => 1,1,Gosub(2,1)\nexten => 1,2,Remember(${MESSAGE_SEND_STATUS})\n"
       "exten => 2,1,MessageSend(pjsip:bob)\n same => n,Return()\n",
       "[in]\nexten => 1,1,TryExec(MessageSend(pjsip:bob))\n"
       "exten => 1,2,Remember(${MESSAGE_SEND_STATUS})\n"}) {
    lab.done = 0;
    lab.remembered.clear();
    lab.technology.waiting.clear();
    lab.load(text);
    lab.begin(Lab::message("1"));
    lab.settle();
    EXPECT_EQ(lab.done, 0) << text;
    ASSERT_EQ(lab.technology.waiting.size(), 1U) << text;
    lab.technology.waiting[0](std::nullopt);
    EXPECT_EQ(lab.done, 1) << text;
    EXPECT_EQ(lab.remembered, Remembered{"SUCCESS"}) << text;
  }
}

TEST(MessageSend, EndsAtOnceWhenItIsTheLast) {
  Lab lab;
  lab.technology.patient = true;
  for (const auto* const way : {"MessageSend(pjsip:bob)", "ExecIf(1?MessageSend(pjsip:bob))",
                                "Exec(MessageSend(pjsip:bob))"}) {
    lab.technology.waiting.clear();
    lab.play({way});
    ASSERT_EQ(lab.technology.waiting.size(), 1U) << way;
    lab.technology.waiting[0](message::Refusal{Kind::failure, "it is raining"});
  }
  EXPECT_EQ(lab.technology.sent.size(), 3U);
}

TEST(MessageSend, MayBeHandedOverTooLate) {
  Lab lab({.max_duration = 10s});
  lab.technology.patient = true;
  lab.load("[in]\nexten => 1,1,MessageSend(pjsip:bob)\n same => n,Remember(no)\n");
  lab.begin(Lab::message("1"));
  lab.pass(11s);
  EXPECT_EQ(lab.done, 1);
  ASSERT_EQ(lab.technology.waiting.size(), 1U);
  lab.technology.waiting[0](std::nullopt);
  lab.settle();
  EXPECT_EQ(lab.done, 1);
  EXPECT_EQ(lab.remembered, Remembered{});
}

constexpr auto what = "Remember(${MESSAGE_SEND_STATUS} ${MESSAGE_SEND_CODE})";

message::Attempted attempted(message::Status::State state, int code) {
  message::Attempted out;
  out.status.state = state;
  out.status.response_code = code;
  return out;
}

TEST(MessageSend, TellsTheId) {  // 13
  Lab lab;
  constexpr auto id = "Remember(${MESSAGE_ID})";
  lab.play({"MessageSend(pjsip:bob)", id, "MessageSend(pjsip:bob)", id, "MessageSend()", id});
  ASSERT_EQ(lab.remembered.size(), 3U);
  EXPECT_EQ(lab.remembered[0], lab.technology.sent[0]->id());
  EXPECT_EQ(lab.remembered[1], lab.technology.sent[1]->id());
  EXPECT_NE(lab.remembered[0], lab.remembered[1]);
  EXPECT_EQ(lab.remembered[2], "");
  lab.technology.refusal = message::Refusal{Kind::failure, "it is raining"};
  lab.play({"MessageSend(pjsip:bob)", id});
  EXPECT_EQ(lab.remembered, Remembered{std::string(lab.technology.sent.back()->id())});
  EXPECT_EQ(lab.play({"MessageSend(smtp:bob)", id}).front().size(), 36U);
}

TEST(MessageSend, SaysWhoItIsFrom) {  // 14
  Lab lab;
  lab.play({"MessageSend(pjsip:bob)"});
  lab.run(message::Incoming::create(
      {.id = "id-2", .technology = "pjsip", .context = "in", .exten = "1", .body = "hello"}));
  ASSERT_EQ(lab.technology.sent.size(), 2U);
  EXPECT_EQ(lab.technology.sent[0]->origin(), "pjsip:alice");
  EXPECT_EQ(lab.technology.sent[1]->origin(), "");
}

TEST(MessageSend, WaitsForTheOutcome) {  // 15
  using State = message::Status::State;
  struct Row {
    State state;
    int code;
    std::string remembered;
  };
  for (const auto& [state, code, remembered] :
       {Row{State::delivered, 200, "SUCCESS 200"}, Row{State::sent, 202, "SUCCESS 202"},
        Row{State::failed, 404, "FAILURE 404"}, Row{State::expired, 0, "FAILURE "},
        Row{State::cancelled, 480, "FAILURE 480"}}) {
    Lab lab;
    lab.load(
        fmt::format("[in]\nexten => 1,1,MessageSend(pjsip:bob,,,w(5))\n same => n,{}\n"
                    "exten => 2,1,MessageSend(pjsip:bob,sip:a@b,sip:c@d,w(5))\n",
                    what));
    lab.begin(Lab::message("1"));
    lab.settle();
    EXPECT_EQ(lab.done, 0);
    ASSERT_EQ(lab.technology.outcomes.size(), 1U);
    lab.technology.outcomes[0](attempted(State::sending, 100));
    EXPECT_EQ(lab.done, 0);
    lab.technology.outcomes[0](attempted(state, code));
    EXPECT_EQ(lab.done, 1);
    EXPECT_EQ(lab.remembered.size(), 1U);
    // 100 is what was last known where the end has no code.
    EXPECT_EQ(lab.remembered[0], code != 0 ? remembered : remembered + "100");

    lab.begin(Lab::message("2"));
    lab.settle();
    EXPECT_EQ(lab.done, 1) << "as the last priority it waits all the same";
    lab.technology.outcomes[1](attempted(state, code));
    EXPECT_EQ(lab.done, 2);
    lab.pass(10s);
    EXPECT_EQ(lab.done, 2);
  }
}

TEST(MessageSend, StopsWaitingWhenThereIsNothingToWaitFor) {  // 16
  using State = message::Status::State;
  const auto text =
      fmt::format("[in]\nexten => 1,1,MessageSend(pjsip:bob,,,w(5))\n same => n,{}\n", what);
  {
    Lab lab;
    lab.load(text);
    lab.technology.refusal = message::Refusal{Kind::full, "outbox full"};
    lab.begin(Lab::message("1"));
    EXPECT_EQ(lab.remembered, Remembered{"FAILURE "});
    lab.technology.refusal = message::Refusal{Kind::invalid_uri, "what is that?"};
    lab.begin(Lab::message("1"));
    EXPECT_EQ(lab.remembered.back(), "INVALID_URI ");
  }
  {
    Lab lab;
    lab.load(text);
    lab.begin(Lab::message("1"));
    lab.technology.outcomes[0](attempted(State::queued, 480));
    EXPECT_EQ(lab.remembered, Remembered{"SUCCESS 480"});
  }
  {
    Lab lab;
    lab.technology.patient = true;
    lab.load(text);
    lab.begin(Lab::message("1"));
    message::Acceptance kept;
    kept.waits = true;
    lab.technology.waiting[0](kept);
    EXPECT_EQ(lab.remembered, Remembered{"SUCCESS "});
  }
  {
    Lab lab;
    lab.load(text);
    lab.begin(Lab::message("1"));
    lab.pass(4900ms);
    EXPECT_EQ(lab.done, 0);
    lab.pass(200ms);
    EXPECT_EQ(lab.remembered, Remembered{"SUCCESS "});
    EXPECT_EQ(lab.done, 1);
    lab.technology.outcomes[0](attempted(State::failed, 404));
    EXPECT_EQ(lab.remembered, Remembered{"SUCCESS "});
    EXPECT_EQ(lab.done, 1);
  }
}

TEST(MessageSend, WaitsForTheHandOverInAnyCase) {  // 17
  using State = message::Status::State;
  Lab lab;
  lab.technology.patient = true;
  lab.load(fmt::format("[in]\nexten => 1,1,MessageSend(pjsip:bob,,,w(5))\n same => n,{}\n", what));
  lab.begin(Lab::message("1"));
  lab.pass(6s);
  EXPECT_EQ(lab.done, 0);
  lab.technology.waiting[0](message::Refusal{Kind::failure, "it is raining"});
  EXPECT_EQ(lab.remembered, Remembered{"FAILURE "});

  lab.begin(Lab::message("1"));
  lab.technology.outcomes[1](attempted(State::delivered, 200));
  lab.settle();
  EXPECT_EQ(lab.done, 1);
  lab.technology.waiting[1](std::nullopt);
  EXPECT_EQ(lab.done, 2);
  EXPECT_EQ(lab.remembered.back(), "SUCCESS 200");
}

TEST(MessageSend, NobodyNeedTell) {  // 18
  using State = message::Status::State;
  {
    Lab lab({.max_duration = 10s});
    lab.load(
        fmt::format("[in]\nexten => 1,1,MessageSend(pjsip:bob,,,w(60))\n same => n,{}\n", what));
    lab.begin(Lab::message("1"));
    lab.pass(11s);
    EXPECT_EQ(lab.done, 1);
    lab.technology.outcomes[0](attempted(State::delivered, 200));
    lab.pass(60s);
    EXPECT_EQ(lab.done, 1);
    EXPECT_TRUE(lab.remembered.empty());
  }
  Lab lab;
  lab.technology.patient = true;
  lab.load("[in]\nexten => 1,1,MessageSend(pjsip:bob,,,w(5))\n");
  lab.begin(Lab::message("1"));
  lab.technology.waiting.clear();
  lab.technology.outcomes.clear();
  lab.pass(10s);
  EXPECT_EQ(lab.done, 0);
}

TEST(MessageSend, UnderstandsItsOptions) {  // 19
  for (const auto* const options : {"w", "w()", " w( 60 ) ", "w(soon)", "w(0)", "w(-1)", "xw",
                                    "z(1)w", "w(60", "\"w(60)\"", "w(5)w(60)", "w(99999999)"}) {
    Lab lab;
    lab.load(fmt::format("[in]\nexten => 1,1,MessageSend(pjsip:bob,,,{})\n same => n,{}\n", options,
                         what));
    lab.begin(Lab::message("1"));
    lab.pass(59s);
    EXPECT_EQ(lab.done, 0) << options;
    lab.pass(2s);
    EXPECT_EQ(lab.done, 1) << options;
  }
  Lab lab;
  lab.play({"MessageSend(pjsip:bob,,,)", "MessageSend(pjsip:bob,,,x)"});
  EXPECT_EQ(lab.technology.sent.size(), 2U);
}

TEST(MessageSend, ForgetsTheCode) {  // 20
  Lab lab;
  lab.load(fmt::format(
      "[in]\nexten => 1,1,MessageSend(pjsip:bob,,,w(5))\n same => n,{0}\n"
      " same => n,MessageSend(pjsip:bob)\n same => n,{0}\n"
      " same => n,Set(MESSAGE_SEND_CODE=200)\n same => n,MessageSend()\n same => n,{0}\n",
      what));
  lab.begin(Lab::message("1"));
  lab.technology.outcomes[0](attempted(message::Status::State::delivered, 200));
  EXPECT_EQ(lab.remembered, (Remembered{"SUCCESS 200", "SUCCESS ", "INVALID_URI "}));
}

TEST(MessageSend, TakesNoStack) {
  Lab lab({.max_steps = 100'000});
  lab.play({"Set(I=0)", "While($[${I} < 10000])", "Set(I=$[${I} + 1])", "MessageSend(pjsip:bob)",
            "EndWhile()"});
  EXPECT_EQ(lab.technology.sent.size(), 10'000U);
}

}  // namespace
}  // namespace missive::dialplan::test

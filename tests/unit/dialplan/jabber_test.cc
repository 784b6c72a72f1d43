// The Jabber applications and functions, with accounts that the test answers for.
//
// JabberSend, JabberSendGroup
//  1. Destination, From, text; Type=groupchat for a room only; who it came from; id and status.
//  2. Commas, quotes and blanks in the text as it is written; those of a message are text alone.
//  3. What has to be expanded on a worker is sent on the shard.
//  4. Exec and ExecIf send too.
//  5. What becomes of the message does not end the run: MESSAGE_SEND_STATUS tells.
//  6. A nickname of JabberSendGroup is taken in the room first; the message is sent in any case.
// JabberJoin, JabberLeave, JabberStatus
//  7. They ask the account, with a nickname or without; JabberStatus sets its variable. What the
//     account refuses does not end the run.
// What is wrong
//  8. Arguments, accounts and rooms that make no sense end the run; nothing is sent.
//  9. Without XMPP every application ends the run, and the functions are empty.
// JABBER_STATUS, JABBER_RECEIVE
// 10. The status is a number from 1 to 7; empty without the account or an argument.
// 11. A message that is there; none within the time; 20 seconds unless it says otherwise.
// 12. It waits on a worker: other messages go on; it goes on when the message comes.
// 13. No longer than the run may take.
// 14. A server that stops ends the waiting.
// 15. What is no timeout, and a JID that makes no sense, are empty and ask nobody.
#include "dialplan/jabber.h"

#include <gmock/gmock.h>

#include <mutex>

#include "base/text.h"
#include "unit/dialplan/run_lab.h"

namespace missive::dialplan::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

// One account, "gateway". Any thread.
class FakeJabber final : public Jabber {
 public:
  bool has_account(std::string_view account) const override { return account == "gateway"; }
  int status(std::string_view, std::string_view jid) const override {
    return jid.starts_with("bob@") ? 3 : not_in_roster;
  }
  base::Result<void> join(std::string_view account, std::string_view room,
                          std::string_view nickname) override {
    return note(fmt::format("join {} {} {}", account, room, nickname));
  }
  base::Result<void> leave(std::string_view account, std::string_view room) override {
    return note(fmt::format("leave {} {}", account, room));
  }
  base::Result<void> receive(std::string_view account, std::string_view jid,
                             std::chrono::milliseconds time, net::Shard& asker,
                             Received answer) override {
    if (jid == "@") return base::fail("'@' is no JID");
    const std::lock_guard lock(mutex_);
    asked_.push_back(fmt::format("receive {} {} {}", account, jid, time.count()));
    if (patient) {
      waiting_ = std::move(answer);
    } else {
      asker.post([answer = std::move(answer), body = there]() mutable { answer(std::move(body)); });
    }
    return {};
  }

  std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  void answer(std::optional<std::string> body) {
    const std::lock_guard lock(mutex_);
    waiting_(std::move(body));
  }

  std::optional<std::string> there = "hi";
  bool patient = false;  // the test calls answer()
  bool refuses = false;

 private:
  base::Result<void> note(std::string text) {
    if (refuses) return base::fail("the room is not to be had");
    asked_.push_back(std::move(text));
    return {};
  }

  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
  Received waiting_;
};

struct JabberLab : Lab {
  explicit JabberLab(conf::MissiveConf::Dialplan options = {}) : Lab(std::move(options)) {
    sender.add(xmpp);
    shared.jabber = &jabber;
  }
  // The texts of what was sent, each with its recipient and Type.
  std::vector<std::string> sent() const {
    std::vector<std::string> out;
    for (const auto& message : xmpp.sent) {
      out.push_back(fmt::format("{} {}|{}", message->destination(),
                                RecordingTechnology::header(*message, "Type").value_or("-"),
                                message->body()));
    }
    return out;
  }

  FakeJabber jabber;
  RecordingTechnology xmpp{"xmpp"};
};

constexpr auto status = "Remember(${MESSAGE_SEND_STATUS})";

TEST(JabberSend, SendsToAPersonAndToARoom) {  // 1
  JabberLab lab;
  lab.play({"JabberSend(gateway,bob@example.com/phone,hello bob)", status,
            "Remember(${MESSAGE_ID})", "JabberSendGroup(gateway,lobby@rooms.example.com,hello all)",
            status});
  EXPECT_THAT(lab.sent(), ElementsAre("xmpp:bob@example.com/phone -|hello bob",
                                      "xmpp:lobby@rooms.example.com groupchat|hello all"));
  ASSERT_EQ(lab.xmpp.sent.size(), 2U);
  for (const auto& message : lab.xmpp.sent) {
    EXPECT_EQ(message->from(), "gateway");
    EXPECT_EQ(message->to(), "");
    EXPECT_EQ(message->origin(), "pjsip:alice");
    EXPECT_EQ(message->id().size(), 36U);
  }
  EXPECT_THAT(lab.remembered,
              ElementsAre("SUCCESS", std::string(lab.xmpp.sent[0]->id()), "SUCCESS"));
  EXPECT_THAT(lab.jabber.asked(), IsEmpty());
}

TEST(JabberSend, KeepsTheText) {  // 2
  JabberLab lab;
  lab.load(
      "[in]\n"
      "exten => 1,1,JabberSend( gateway , bob@x , a, \"b\" \\, c )\n"
      " same => n,JabberSend(gateway,bob@x,${MESSAGE(body)})\n"
      " same => n,JabberSendGroup(gateway,lobby@x,${MESSAGE(body)})\n"
      " same => n,JabberSendGroup(gateway,lobby@x,\"a, ${MESSAGE(body)}\")\n"
      " same => n,JabberSendGroup(gateway,lobby@x,a\\, ${REPLACE(list,\\,,.)})\n");
  lab.shared.globals.set("list", "1,2");
  lab.run(Lab::message("1", "x, y,\"z\" \\"));
  EXPECT_THAT(lab.sent(), ElementsAre("xmpp:bob@x -|a, \"b\" \\, c", "xmpp:bob@x -|x, y,\"z\" \\",
                                      "xmpp:lobby@x groupchat|x, y,\"z\" \\",
                                      "xmpp:lobby@x groupchat|a, x, y,\"z\" \\",
                                      "xmpp:lobby@x groupchat|a, 1.2"));
  EXPECT_THAT(lab.jabber.asked(), IsEmpty());
}

TEST(JabberSend, SendsOnTheShard) {  // 3
  JabberLab lab;
  lab.play({"JabberSend(gateway,bob@x,${SLOW(a)})", status,
            "JabberSendGroup(gateway,lobby@x,${SLOW(b)},${SLOW(c)})", status});
  EXPECT_THAT(lab.sent(), ElementsAre("xmpp:bob@x -|slow a", "xmpp:lobby@x groupchat|slow b"));
  EXPECT_THAT(lab.jabber.asked(), ElementsAre("join gateway lobby@x slow c"));
  EXPECT_NE(lab.worker, std::this_thread::get_id());
  EXPECT_EQ(lab.xmpp.thread, std::this_thread::get_id());
  EXPECT_THAT(lab.remembered, ElementsAre("SUCCESS", "SUCCESS"));
}

TEST(JabberSend, IsExecuted) {  // 4
  JabberLab lab;
  lab.play({"Exec(JabberSend(gateway,bob@x,one))", "ExecIf(1?JabberSend(gateway,bob@x,two))",
            "ExecIf(${LEN(x)}?JabberSend(gateway,bob@x,${SLOW(three)}))", status});
  EXPECT_THAT(lab.sent(),
              ElementsAre("xmpp:bob@x -|one", "xmpp:bob@x -|two", "xmpp:bob@x -|slow three"));
  EXPECT_THAT(lab.remembered, ElementsAre("SUCCESS"));
}

TEST(JabberSend, GoesOnWhateverBecomesOfIt) {  // 5
  JabberLab lab;
  using Kind = message::Refusal::Kind;
  lab.xmpp.refusal = message::Refusal{Kind::invalid_uri, "'x' is no JID"};
  EXPECT_THAT(lab.play({"JabberSend(gateway,x,a)", status}), ElementsAre("INVALID_URI"));
  lab.xmpp.refusal = message::Refusal{Kind::unreachable, "not connected"};
  EXPECT_THAT(lab.play({"JabberSend(gateway,x,a)", status}), ElementsAre("FAILURE"));
  lab.xmpp.refusal = std::nullopt;
  lab.xmpp.patient = true;
  lab.load(fmt::format("[in]\nexten => 1,1,JabberSend(gateway,bob@x,a)\n same => n,{}\n", status));
  lab.remembered.clear();
  lab.begin(Lab::message("1"));
  lab.settle();
  EXPECT_THAT(lab.remembered, IsEmpty()) << "it waits until the message is in safe hands";
  ASSERT_EQ(lab.xmpp.waiting.size(), 1U);
  lab.xmpp.waiting[0](std::nullopt);
  EXPECT_THAT(lab.remembered, ElementsAre("SUCCESS"));
}

TEST(JabberSend, TakesANickname) {  // 6
  JabberLab lab;
  lab.play({"JabberSendGroup(gateway,lobby@x,hello,The Bot)", "Remember(on)"});
  EXPECT_THAT(lab.jabber.asked(), ElementsAre("join gateway lobby@x The Bot"));
  EXPECT_EQ(lab.xmpp.sent.size(), 1U);
  lab.jabber.refuses = true;
  EXPECT_THAT(lab.play({"JabberSendGroup(gateway,lobby@x,hello,bot)", status}),
              ElementsAre("SUCCESS"));
  EXPECT_EQ(lab.xmpp.sent.size(), 2U);
}

TEST(JabberApplications, AskTheAccount) {  // 7
  JabberLab lab;
  lab.play({"JabberJoin(gateway,lobby@x)", "JabberJoin(gateway,lobby@x,bot)",
            "JabberLeave(gateway,lobby@x,bot)", "JabberLeave(gateway,lobby@x)",
            "JabberStatus(gateway,bob@x/phone,STATUS)", "Remember(${STATUS})",
            "JabberStatus(gateway,eve@x,STATUS)", "Remember(${STATUS})"});
  EXPECT_THAT(lab.jabber.asked(), ElementsAre("join gateway lobby@x ", "join gateway lobby@x bot",
                                              "leave gateway lobby@x", "leave gateway lobby@x"));
  EXPECT_THAT(lab.remembered, ElementsAre("3", "7"));
  lab.jabber.refuses = true;
  EXPECT_THAT(
      lab.play({"JabberJoin(gateway,lobby@x)", "JabberLeave(gateway,lobby@x)", "Remember(on)"}),
      ElementsAre("on"));
}

TEST(JabberApplications, WhatIsWrongEndsTheRun) {  // 8
  JabberLab lab;
  for (const auto* const call : {
           "JabberSend()",
           "JabberSend(gateway,bob@x)",
           "JabberSend(gateway,bob@x,)",
           "JabberSend(gateway,,hello)",
           "JabberSend(,bob@x,hello)",
           "JabberSend(nosuch,bob@x,hello)",
           "JabberSendGroup(gateway,lobby@x)",
           "JabberSendGroup(gateway,lobby,hello)",
           "JabberSendGroup(gateway,lobby@x/bot,hello)",
           "JabberSendGroup(nosuch,lobby@x,hello)",
           "JabberJoin(gateway)",
           "JabberJoin(gateway,lobby)",
           "JabberJoin(gateway,lobby@x/bot)",
           "JabberJoin(gateway,lobby@x,bot,more)",
           "JabberJoin(nosuch,lobby@x)",
           "JabberLeave(gateway)",
           "JabberLeave(gateway,lobby)",
           "JabberLeave(nosuch,lobby@x)",
           "JabberStatus(gateway,bob@x)",
           "JabberStatus(gateway,,STATUS)",
           "JabberStatus(nosuch,bob@x,STATUS)",
       }) {
    EXPECT_THAT(lab.play({call, "Remember(on)"}), IsEmpty()) << call;
  }
  EXPECT_THAT(lab.sent(), IsEmpty());
  EXPECT_THAT(lab.jabber.asked(), IsEmpty());
}

TEST(JabberApplications, NeedXmpp) {  // 9
  JabberLab lab;
  lab.shared.jabber = nullptr;
  for (const auto* const call :
       {"JabberSend(gateway,bob@x,hello)", "JabberSendGroup(gateway,lobby@x,hello)",
        "JabberJoin(gateway,lobby@x)", "JabberLeave(gateway,lobby@x)",
        "JabberStatus(gateway,bob@x,STATUS)"}) {
    EXPECT_THAT(lab.play({call, "Remember(on)"}), IsEmpty()) << call;
  }
  EXPECT_THAT(lab.sent(), IsEmpty());
  EXPECT_THAT(lab.play({"Remember([${JABBER_STATUS(gateway,bob@x)}])",
                        "Remember([${JABBER_RECEIVE(gateway,bob@x,1)}])"}),
              ElementsAre("[]", "[]"));
}

TEST(JabberFunctions, Status) {  // 10
  JabberLab lab;
  EXPECT_THAT(lab.play({"Remember(${JABBER_STATUS(gateway,bob@x)})",
                        "Remember(${JABBER_STATUS(gateway,bob@x/phone)})",
                        "Remember(${JABBER_STATUS(gateway,eve@x)})",
                        "Remember([${JABBER_STATUS(nosuch,bob@x)}])",
                        "Remember([${JABBER_STATUS(gateway)}${JABBER_STATUS(gateway,)}])"}),
              ElementsAre("3", "3", "7", "[]", "[]"));
}

TEST(JabberFunctions, Receive) {  // 11
  JabberLab lab;
  lab.jabber.there = "yes, please";
  EXPECT_THAT(lab.play({"Remember(${JABBER_RECEIVE(gateway,bob@x)})",
                        "Remember(${JABBER_RECEIVE(gateway,bob@x/phone, 90)})"}),
              ElementsAre("yes, please", "yes, please"));
  lab.jabber.there = std::nullopt;
  EXPECT_THAT(lab.play({"Remember([${JABBER_RECEIVE(gateway,bob@x,1)}])"}), ElementsAre("[]"));
  EXPECT_THAT(lab.jabber.asked(),
              ElementsAre("receive gateway bob@x 20000", "receive gateway bob@x/phone 90000",
                          "receive gateway bob@x 1000"));
}

TEST(JabberFunctions, ReceiveWaitsOnAWorker) {  // 12
  JabberLab lab;
  lab.jabber.patient = true;
  lab.load(
      "[in]\nexten => 1,1,Remember(${JABBER_RECEIVE(gateway,bob@x)})\n"
      "exten => 2,1,Remember(other)\n");
  lab.begin(Lab::message("1"));
  ASSERT_TRUE(lab.until([&] { return !lab.jabber.asked().empty(); }));
  lab.run(Lab::message("2"));
  EXPECT_THAT(lab.remembered, ElementsAre("other"));
  lab.jabber.answer("at last");
  ASSERT_TRUE(lab.until([&] { return lab.done == 2; }));
  EXPECT_THAT(lab.remembered, ElementsAre("other", "at last"));
}

TEST(JabberFunctions, ReceiveEndsWithTheRun) {  // 13
  JabberLab lab({.max_duration = 30s});
  lab.jabber.there = std::nullopt;
  lab.load(
      "[in]\nexten => 1,1,Wait(12)\n same => n,Remember([${JABBER_RECEIVE(gateway,bob@x,60)}])\n");
  lab.begin(Lab::message("1"));
  lab.pass(12s);
  ASSERT_TRUE(lab.until([&] { return lab.done == 1; }));
  const auto asked = lab.jabber.asked();
  ASSERT_EQ(asked.size(), 1U);
  const auto milliseconds =
      base::parse_number<int>(std::string_view(asked[0]).substr(asked[0].rfind(' ') + 1));
  ASSERT_TRUE(milliseconds);
  EXPECT_LE(*milliseconds, 18'000);
  EXPECT_GT(*milliseconds, 17'900);
}

TEST(JabberFunctions, AStopEndsTheWaiting) {  // 14
  JabberLab lab;
  lab.jabber.patient = true;
  lab.load("[in]\nexten => 1,1,Remember([${JABBER_RECEIVE(gateway,bob@x)}])\n");
  lab.begin(Lab::message("1"));
  ASSERT_TRUE(lab.until([&] { return !lab.jabber.asked().empty(); }));
  lab.shared.workers->stop();
  lab.settle();
  EXPECT_THAT(lab.remembered, ElementsAre("[]"));
}

TEST(JabberFunctions, ReceiveWantsItsArguments) {  // 15
  JabberLab lab;
  for (const auto* const text :
       {"gateway", "gateway,", "gateway,bob@x,0", "gateway,bob@x,-1", "gateway,bob@x,soon",
        "gateway,bob@x,99999999", "gateway,bob@x,1,2", "nosuch,bob@x,1", "gateway,@,1"}) {
    EXPECT_THAT(lab.play({fmt::format("Remember([${{JABBER_RECEIVE({})}}])", text)}),
                ElementsAre("[]"))
        << text;
  }
  EXPECT_THAT(lab.jabber.asked(), IsEmpty());
}

}  // namespace
}  // namespace missive::dialplan::test

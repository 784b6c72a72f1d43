// The commands on the process, its parts and its data: what they say, as Asterisk lays it out.
//
// 1. core show version, uptime, settings, channels
// 2. core reload, module reload, those of single parts: what is read anew, what is said of it
// 3. core stop gracefully and now
// 4. module show: columns, like
// 5. dialplan show: everything, a context, an extension, patterns, hints, labels, includes; what is
//    not there
//    dialplan add and remove extension: what was added runs; what cannot be done and why
// 6. database show, showkey, get, put, del, deltree
// 7. database query: rows, nothing but astdb, no changes, what is no SQL
// 8. message show technologies and handlers; without an outbox the others say so
// 9. http show status: disabled, enabled with TLS
// 10. logger set level: at a terminal for it; what is no level
// 11. completion of arguments
#include <gmock/gmock.h>

#include "unit/console/lab.h"

namespace missive::console {
namespace {

using std::chrono_literals::operator""h;
using test::Lab;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(CoreCommands, ShowTheProcess) {
  Lab lab;
  EXPECT_THAT(lab.text("core show version"), StartsWith("Asterisk 20.7.0-missive (Missive "));
  lab.clock.advance(26h);
  EXPECT_EQ(lab.text("core show uptime"),
            "System uptime: 1 day, 2 hours\nLast reload: 1 day, 2 hours\n");
  EXPECT_EQ(lab.text("core show uptime seconds"), "System uptime: 93600\nLast reload: 93600\n");
  EXPECT_THAT(lab.error("core show uptime minutes"), StartsWith("Usage:"));
  const auto settings = lab.text("core show settings");
  EXPECT_THAT(settings, StartsWith("\nPBX Core settings\n-----------------\n"));
  EXPECT_THAT(settings, HasSubstr("\n  Version:                     20.7.0-missive\n"));
  EXPECT_THAT(settings, HasSubstr("\n  System name:                 here\n"));
  const auto channels = lab.text("core show channels");
  EXPECT_THAT(channels, StartsWith("Channel              Location             State   "));
  EXPECT_THAT(channels, EndsWith("\n0 active channels\n0 active calls\n7 calls processed\n"));
  EXPECT_EQ(lab.text("core show channels concise"), "");
  EXPECT_THAT(lab.text("core show channels count"), StartsWith("0 active channels\n"));
}

TEST(CoreCommands, Reload) {
  Lab lab;
  EXPECT_EQ(lab.text("core reload"), "");
  EXPECT_EQ(lab.text("module reload res_pjsip.so manager"),
            "Module 'res_pjsip.so' reloaded successfully.\nModule 'manager' reloaded "
            "successfully.\n");
  EXPECT_EQ(lab.text("pjsip reload"), "Module 'res_pjsip.so' reloaded successfully.\n");
  EXPECT_EQ(lab.text("dialplan reload"), "Dialplan reloaded.\n");
  EXPECT_EQ(lab.text("manager reload"), "");
  EXPECT_THAT(lab.host.reloads, ElementsAre("", "res_pjsip.so", "manager", "res_pjsip.so",
                                            "pbx_config.so", "manager"));
  EXPECT_EQ(lab.error("module reload nosuch manager"),
            "No such module 'nosuch'\nModule 'manager' reloaded successfully.\n");
  lab.host.outcome = {Reloaded::Status::failed, "pjsip.conf:3: bad"};
  EXPECT_EQ(lab.error("pjsip reload"),
            "An error occurred while reloading module 'res_pjsip.so': pjsip.conf:3: bad\n");
  EXPECT_EQ(lab.error("core reload"), "An error occurred while reloading: pjsip.conf:3: bad\n");
  lab.host.outcome = {Reloaded::Status::not_implemented, {}};
  EXPECT_EQ(lab.error("module reload x.so"), "The module 'x.so' does not support reloads\n");
}

TEST(CoreCommands, Stop) {
  Lab lab;
  lab.text("core stop gracefully");
  EXPECT_EQ(lab.host.stop, StopMode::gracefully);
  lab.text("core stop now");
  EXPECT_EQ(lab.host.stop, StopMode::now);
}

TEST(ModuleCommands, ShowThem) {
  Lab lab;
  EXPECT_EQ(
      lab.text("module show"),
      "Module                         Description                              Use Count  Status   "
      "   Support Level\n"
      "chan_sip.so                    Texts of sip.conf                        0          Not "
      "Running          core\n"
      "res_pjsip.so                   Texts of pjsip.conf                      0          Running  "
      "            core\n"
      "res_pjsip_path.so              Path of registrations                    0          Running  "
      "            core\n"
      "3 modules loaded\n");
  EXPECT_THAT(lab.text("module show like PJSIP"), EndsWith("\n2 modules loaded\n"));
  EXPECT_THAT(lab.text("module show like nosuch"), EndsWith("Level\n0 modules loaded\n"));
  EXPECT_THAT(lab.error("module show unlike x"), StartsWith("Usage:"));
}

TEST(DialplanCommands, ShowIt) {
  Lab lab;
  conf::Problems problems;
  lab.host.plan = *dialplan::Dialplan::parse(
      "[messages]\n"
      "exten => alice,hint,PJSIP/alice\n"
      "exten => alice,1,NoOp(${EXTEN})\n"
      " same => n(send),MessageSend(pjsip:alice)\n"
      "exten => _1NXX,1,Hangup()\n"
      "include => other\n"
      "[other]\n"
      "exten => 1,1,NoOp()\n",
      dialplan::all_applications(), dialplan::all_functions(), problems);
  EXPECT_EQ(lab.text("dialplan show messages"),
            "\n[ Context 'messages' created by 'pbx_config' ]\n"
            "  'alice' =>        hint: PJSIP/alice                             "
            "[extensions.conf:2]\n"
            "                    1. NoOp(${EXTEN})                             "
            "[extensions.conf:3]\n"
            "     [send]         2. MessageSend(pjsip:alice)                   "
            "[extensions.conf:4]\n"
            "  '_1NXX' =>        1. Hangup()                                   "
            "[extensions.conf:5]\n"
            "  Include =>        'other'                                       [pbx_config]\n"
            "\n-= 2 extensions (4 priorities) in 1 context. =-\n");
  EXPECT_THAT(lab.text("dialplan show"),
              EndsWith("-= 3 extensions (5 priorities) in 2 contexts. =-\n"));
  const auto pattern = lab.text("dialplan show 1234@messages");
  EXPECT_THAT(pattern, HasSubstr("'_1NXX' =>"));
  EXPECT_THAT(pattern, Not(HasSubstr("alice")));
  EXPECT_THAT(lab.text("dialplan show 1@"), HasSubstr("[ Context 'other' "));
  EXPECT_EQ(lab.error("dialplan show nosuch"), "There is no existence of 'nosuch' context\n");
  EXPECT_EQ(lab.error("dialplan show bob@messages"),
            "There is no existence of bob@messages extension\n");
  EXPECT_EQ(lab.error("dialplan show bob@"),
            "There is no existence of 'bob' extension in all contexts\n");
}

TEST(DialplanCommands, ChangeIt) {
  Lab lab;
  EXPECT_EQ(lab.text("dialplan add extension 7,1,NoOp(a,b) into new"),
            "Extension '7,1,NoOp(a,b)' added into 'new' context\n");
  lab.text("dialplan add extension 7,2,Log,NOTICE,x into new");
  EXPECT_THAT(lab.text("dialplan show 7@new"), HasSubstr("'7' =>            1. NoOp(a,b) "));
  EXPECT_THAT(lab.text("dialplan show 7@new"), HasSubstr("2. Log(NOTICE,x) "));
  EXPECT_THAT(lab.error("dialplan add extension 7,1,Hangup into new"), HasSubstr("'replace'"));
  lab.text("dialplan add extension 7,1,Hangup into new replace");
  EXPECT_THAT(lab.text("dialplan show new"), HasSubstr("1. Hangup() "));
  for (const auto* line :
       {"dialplan add extension 7 into new", "dialplan add extension 7,0,X into new",
        "dialplan add extension 7,1,NoOp onto new", "dialplan remove extension 7",
        "dialplan remove extension 7@new x"}) {
    EXPECT_THAT(lab.error(line), StartsWith("Usage: dialplan ")) << line;
  }
  EXPECT_EQ(lab.text("dialplan remove extension 7@new 2"),
            "Extension 7@new with priority 2 removed\n");
  EXPECT_EQ(lab.text("dialplan remove extension 7@new"), "Whole extension 7@new removed\n");
  EXPECT_EQ(lab.error("dialplan remove extension 7@new"),
            "Failed to remove extension 7@new: there is no such extension in the context\n");
  EXPECT_THAT(lab.error("dialplan remove extension 7@nosuch"), HasSubstr("no such context"));
}

TEST(DatabaseCommands, ReadAndWrite) {
  Lab lab;
  EXPECT_EQ(lab.text("database show"), "0 results found.\n");
  EXPECT_EQ(lab.text("database put cid 100 \"Alice A\""), "Updated database successfully\n");
  lab.text("database put cid 200 Bob");
  lab.text("database put sip/away 100 yes");
  EXPECT_EQ(lab.text("database get cid 100"), "Value: Alice A\n");
  EXPECT_EQ(lab.error("database get cid 300"), "Database entry not found.\n");
  EXPECT_EQ(lab.text("database show cid"),
            "/cid/100                                          : Alice A                  \n"
            "/cid/200                                          : Bob                      \n"
            "2 results found.\n");
  EXPECT_THAT(lab.text("database show sip away"), EndsWith("\n1 results found.\n"));
  EXPECT_THAT(lab.text("database showkey 100"), EndsWith("\n2 results found.\n"));
  EXPECT_EQ(lab.text("database del cid 100"), "Database entry removed.\n");
  EXPECT_EQ(lab.error("database del cid 100"), "Database entry does not exist.\n");
  EXPECT_EQ(lab.text("database deltree cid"), "1 database entries removed.\n");
  EXPECT_EQ(lab.error("database deltree cid"), "Database entries do not exist.\n");
}

TEST(DatabaseCommands, Query) {
  Lab lab;
  lab.database.put("cid", "100", "Alice");
  EXPECT_EQ(lab.text("database query \"SELECT * FROM astdb WHERE key LIKE '/cid/%'\""),
            "key  : /cid/100                                          \n"
            "value: Alice                                             \n\n");
  EXPECT_THAT(lab.error("database query \"DELETE FROM astdb\""), HasSubstr("only reads"));
  EXPECT_THAT(lab.error("database query \"SELECT * FROM outbox\""), HasSubstr("outbox"));
  EXPECT_FALSE(lab.run("database query \"SELEKT\"").ok);
  EXPECT_THAT(lab.error("database query \"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 "
                        "FROM c) SELECT x FROM c\""),
              HasSubstr("the answer has more than 4 MiB"));
  EXPECT_EQ(lab.database.get("cid", "100"), "Alice");
}

TEST(MessageCommands, SayWhatThereIs) {
  Lab lab;
  EXPECT_EQ(lab.text("message show technologies"),
            "Message technologies:\n  pjsip\n  sip\n2 found.\n");
  EXPECT_EQ(lab.text("message show handlers"), "Message handlers:\n  dialplan\n1 found.\n");
  for (const auto* line : {"message show outbox", "message show message x", "message show status x",
                           "message cancel x", "message retry all"}) {
    EXPECT_THAT(lab.error(line), StartsWith("There is no outbox"));
  }
}

TEST(HttpCommands, ShowTheStatus) {
  Lab lab;
  EXPECT_EQ(lab.text("http show status"),
            "HTTP Server Status:\nPrefix: \nServer: \nServer Disabled\n\nEnabled URI's:\nNone.\n"
            "\nEnabled Redirects:\n  None.\n");
  lab.host.http_status = {"Missive",        "/m",         "127.0.0.1:8088", "127.0.0.1:8089",
                          {{"/ws", "SIP"}}, {{"/", "/x"}}};
  EXPECT_EQ(lab.text("http show status"),
            "HTTP Server Status:\nPrefix: /m\nServer: Missive\n"
            "Server Enabled and Bound to 127.0.0.1:8088\n\n"
            "HTTPS Server Enabled and Bound to 127.0.0.1:8089\n\n"
            "Enabled URI's:\n/m/ws => SIP\n\nEnabled Redirects:\n  / => /x\n");
}

class FakeTerminal final : public Terminal {
 public:
  void show_levels(base::LogLevels levels, bool on) override { (on ? shown : hidden) = levels; }
  base::LogLevels shown = base::LogLevels::none, hidden = base::LogLevels::none;
};

TEST(LoggerCommands, AreForATerminal) {
  Lab lab;
  FakeTerminal terminal;
  EXPECT_EQ(lab.run("logger set level DEBUG on", &terminal).text,
            "Logger status for 'DEBUG' has been set to 'on'.\n");
  EXPECT_EQ(terminal.shown, base::LogLevels::debug);
  lab.run("logger set level notice off", &terminal);
  EXPECT_EQ(terminal.hidden, base::LogLevels::notice);
  EXPECT_FALSE(lab.run("logger set level LOUD on", &terminal).ok);
  EXPECT_FALSE(lab.run("logger set level DEBUG perhaps", &terminal).ok);
}

TEST(Completion, OffersArguments) {
  Lab lab;
  lab.database.put("cid", "100", "x");
  lab.database.put("cid", "200", "x");
  const auto& registry = lab.registry;
  EXPECT_THAT(registry.complete("module reload res"), ElementsAre("res_pjsip.so"));
  EXPECT_THAT(registry.complete("database get "), ElementsAre("cid"));
  EXPECT_THAT(registry.complete("database get cid "), ElementsAre("100", "200"));
  EXPECT_THAT(registry.complete("core st"), ElementsAre("stop"));
  EXPECT_THAT(registry.complete("pjsip set logger o"), ElementsAre("off", "on"));
}

}  // namespace
}  // namespace missive::console

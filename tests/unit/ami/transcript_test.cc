// What Asterisk certified-20.7 was observed to say, line by line (tests/data/ami/).
//
// Each transcript is replayed against a session: lines of the client (C) are sent, lines of
// another client (P) are published as a UserEvent, and what the session says must be the
// server's lines (S). Values that change from run to run count by name only; headers that
// Asterisk does not have (MessageID, Reason) are ours and left out. Where the server closed
// (<EOF>) the session must have finished. A client that waits gets the time it needs.
// 1. One test for each transcript. 2. The same with the client's octets one at a time.
// 3. ListCommands says the observed line for every action that Asterisk has too, and names ours.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <fstream>
#include <set>

#include "ami/action.h"
#include "base/text.h"
#include "support/source_file.h"
#include "unit/ami/harness.h"

namespace missive::ami {
namespace {

const std::string folder = source_file("tests/data/ami/").string();

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::string md5_hex(const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_Digest(text.data(), text.size(), digest, &length, EVP_md5(), nullptr);
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

// One line, with the value left out if it is another in every run.
std::string comparable(const std::string& line) {
  static const std::set<std::string, base::ILess> changing{
      "Timestamp",       "EventTV",         "SessionTV",      "SessionID",     "Challenge",
      "CoreStartupDate", "CoreStartupTime", "CoreReloadDate", "CoreReloadTime"};
  const auto name = line.substr(0, line.find(':'));
  return changing.count(name) == 1 ? name + ": ..." : line;
}

bool is_ours(const std::string& line) {
  return line.starts_with("MessageID: ") || line.starts_with("Reason: ");
}

class Replay {
 public:
  explicit Replay(std::size_t step) : step_(step), client_(world_) {}

  void run(const std::vector<std::string>& lines) {
    for (const auto& line : lines) {
      const char who = line.empty() ? 'S' : line[0];
      if (who != last_) flush();
      last_ = who;
      const auto text = line.size() > 2 ? line.substr(2) : "";
      if (who == 'C') client_line(text);
      if (who == 'P') published_.push_back(text);
      if (who == 'S') expect(text);
    }
    EXPECT_EQ(client_.read(), "") << "said too much";
  }

 private:
  void client_line(std::string text) {
    if (text.starts_with("Key: ") && text.size() > 10) {
      text = "Key: " + md5_hex(client_.session().challenge() + "s3cret-AMI");
    }
    const bool lf_only = text.ends_with("\\n");
    to_send_ += lf_only ? text.substr(0, text.size() - 2) + "\n" : text + "\r\n";
  }

  void flush() {
    if (!published_.empty()) {
      world_.shared.events.publish(Class::user, "UserEvent", [this](EventText& text) {
        for (const auto& line : published_) {
          const auto colon = line.find(": ");
          if (colon != std::string::npos)
            text.header(line.substr(0, colon), line.substr(colon + 2));
        }
      });
      world_.pump();
      published_.clear();
    }
    for (std::size_t at = 0; at < to_send_.size(); at += step_) {
      client_.send(to_send_.substr(at, step_));
    }
    to_send_.clear();
  }

  void expect(const std::string& wanted) {
    if (wanted == "<EOF>\\n") {
      EXPECT_TRUE(client_.session().finished());
      return;
    }
    auto said = next_line();
    while (is_ours(said)) said = next_line();
    EXPECT_EQ(comparable(said), comparable(wanted));
  }

  std::string next_line() {
    said_ += client_.read();
    if (said_.empty()) {
      client_.wait();
      said_ += client_.read();
    }
    const auto end = said_.find("\r\n");
    if (end == std::string::npos) return "(nothing)";
    const auto line = said_.substr(0, end);
    said_.erase(0, end + 2);
    return line;
  }

  const std::size_t step_;
  World world_;
  Client client_;
  char last_ = 'S';
  std::string to_send_;
  std::vector<std::string> published_;
  std::string said_;
};

class Transcript : public testing::TestWithParam<std::string> {};

TEST_P(Transcript, IsReproduced) { Replay(1 << 20).run(lines_of(folder + GetParam() + ".txt")); }

TEST_P(Transcript, IsReproducedOctetByOctet) {
  Replay(1).run(lines_of(folder + GetParam() + ".txt"));
}

INSTANTIATE_TEST_SUITE_P(Ami, Transcript,
                         testing::Values("main", "wrong_secret", "unknown_user", "denied_acl",
                                         "not_logged_in", "challenge", "challenge_bad", "reader",
                                         "md5", "md5_wrong", "framing", "login_again",
                                         "mask_at_login", "wait_event", "message_send_odd",
                                         "user_event_without_name"),
                         [](const auto& tested) { return tested.param; });

TEST(Transcripts, ListCommandsSaysTheObservedLines) {
  World world;
  Client client(world);
  client.login("admin", "s3cret-AMI");
  auto said = client.ask("Action: ListCommands\r\n\r\n");
  const auto lines = lines_of(folder + "list_commands.txt");
  const std::set<std::string> observed(lines.begin(), lines.end());
  const std::set<std::string> ours{"MessageCancel", "MessageList", "MessageRetry", "MessageStatus"};
  // Of modules that the observed Asterisk had not loaded.
  const std::set<std::string> elsewhere{"MWIDelete", "MWIGet", "MWIUpdate", "PJSIPNotify"};
  ASSERT_TRUE(said.starts_with("Response: Success\r\n"));
  said.erase(0, said.find('\n') + 1);
  std::size_t count = 0;
  for (; !said.starts_with("\r\n"); said.erase(0, said.find('\n') + 1), ++count) {
    const auto line = said.substr(0, said.find("\r\n"));
    const auto name = line.substr(0, line.find(':'));
    EXPECT_EQ(observed.count(line) + ours.count(name) + elsewhere.count(name), 1u) << line;
  }
  // Those of chan_sip were not there: nor are they without a sip.conf.
  const auto chan_sip = std::count_if(all_actions().begin(), all_actions().end(),
                                      [](const Action& action) { return action.of_chan_sip; });
  EXPECT_EQ(count, all_actions().size() - static_cast<std::size_t>(chan_sip));
}

}  // namespace
}  // namespace missive::ami

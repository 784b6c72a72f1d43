// A run of the dialplan that is at no priority, to call functions in.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "dialplan/run.h"
#include "dialplan/template.h"
#include "message/message_events.h"

namespace missive::dialplan {

// `text`, expanded, is `expected`.
struct Row {
  std::string_view text;
  std::string_view expected;
};

class FunctionTest : public testing::Test {
 protected:
  explicit FunctionTest(conf::MissiveConf::Dialplan options = {})
      : shared_(clock_, std::move(options), database_) {
    log::set_quiet();
  }

  static std::shared_ptr<const message::Incoming> incoming() {
    message::IncomingDraft draft;
    draft.id = "1";
    draft.technology = "pjsip";
    draft.from = "\"Alice\" <sip:alice@example.com>";
    draft.to = "pjsip:bob";
    draft.content_type = "text/plain";
    draft.body = "hello";
    return message::Incoming::create(draft);
  }

  std::string expand(std::string_view text) { return dialplan::expand(*run_, text); }
  void set(std::string_view name, std::string value) { run_->set_variable(name, std::move(value)); }
  std::string get(std::string_view name) { return run_->variable(name).value_or("(none)"); }

  base::Result<std::string> read(std::string_view function, std::string_view arguments) {
    return shared_.functions.find(function)->read(*run_, arguments);
  }
  base::Result<void> write(std::string_view function, std::string_view arguments,
                           std::string_view value) {
    return shared_.functions.find(function)->write(*run_, arguments, value);
  }

  void expect(const std::vector<Row>& rows) {
    for (const auto& [text, expected] : rows) EXPECT_EQ(expand(text), expected) << text;
  }

  base::ManualClock clock_;
  store::AstDb database_;
  Shared shared_;
  net::Shard shard_{0, clock_};
  message::MessageEvents events_;
  message::Sender sender_{events_};
  Environment environment_{shared_, shard_, sender_, std::make_shared<const Dialplan>()};
  std::shared_ptr<dialplan::Run> run_ = dialplan::Run::create(environment_, incoming());
};

}  // namespace missive::dialplan

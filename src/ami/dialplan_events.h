// UserEvent from the dialplan, as an AMI event of class user.
//
// Any thread. The headers of the channel come first, as Asterisk sends them. Source: Asterisk
// documentation, application UserEvent, AMI event UserEvent.
#pragma once

#include "ami/event_bus.h"
#include "dialplan/run.h"

namespace missive::ami {

class DialplanEvents final : public dialplan::EventSink {
 public:
  explicit DialplanEvents(EventBus& bus) : bus_(bus) {}
  void on_user_event(const dialplan::Run& run, std::string_view name,
                     const std::vector<std::pair<std::string, std::string>>& headers) override;

 private:
  EventBus& bus_;
};

}  // namespace missive::ami

// What a dialplan has to tell: UserEvent (class user), Newexten and VarSet (class dialplan).
//
// Any thread. The headers of the channel come first, as Asterisk sends them; a global variable has
// the channel "none". Source: Asterisk documentation, application UserEvent, AMI events UserEvent,
// Newexten, VarSet.
#pragma once

#include "ami/event_bus.h"
#include "dialplan/run.h"

namespace missive::ami {

class DialplanEvents final : public dialplan::EventSink {
 public:
  explicit DialplanEvents(EventBus& bus) : bus_(bus) {}
  void on_user_event(const dialplan::Run& run, std::string_view name,
                     const std::vector<std::pair<std::string, std::string>>& headers) override;
  bool wants_dialplan() const override { return bus_.wanted(Class::dialplan); }
  void on_new_exten(const dialplan::Run& run, std::string_view application,
                    std::string_view arguments) override;
  void on_var_set(const dialplan::Run* run, std::string_view name, std::string_view value) override;

 private:
  EventBus& bus_;
};

}  // namespace missive::ami

// One AMI event, ready for the wire.
//
// `text` is the whole packet with its empty line. Immutable once made and shared between
// shards. EventText fills one in; values are made printable, so nothing can leave its line.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ami/classes.h"
#include "ami/wire.h"

namespace missive::ami {

struct Event {
  Class classes = Class::none;
  std::string name;
  std::string text;
};
using EventPointer = std::shared_ptr<const Event>;

class EventText {
 public:
  // Writes `Event:` and `Privilege:`, and `Timestamp:` and `SystemName:` unless they are empty.
  EventText(std::string& out, Class classes, std::string_view name, std::string_view system_name,
            std::string_view timestamp)
      : out_(out) {
    append_header(out_, "Event", name);
    append_header(out_, "Privilege", privilege_text(classes));
    if (!timestamp.empty()) append_header(out_, "Timestamp", timestamp);
    if (!system_name.empty()) append_header(out_, "SystemName", system_name);
  }

  EventText& header(std::string_view name, std::string_view value) {
    append_header(out_, name, value);
    return *this;
  }
  // For what appends headers by itself.
  std::string& out() { return out_; }

 private:
  std::string& out_;
};

}  // namespace missive::ami

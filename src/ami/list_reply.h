// A reply that is a list: `EventList: start`, an event for each item, and the ...Complete.
//
// Written to the session's output at once, so that nothing comes between; whatever it is a list of
// is looked up while it is written. It ends at `limit` octets (unless it is given, three quarters
// of what a session may leave unread; the rest is for events): items beyond it are counted, and
// told in `Omitted:` of the last event. Used by one action, on its shard's thread. Source: Asterisk
// documentation, "AMI v2 Specification".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "ami/packet_reader.h"
#include "ami/wire.h"

namespace missive::ami {

class Session;

// What one reply may have: three quarters of max_unsent.
std::size_t longest_reply(const Session& session);

class ListReply {
 public:
  ListReply(Session& session, const ActionView& action, std::string_view message);
  ListReply(std::string& out, std::string_view action_id, std::string_view message,
            std::size_t limit);

  // Has write(std::string& out) append the headers of an event.
  template <class Write>
  void add(std::string_view event, Write&& write) {
    add([&](std::string& out) {
      begin(event);
      write(out);
    });
  }
  // The same of one that begins in a way of its own.
  template <class Write>
  void add(Write&& write) {
    if (is_full()) {
      ++omitted_;
      return;
    }
    write(out_);
    end_packet(out_);
    ++items_;
  }
  // One that belongs to the item before it and does not count.
  template <class Write>
  void add_detail(std::string_view event, Write&& write) {
    if (omitted_ > 0) return;
    begin(event);
    write(out_);
    end_packet(out_);
  }

  void complete(std::string_view event) {
    complete(event, [](std::string&) {});
  }
  // With headers of its own at the end.
  template <class Write>
  void complete(std::string_view event, Write&& write) {
    begin_complete(event);
    write(out_);
    end_packet(out_);
  }

 private:
  bool is_full() const { return out_.size() - begin_ > limit_; }
  void begin(std::string_view event);
  void begin_complete(std::string_view event);

  std::string& out_;
  const std::string_view action_id_;
  const std::size_t limit_;
  const std::size_t begin_;
  std::size_t items_ = 0;
  std::size_t omitted_ = 0;
};

}  // namespace missive::ami

// Tells a SIP sender what became of the message it sent, by a message of its own.
//
// Whom to tell is Message::origin(); empty means nobody, and so it is with the messages sent from
// here: one about one about one is never sent. Nor is one about a receipt. notify_sender =
// `failed` tells of failed, expired and cancelled, `all` of sent, delivered and displayed too,
// `asked` of what a sender asked to be notified of, and nobody else of anything.
//
// A sender that put an imdn.Message-ID into a message/cpim and asked for a notification of
// this kind gets an IMDN that names it, else a sentence: `Your message to bob was not delivered:
// 404 Not Found`. Both are from whom the message was to. A receipt may come long after the message
// was sent, and the outbox has dropped it by then: what the last `max_remembered` senders of a
// message/cpim asked for is remembered until the process ends.
//
// One for the server. Told on any thread; sends on the given shard, by its Sender: both outlive
// it, and it outlives the shards' threads. Source: RFC 5438 sections 5, 7.2 and 8.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/recent.h"
#include "conf/missive_conf.h"
#include "message/message_events.h"
#include "message/sender.h"
#include "net/shard.h"

namespace missive::message {

class OutcomeNotifier final : public MessageListener {
 public:
  using Notify = conf::MissiveConf::Outbox::Notify;

  OutcomeNotifier(net::Shard& shard, Sender& sender, Notify notify)
      : shard_(shard), sender_(sender), notify_(notify) {}

  // Senders of that technology are told by it itself; before the shards run.
  void leave_to(std::string technology) { others_.push_back(std::move(technology) + ':'); }

  bool wants_message_status() const override { return notify_ != Notify::no; }
  void on_message_status(const Message& message, const Status& status) override;

 private:
  struct Notice;
  struct Asked;  // whom a message was from and to, and what its message/cpim asked for
  bool tells_of(Status::State state) const;
  bool is_left(std::string_view origin) const;
  void tell_later(const Message& message, const Status& status);
  void tell(std::string_view id, const Asked& asked, const Status& status);
  void post(std::unique_ptr<Notice> notice);
  void send(const Notice& notice);

  net::Shard& shard_;
  Sender& sender_;
  const Notify notify_;
  std::vector<std::string> others_;
  base::SharedRecent<std::shared_ptr<const Asked>> remembered_{10'000};  // by the id of the message
};

// The sentence. For tests.
std::string sentence_about(std::string_view recipient, const Status& status);

}  // namespace missive::message

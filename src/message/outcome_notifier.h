// Tells a SIP sender what became of the message it sent, by a message of its own.
//
// Whom to tell is Message::origin(); empty means nobody, and so it is with the messages sent from
// here: one about one about one is never sent. Nor is one about a receipt. notify_sender =
// `failed` tells of failed, expired and cancelled, `all` of sent, delivered and displayed too.
//
// A sender that put an imdn.Message-ID into a message/cpim and asked for a notification of
// this kind gets an IMDN that names it, else a sentence: `Your message to bob was not delivered:
// 404 Not Found`. Both are from whom the message was to.
//
// One for the server. Told on any thread; sends on the given shard, by its Sender: both outlive
// it, and it outlives the shards' threads. Source: RFC 5438 sections 5, 7.2 and 8.
#pragma once

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

  bool wants_message_status() const override { return notify_ != Notify::no; }
  void on_message_status(const Message& message, const Status& status) override;

 private:
  struct Notice;
  bool tells_of(Status::State state) const;
  void send(const Notice& notice);

  net::Shard& shard_;
  Sender& sender_;
  const Notify notify_;
};

// The sentence. For tests.
std::string sentence_about(const Message& message, const Status& status);

}  // namespace missive::message

// Runs the dialplan for a message that begins to wait: push gateways, SMS.
//
// message_offline_context of the recipient's endpoint says where; the extension is the endpoint's
// name. The message is given there as one that came in, with MESSAGE_DATA of MESSAGE_ID,
// OFFLINE_REASON and OFFLINE_CODE; it stays in the outbox whatever the dialplan does with it. Once
// for each message: when it is first kept for want of a contact or after its first attempt. One
// hop is counted off, so that a hook which sends to the same user comes to an end.
//
// on_message_status() on any shard's thread, use() on any; the dialplan runs on the shards that
// the Inbox chooses. Everything it is given outlives it. Source: docs/outbox.md.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_set>

#include "base/random.h"
#include "message/inbox.h"
#include "message/message_events.h"
#include "net/shard.h"
#include "pjsip/configuration.h"
#include "pjsip/location_service.h"

namespace missive::pjsip {

class OfflineHook final : public message::MessageListener {
 public:
  // `shard` with its `inbox`; `dialplan` is a handler of it, the first to be asked.
  OfflineHook(net::Shard& shard, message::Inbox& inbox, const message::Handler& dialplan,
              const LocationService& locations, std::shared_ptr<const Configuration> configuration);

  // After a reload.
  void use(std::shared_ptr<const Configuration> configuration);

  // While some endpoint has a hook.
  bool wants_message_status() const override { return wanted_; }
  void on_message_status(const message::Message& message, const message::Status& status) override;

 private:
  void begin(const message::Message& message, const message::Status& status);
  std::shared_ptr<const message::Incoming> make_incoming(const Configuration& configuration,
                                                         const Endpoint& recipient,
                                                         const message::Message& message,
                                                         const message::Status& status);
  bool first_time(std::string_view id);
  void forget(std::string_view id);
  void give(std::shared_ptr<const message::Incoming> incoming);
  void complain(const message::Incoming& incoming);

  net::Shard& shard_;
  message::Inbox& inbox_;
  const message::Handler& dialplan_;
  const LocationService& locations_;
  std::atomic<bool> wanted_{false};

  std::mutex mutex_;  // all below
  std::shared_ptr<const Configuration> configuration_;
  base::RandomSource random_;
  // Those that had their turn, for a message may be told of twice: before its first attempt and
  // after it. Hashes of ids, up to a limit, in order of arrival.
  std::unordered_set<std::size_t> had_;
  std::deque<std::size_t> order_;
  std::set<std::string> complained_;  // context and extension
};

}  // namespace missive::pjsip

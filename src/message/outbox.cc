#include "message/outbox.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "message/imdn.h"
#include "message/outbox_record.h"
#include "message/outbox_shard.h"
#include "message/status_log.h"

namespace missive::message {
namespace {

using State = Status::State;

// How often what has expired is looked for, and how much of it at a time.
constexpr std::chrono::seconds sweep_interval{1};
constexpr std::size_t sweep_rows = 1000;
// How often the history is cleared of what is too old, in sweeps.
constexpr unsigned sweeps_a_purge = 60;

// To a receipt that comes late or twice: nothing goes back.
bool may_become(State before, State after) {
  switch (after) {
    case State::delivered:
      return before == State::sent;
    case State::displayed:
      return before == State::sent || before == State::delivered;
    case State::failed:
      return before == State::sent || before == State::delivered;
    default:
      return false;
  }
}

// "alice" stands for "pjsip:alice"; nothing for all.
std::string destination_of(std::string recipient) {
  const bool bare = !recipient.empty() && recipient.find(':') == std::string::npos;
  if (bare) recipient.insert(0, "pjsip:");
  return recipient;
}

std::optional<base::Error> why_not_waiting(const store::OutboxRow& row) {
  const auto state = static_cast<State>(row.state);
  if (is_final(state)) return base::Error{fmt::format("it is {} already", name_of(state))};
  if (!row.waiting) return base::Error{"it is being sent at this moment"};
  return std::nullopt;
}

}  // namespace

Outbox::Outbox(store::OutboxStore& store, const base::Clock& clock, const MessageEvents& events,
               Options options)
    : store_(store),
      clock_(clock),
      events_(events),
      options_(std::move(options)),
      sweep_timer_([this] { sweep(); }) {}

void Outbox::know(std::vector<OutboxShard*> shards) { shards_ = std::move(shards); }

base::Result<void> Outbox::open() {
  const auto summary = store_.open();
  if (!summary) return tl::unexpected(summary.error());
  sequence_ = summary->last_sequence;
  for (const auto& recipient : summary->recipients) {
    messages_ += recipient.messages;
    octets_ += recipient.octets;
    waiting_ += static_cast<long>(recipient.messages);
    recipients_ += 1;
    home_of(recipient.recipient).restore(recipient);
  }
  if (messages_ > 0) {
    log::info("{} messages to {} recipients wait in the outbox", messages_.load(),
              recipients_.load());
  }
  arm_sweep();
  return {};
}

OutboxShard& Outbox::home_of(std::string_view recipient) const {
  if (shards_.size() == 1) return *shards_.front();
  const auto hash = std::hash<std::string_view>{}(recipient);
  return *shards_[(hash >> 32) % shards_.size()];
}

bool Outbox::reserve(std::size_t octets) {
  constexpr auto relaxed = std::memory_order_relaxed;
  // Several shards may reserve at once: a few messages more than the limit do no harm.
  if (messages_.load(relaxed) >= options_.max_messages) return false;
  if (octets_.load(relaxed) + octets > options_.max_bytes) return false;
  messages_.fetch_add(1, relaxed);
  octets_.fetch_add(octets, relaxed);
  return true;
}

void Outbox::release(std::size_t octets) {
  messages_.fetch_sub(1, std::memory_order_relaxed);
  octets_.fetch_sub(octets, std::memory_order_relaxed);
}

void Outbox::count_waiting(long messages, long recipients) {
  waiting_.fetch_add(messages, std::memory_order_relaxed);
  recipients_.fetch_add(recipients, std::memory_order_relaxed);
}

Outbox::Figures Outbox::figures() const {
  const auto of = [](const auto& number) {
    return static_cast<std::size_t>(std::max<long>(number.load(std::memory_order_relaxed), 0));
  };
  return {.messages = messages_.load(std::memory_order_relaxed),
          .octets = octets_.load(std::memory_order_relaxed),
          .waiting = of(waiting_),
          .recipients = of(recipients_)};
}

// --- for operators

namespace {

// The answer of the store, as Records on the asker's shard.
store::OutboxStore::Rows to_records(net::Shard& asker, Outbox::Records answer) {
  return [&asker,
          answer = std::move(answer)](base::Result<std::vector<store::OutboxRow>> rows) mutable {
    base::Result<std::vector<Record>> records;
    if (rows) {
      for (const auto& row : *rows) records->push_back(record_of(row));
    } else {
      records = tl::unexpected(rows.error());
    }
    asker.post([answer = std::move(answer), records = std::move(records)]() mutable {
      answer(std::move(records));
    });
  };
}

}  // namespace

void Outbox::when_written(base::UniqueFunction<void()> task) {
  struct Gathering {
    base::UniqueFunction<void()> task;
    std::atomic<std::size_t> left;
  };
  auto gathering = std::make_shared<Gathering>();
  gathering->task = std::move(task);
  gathering->left = shards_.size();
  for (auto* shard : shards_) {
    shard->shard().post([gathering, shard] {
      shard->save();
      if (--gathering->left == 0) gathering->task();
    });
  }
}

void Outbox::find(std::string id, net::Shard& asker, Records answer) {
  when_written([this, id = std::move(id), &asker, answer = std::move(answer)]() mutable {
    store_.find(std::move(id), to_records(asker, std::move(answer)));
  });
}

void Outbox::list(Filter filter, net::Shard& asker, Records answer) {
  store::OutboxFilter wanted{.state = filter.state ? static_cast<int>(*filter.state) : -1,
                             .recipient = destination_of(std::move(filter.recipient)),
                             .limit = filter.limit};
  when_written([this, wanted = std::move(wanted), &asker, answer = std::move(answer)]() mutable {
    store_.list(std::move(wanted), to_records(asker, std::move(answer)));
  });
}

void Outbox::oldest(net::Shard& asker, Records answer) {
  store_.oldest(to_records(asker, std::move(answer)));
}

void Outbox::find_row(std::string id, base::UniqueFunction<void(FoundRow)> found) {
  when_written([this, id = std::move(id), found = std::move(found)]() mutable {
    store_.find(std::move(id), [found = std::move(found)](
                                   base::Result<std::vector<store::OutboxRow>> rows) mutable {
      if (!rows) return found(tl::unexpected(rows.error()));
      if (rows->empty()) return found(base::fail("No such message"));
      found(std::move(rows->front()));
    });
  });
}

void Outbox::cancel(std::string id, net::Shard& asker, Count answer) {
  find_row(std::move(id), [this, &asker, answer = std::move(answer)](FoundRow row) mutable {
    auto error = row ? why_not_waiting(*row) : std::optional{row.error()};
    if (!error) {
      auto& home = home_of(row->recipient);
      return home.cancel(std::move(*row), asker, std::move(answer));
    }
    asker.post([answer = std::move(answer), error = std::move(*error)]() mutable {
      answer(tl::unexpected(std::move(error)));
    });
  });
}

void Outbox::retry(std::string id, std::string recipient, net::Shard& asker, Count answer) {
  if (!id.empty()) {
    return find_row(std::move(id),
                    [this, &asker, answer = std::move(answer)](FoundRow row) mutable {
                      auto error = row ? why_not_waiting(*row) : std::optional{row.error()};
                      if (!error) {
                        auto& home = home_of(row->recipient);
                        return home.retry(std::move(row->recipient), asker, std::move(answer));
                      }
                      asker.post([answer = std::move(answer), error = std::move(*error)]() mutable {
                        answer(tl::unexpected(std::move(error)));
                      });
                    });
  }
  if (!recipient.empty()) {
    recipient = destination_of(std::move(recipient));
    auto& home = home_of(recipient);
    return home.retry(std::move(recipient), asker, std::move(answer));
  }
  struct Sum {  // of all shards; told on the asker's
    Count answer;
    std::size_t left, messages = 0;
  };
  auto sum = std::make_shared<Sum>();
  sum->answer = std::move(answer);
  sum->left = shards_.size();
  for (auto* shard : shards_) {
    shard->retry({}, asker, [sum](base::Result<std::size_t> messages) {
      sum->messages += messages.value_or(0);
      if (--sum->left == 0) sum->answer(sum->messages);
    });
  }
}

// --- for technologies

void Outbox::wake(std::string_view recipient, std::string_view contact) {
  if (waiting_.load(std::memory_order_relaxed) <= 0 && messages_.load() == 0) return;
  home_of(recipient).wake(std::string(recipient), std::string(contact));
}

void Outbox::abandon(std::string_view recipient, std::string_view contact) {
  if (messages_.load() == 0) return;
  home_of(recipient).abandon(std::string(recipient), std::string(contact));
}

void Outbox::wake_all(std::string_view prefix) {
  const auto now = figures();
  if (now.messages == 0 && now.waiting == 0) return;
  for (auto* shard : shards_) shard->wake_all(std::string(prefix));
}

void Outbox::receipt(Receipt receipt, net::Shard& asker) {
  auto id = receipt.id;
  find_row(std::move(id), [this, receipt = std::move(receipt), &asker](FoundRow row) mutable {
    if (!row) return;
    if (!is_receipt_of(row->recipient, receipt.from)) {
      return log::info("a receipt of endpoint '{}' for message {} to {} does not count",
                       receipt.from, row->id, row->recipient);
    }
    asker.post([this, row = std::move(*row), receipt = std::move(receipt)] {
      take_receipt(row, receipt);
    });
  });
}

void Outbox::take_receipt(const store::OutboxRow& row, const Receipt& receipt) {
  if (!may_become(static_cast<State>(row.state), receipt.state)) return;
  auto status = status_of(row);
  status.state = receipt.state;
  if (!receipt.contact.empty()) status.contact = receipt.contact;
  if (receipt.state == State::failed && receipt.code != 0) {
    status.response_code = receipt.code;
    status.response_text = receipt.text;
  }
  store::OutboxBatch batch;
  batch.changes.push_back({.sequence = row.sequence,
                           .kind = store::OutboxChange::Kind::finish,
                           .state = static_cast<int>(status.state),
                           .attempts = row.attempts,
                           .code = status.response_code,
                           .text = std::string(status.response_text),
                           .contact = std::string(status.contact),
                           .updated = clock_.wall()});
  store_.apply(std::move(batch), [](const auto&, const auto&) {});
  const auto message = shell_of(row);
  log_status(*message, status);
  if (events_.wanted()) events_.report(*message, status);
}

// --- what time does

void Outbox::arm_sweep() {
  auto& shard = shards_.front()->shard();
  shard.timers().arm(sweep_timer_, clock_.now() + sweep_interval);
}

void Outbox::sweep() {
  arm_sweep();
  store_.settle();
  if (++sweeps_ % sweeps_a_purge == 0 && options_.history.count() > 0) {
    store_.purge(clock_.wall() - options_.history);
  }
  if (waiting_.load(std::memory_order_relaxed) <= 0) return;
  store_.expired(clock_.wall(), sweep_rows,
                 [this](base::Result<std::vector<store::OutboxRow>> rows) {
                   if (!rows || rows->empty()) return;
                   std::vector<std::vector<store::OutboxRow>> of_shards(shards_.size());
                   for (auto& row : *rows) {
                     auto& home = home_of(row.recipient);
                     of_shards[home.shard().index()].push_back(std::move(row));
                   }
                   for (auto* shard : shards_) {
                     auto& theirs = of_shards[shard->shard().index()];
                     if (!theirs.empty()) shard->expire(std::move(theirs));
                   }
                 });
}

}  // namespace missive::message

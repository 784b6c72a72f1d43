#include "app/instance.h"

#include <pthread.h>

#include <future>

#include "app/web.h"
#include "base/log.h"
#include "dialplan/workers.h"

namespace missive::app {
namespace {

unsigned shard_count(const Settings& settings) {
  const unsigned wanted = settings.missive.general.shards;
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  return std::min(wanted != 0 ? wanted : cores, sip::ClientTransactionTable::max_shards);
}

std::unique_ptr<SipSide> make_chan_sip(const Settings& settings, const State& state,
                                       const base::Clock& clock, pjsip::AuthEvents& events) {
  if (!settings.chan_sip) return nullptr;
  return std::make_unique<SipSide>(settings, settings.chan_sip, state, clock, events);
}

}  // namespace

Instance::Parts Instance::make_parts(const base::Clock& clock) {
  Parts parts;
  for (unsigned i = 0; i < shard_count(settings_); ++i) {
    parts.push_back(std::make_unique<Part>(i, settings_, clock, common_, pjsip_, chan_sip_.get()));
  }
  return parts;
}

ami::ServerContext Instance::ami_context() {
  ami::ServerContext context{.shards = {},
                             .senders = {},
                             .limits = settings_.missive.ami,
                             .outbox = common_.outbox.get(),
                             .pjsip = &pjsip_,
                             .chan_sip = chan_sip_.get()};
  for (const auto& part : parts_) {
    context.shards.push_back(&part->shard);
    context.senders.push_back(&part->sender);
  }
  return context;
}

std::vector<SipSide*> Instance::sides() {
  std::vector<SipSide*> sides{&pjsip_};
  if (chan_sip_) sides.push_back(chan_sip_.get());
  return sides;
}

Instance::Instance(const Settings& settings, const base::Clock& clock, State state,
                   sip::WireTap* tap)
    : settings_(settings),
      state_(std::move(state)),
      common_(settings, clock, state_),
      pjsip_(settings, settings.pjsip, state_, clock, common_.auth_events),
      chan_sip_(make_chan_sip(settings, state_, clock, common_.auth_events)),
      parts_(make_parts(clock)),
      ami_(ami_context(), settings.ami),
      pjsip_events_(ami_.events(), pjsip_.locations(), settings.pjsip),
      registry_events_(ami_.events()),
      security_events_(ami_.events(), clock),
      dialplan_events_(ami_.events()),
      dialplan_host_(
          pjsip_.locations(), clock,
          [this](std::string_view user) { return ami_.sessions_of(user); }, settings.pjsip) {
  common_.events.add(ami_);
  common_.auth_events.set(security_events_);
  common_.dialplan.events = &dialplan_events_;
  common_.dialplan.host = &dialplan_host_;
  common_.dialplan.globals.set_all(settings.dialplan->globals());
  pjsip_.location_service().add(pjsip_events_);
  for (auto* side : sides()) side->registration_board().add(registry_events_);
  if (chan_sip_) {
    peer_events_ = std::make_unique<ami::PeerEvents>(ami_.events(), settings.chan_sip);
    chan_sip_->location_service().add(*peer_events_);
  }
  introduce_parts(tap);
  if (common_.outbox) add_outbox_parts();
}

// Those of one kind get to know each other.
void Instance::introduce_parts(sip::WireTap* tap) {
  std::vector<message::Inbox*> inboxes;
  std::vector<SipStack*> pjsip_stacks, chan_sip_stacks;
  for (const auto& part : parts_) {
    inboxes.push_back(&part->inbox);
    pjsip_stacks.push_back(part->pjsip.get());
    if (part->chan_sip) chan_sip_stacks.push_back(part->chan_sip.get());
  }
  for (const auto& part : parts_) part->inbox.know_others(inboxes);
  pjsip_.know_stacks(std::move(pjsip_stacks), tap);
  if (chan_sip_) chan_sip_->know_stacks(std::move(chan_sip_stacks), tap);
  std::vector<net::Shard*> shards;
  for (const auto& part : parts_) shards.push_back(&part->shard);
  http_ = std::make_unique<http::Server>(
      std::move(shards), web_routes(settings_, pjsip_, chan_sip_.get()), web_options(settings_));
}

void Instance::add_outbox_parts() {
  auto& first = *parts_.front();
  for (auto* side : sides()) {
    side->add_outbox(*common_.outbox, common_.events, first.shard, first.inbox, first.dialplan);
  }
  notifier_ = std::make_unique<message::OutcomeNotifier>(first.shard, first.sender,
                                                         settings_.missive.outbox.notify_sender);
  common_.events.add(*notifier_);
  std::vector<message::OutboxShard*> shards;
  for (const auto& part : parts_) shards.push_back(part->outbox.get());
  common_.outbox->know(std::move(shards));
}

Instance::~Instance() {
  stop();
  http_.reset();  // it hands connections to the sides' transports
  for (auto* side : sides()) side->close();
}

base::Result<void> Instance::open() {
  for (auto* side : sides()) {
    if (auto opened = side->open(); !opened) return opened;
  }
  if (auto listening = http_->open(settings_.http); !listening) return listening;
  if (auto listening = ami_.listen(); !listening) return listening;
  for (auto* side : sides()) side->transports().announce();
  return restore();
}

// What an earlier process left: contacts, messages on their way out, messages that came in.
base::Result<void> Instance::restore() {
  for (auto* side : sides()) {
    if (auto restored = side->restore(); !restored) return restored;
  }
  if (common_.outbox) {
    if (auto opened = common_.outbox->open(); !opened) return opened;
  }
  if (common_.received) {
    const auto received = parts_.front()->intake.restore();
    if (!received) return tl::unexpected(received.error());
  }
  return {};
}

void Instance::start() {
  for (const auto& part : parts_) {
    threads_.emplace_back([&shard = part->shard] { shard.run(); });
    const auto name = fmt::format("shard-{}", part->shard.index());
    pthread_setname_np(threads_.back().native_handle(), name.c_str());
  }
  for (auto* side : sides()) side->start();
}

void Instance::reload(const Settings& settings) {
  for (const auto& part : parts_) {
    part->shard.post([&part = *part, settings] {
      part.dialplan.use(settings.dialplan);
      part.resolver.use(settings.resolver);
    });
  }
  if (settings.dialplan->clears_globals()) common_.dialplan.globals.clear();
  common_.dialplan.globals.set_all(settings.dialplan->globals());
  if ((chan_sip_ == nullptr) != (settings.chan_sip == nullptr)) {
    log::warning("reload: that there is a sip.conf, or none any more, counts from the next start");
  }
  pjsip_.use(settings.pjsip);
  if (chan_sip_ && settings.chan_sip) {
    chan_sip_->use(settings.chan_sip);
    peer_events_->use(settings.chan_sip);
  }
  pjsip_events_.use(settings.pjsip);
  dialplan_host_.use(settings.pjsip);
  if (auto loaded = http_->reload(settings.http); !loaded) {
    log::error("http.conf: {}; what was in force stays", loaded.error().text);
  }
  ami_.reload(settings.ami);
  settings_.ami = settings.ami;
  settings_.pjsip = settings.pjsip;
  settings_.chan_sip = settings.chan_sip;
  settings_.dialplan = settings.dialplan;
}

void Instance::stop_accepting() {
  ami_.stop_accepting();
  for (const auto& part : parts_) {
    if (part->outbox) part->outbox->stop_flushing();
  }
}

bool Instance::drained() {
  if (!ami_.idle()) return false;
  std::size_t under_way = 0;
  for (const auto& part : parts_) {
    std::promise<std::size_t> answer;
    auto asked = answer.get_future();
    part->shard.post([&part = *part, &answer] {
      const auto more = part.chan_sip ? part.chan_sip->uac.under_way() : 0;
      answer.set_value(part.pjsip->uac.under_way() + more);
    });
    under_way += asked.get() + part->intake.waiting();
    if (part->outbox) under_way += part->outbox->under_way();
  }
  return under_way == 0;
}

void Instance::stop() {
  if (threads_.empty()) return;
  for (auto* side : sides()) side->stop();
  http_->close_all();
  ami_.close_all();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{6};
  while (ami_.sessions() + http_->sessions() + http_->web_sockets() > 0 &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  for (const auto& part : parts_) part->shard.stop();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  common_.dialplan.workers->stop();  // before the shards they post to
  for (const auto& part : parts_) {
    if (part->outbox) part->outbox->save();
  }
  state_.database->flush();
  state_.outbox.reset();  // whoever still asks it something hears that before the shards go
}

net::Address Instance::transport_address(std::string_view id) const {
  const auto* transport = parts_.front()->pjsip->transports.find(id);
  return transport != nullptr ? transport->local() : net::Address{};
}

}  // namespace missive::app

#include "app/instance.h"

#include <pthread.h>

#include <future>

#include "ami/manager_commands.h"
#include "app/web.h"
#include "base/log.h"
#include "base/text.h"
#include "console/commands/parts.h"
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

xmpp::Client::Means Instance::xmpp_means() {
  xmpp::Client::Means means{.clock = clock_, .places = {}, .outbox = common_.outbox.get()};
  for (const auto& part : parts_) {
    means.places.push_back({&part->shard, &part->intake, &common_.events});
  }
  return means;
}

ami::ServerContext Instance::ami_context() {
  ami::ServerContext context{.shards = {},
                             .senders = {},
                             .limits = settings_.missive.ami,
                             .outbox = common_.outbox.get(),
                             .system_name = settings_.asterisk.system_name,
                             .pjsip = &pjsip_,
                             .chan_sip = chan_sip_.get(),
                             .xmpp = &xmpp_,
                             .console = &console_,
                             .host = this,
                             .dialplan = &common_.dialplan,
                             .in_force = &common_.in_force,
                             .folder = std::filesystem::absolute(settings_.folder),
                             .states = &common_.states,
                             .hints = &common_.hints};
  for (const auto& part : parts_) {
    context.dialplans.push_back(&part->dialplan.environment());
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
    : clock_(clock),
      started_(clock.wall()),
      reloaded_(started_),
      settings_(settings),
      state_(std::move(state)),
      common_(settings, clock, state_),
      pjsip_(settings, settings.pjsip, state_, clock, common_.auth_events),
      chan_sip_(make_chan_sip(settings, state_, clock, common_.auth_events)),
      parts_(make_parts(clock)),
      xmpp_(settings.xmpp, xmpp_means()),
      xmpp_teller_(xmpp_),
      jabber_host_(xmpp_),
      console_shard_(static_cast<unsigned>(parts_.size()), clock),
      feed_(console_shard_),
      trace_(clock, tap),
      console_(console_shard_),
      console_server_(console_, feed_),
      console_environment_{.clock = clock,
                           .shard = console_shard_,
                           .host = *this,
                           .database = *state_.astdb,
                           .trace = trace_,
                           .version = settings.missive.ami.asterisk_version,
                           .dialplan = common_.dialplan,
                           .in_force = common_.in_force,
                           .outbox = common_.outbox.get(),
                           .pjsip = &pjsip_,
                           .chan_sip = chan_sip_.get(),
                           .xmpp = &xmpp_},
      ami_(ami_context(), settings.ami),
      pjsip_events_(ami_.events(), pjsip_.locations(), settings.pjsip),
      registry_events_(ami_.events()),
      security_events_(ami_.events(), clock),
      dialplan_events_(ami_.events()),
      xmpp_events_(ami_.events()),
      state_events_(ami_.events(), common_.states, common_.hints),
      pjsip_devices_("PJSIP", common_.states.devices, pjsip_.locations(), settings.pjsip),
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
  pjsip_.location_service().add(pjsip_devices_);
  if (chan_sip_) add_chan_sip_parts();
  watch_states();
  add_console_parts();
  introduce_parts();
  if (common_.outbox) add_outbox_parts();
  add_xmpp_parts();
}

void Instance::add_chan_sip_parts() {
  peer_events_ = std::make_unique<ami::PeerEvents>(ami_.events(), settings_.chan_sip);
  chan_sip_->location_service().add(*peer_events_);
  chan_sip_devices_ = std::make_unique<pjsip::EndpointDevices>(
      "SIP", common_.states.devices, chan_sip_->locations(), settings_.chan_sip);
  chan_sip_->location_service().add(*chan_sip_devices_);
}

// Hints come last: of a device AMI says first that it has changed, then whose extension it is.
void Instance::watch_states() {
  common_.states.devices.add(common_.hints);
  common_.states.presences.add(common_.hints);
  common_.hints.use(settings_.dialplan);
  common_.in_force.listen([this](const auto& dialplan) { common_.hints.use(dialplan); });
}

// Those of one kind get to know each other.
void Instance::introduce_parts() {
  std::vector<message::Inbox*> inboxes;
  std::vector<SipStack*> pjsip_stacks, chan_sip_stacks;
  for (const auto& part : parts_) {
    inboxes.push_back(&part->inbox);
    pjsip_stacks.push_back(part->pjsip.get());
    if (part->chan_sip) chan_sip_stacks.push_back(part->chan_sip.get());
  }
  for (const auto& part : parts_) part->inbox.know_others(inboxes);
  for (const auto& part : parts_) {
    common_.in_force.listen([&part = *part](const auto& dialplan) {
      part.shard.post([&part, dialplan] { part.dialplan.use(dialplan); });
    });
  }
  pjsip_.know_stacks(std::move(pjsip_stacks), &trace_);
  if (chan_sip_) chan_sip_->know_stacks(std::move(chan_sip_stacks), &trace_);
  std::vector<net::Shard*> shards;
  for (const auto& part : parts_) shards.push_back(&part->shard);
  auto routes = web_routes(settings_, pjsip_, chan_sip_.get());
  ami_.add_routes(routes);
  http_ =
      std::make_unique<http::Server>(std::move(shards), std::move(routes), web_options(settings_));
}

void Instance::add_console_parts() {
  console::add_all_commands(console_.registry(), console_environment_);
  ami::add_manager_commands(console_, ami_);
  trace_.show_by([this](std::string text) { feed_.publish_packet(std::move(text)); });
  const auto& debug = settings_.pjsip->global().debug;
  if (base::parse_bool(debug).value_or(false)) {
    trace_.log_all();
  } else if (const auto host = net::Network::parse(debug)) {
    trace_.log_host(*host, true);
  }
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

void Instance::add_xmpp_parts() {
  for (const auto& part : parts_) {
    part->xmpp = std::make_unique<xmpp::XmppTechnology>(part->shard, xmpp_);
    part->sender.add(*part->xmpp);
  }
  common_.events.add(xmpp_teller_);
  if (notifier_) notifier_->leave_to("xmpp");
  xmpp_.tell(xmpp_events_);
  common_.dialplan.jabber = &jabber_host_;
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
  if (!state_.folder.empty()) {
    const auto socket = console::socket_in(state_.folder);
    if (auto listening = console_server_.open(socket); !listening) return listening;
  }
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

void Instance::run(net::Shard& shard, const std::string& name) {
  threads_.emplace_back([&shard] { shard.run(); });
  pthread_setname_np(threads_.back().native_handle(), name.c_str());
}

void Instance::start() {
  for (const auto& part : parts_) {
    run(part->shard, fmt::format("shard-{}", part->shard.index()));
  }
  run(console_shard_, "console");
  for (auto* side : sides()) side->start();
  xmpp_.start();
}

void Instance::stop_accepting() {
  ami_.stop_accepting();
  xmpp_.stop_receiving();
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
  console_shard_.stop();  // no reload from now on
  threads_.back().join();
  threads_.pop_back();
  for (auto* side : sides()) side->stop();
  xmpp_.stop();
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

#include "app/instance.h"

#include <pthread.h>

#include <future>

#include "base/log.h"
#include "dialplan/workers.h"

namespace missive::app {
namespace {

sip::TcpOptions tcp_options_of(const Settings& settings) {
  const auto& sip = settings.missive.sip;
  sip::TcpOptions out{.connect_timeout = sip.tcp_connect_timeout,
                      .idle_timeout = sip.tcp_idle_timeout,
                      .keep_alive = settings.pjsip->global().keep_alive_interval};
  out.framer.body_octets = sip.max_message_size;
  return out;
}

sip::TransportOptions options_of(const pjsip::Transport& transport) {
  return {transport.name,
          transport.tos,
          {transport.external_signaling_address, transport.external_signaling_port,
           transport.local_net}};
}

unsigned shard_count(const Settings& settings) {
  const unsigned wanted = settings.missive.general.shards;
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  return std::min(wanted != 0 ? wanted : cores, sip::ClientTransactionTable::max_shards);
}

}  // namespace

Instance::Parts Instance::make_parts(const Settings& settings, const base::Clock& clock,
                                     CommonParts& common) {
  Parts parts;
  for (unsigned i = 0; i < shard_count(settings); ++i) {
    parts.push_back(std::make_unique<Part>(i, settings, clock, common));
  }
  return parts;
}

ami::ServerContext Instance::ami_context() const {
  ami::ServerContext context{
      .shards = {}, .senders = {}, .limits = settings_.missive.ami, .outbox = common_.outbox.get()};
  for (const auto& part : parts_) {
    context.shards.push_back(&part->shard);
    context.senders.push_back(&part->sender);
  }
  return context;
}

std::vector<pjsip::ContactKeeper*> Instance::keepers() const {
  std::vector<pjsip::ContactKeeper*> all;
  for (const auto& part : parts_) all.push_back(&part->keeper);
  return all;
}

Instance::Instance(const Settings& settings, const base::Clock& clock, State state,
                   sip::WireTap* tap)
    : settings_(settings),
      tap_(tap),
      state_(std::move(state)),
      common_(settings, clock, state_),
      parts_(make_parts(settings, clock, common_)),
      ami_(ami_context(), settings.ami),
      pjsip_events_(ami_.events(), common_.locations, settings.pjsip),
      security_events_(ami_.events(), clock),
      dialplan_events_(ami_.events()),
      dialplan_host_(
          common_.locations, clock,
          [this](std::string_view user) { return ami_.sessions_of(user); }, settings.pjsip),
      keepers_(keepers()),
      persistence_(*state_.contacts, clock) {
  common_.events.add(ami_);
  common_.auth_events.set(security_events_);
  common_.dialplan.events = &dialplan_events_;
  common_.dialplan.host = &dialplan_host_;
  common_.dialplan.globals.set_all(settings.dialplan->globals());
  common_.locations.add(keepers_);
  common_.locations.add(pjsip_events_);
  common_.locations.add(persistence_);
  introduce_parts();
  if (common_.outbox) add_outbox_parts();
}

void Instance::add_outbox_parts() {
  auto& first = *parts_.front();
  waker_ = std::make_unique<pjsip::OutboxWaker>(*common_.outbox, *settings_.pjsip);
  offline_hook_ = std::make_unique<pjsip::OfflineHook>(first.shard, first.inbox, first.dialplan,
                                                       common_.locations, settings_.pjsip);
  notifier_ = std::make_unique<message::OutcomeNotifier>(first.shard, first.sender,
                                                         settings_.missive.outbox.notify_sender);
  common_.locations.add(*waker_);
  common_.events.add(*offline_hook_);
  common_.events.add(*notifier_);
  std::vector<message::OutboxShard*> shards;
  for (const auto& part : parts_) shards.push_back(part->outbox.get());
  common_.outbox->know(std::move(shards));
}

// Those of one kind get to know each other.
void Instance::introduce_parts() {
  std::vector<sip::TransactionLayer*> layers;
  std::vector<pjsip::MessageUac*> uacs;
  std::vector<message::Inbox*> inboxes;
  for (const auto& part : parts_) {
    layers.push_back(&part->transactions);
    uacs.push_back(&part->uac);
    inboxes.push_back(&part->inbox);
  }
  for (const auto& part : parts_) {
    part->transactions.know_others(layers);
    part->uac.know_others(uacs);
    part->inbox.know_others(inboxes);
  }
}

Instance::~Instance() { stop(); }

void Instance::add(Part& part, std::unique_ptr<sip::Transport> transport) {
  transport->set_tap(tap_);
  part.transports.add(std::move(transport));
}

base::Result<void> Instance::open() {
  if (auto opened = open_transports(); !opened) return opened;
  if (auto listening = ami_.listen(); !listening) return listening;
  for (const auto& transport : parts_.front()->transports.all()) {
    log::info("SIP on {} {}, {} shards", transport->protocol(), transport->local().str(),
              parts_.size());
  }
  return restore();
}

// What an earlier process left: contacts, messages on their way out, messages that came in.
base::Result<void> Instance::restore() {
  const auto contacts = persistence_.restore(common_.locations);
  if (!contacts) return tl::unexpected(contacts.error());
  // Those of AORs that are gone meanwhile go with the configuration.
  common_.locations.configure(*settings_.pjsip);
  if (common_.outbox) {
    if (auto opened = common_.outbox->open(); !opened) return opened;
  }
  if (common_.received) {
    const auto received = parts_.front()->intake.restore();
    if (!received) return tl::unexpected(received.error());
  }
  return {};
}

base::Result<void> Instance::open_transports() {
  using Protocol = pjsip::Transport::Protocol;
  for (const auto& transport : settings_.pjsip->transports()) {
    base::Result<void> opened;
    switch (transport.protocol) {
      case Protocol::udp:
        opened = open_udp(transport);
        break;
      case Protocol::tcp:
        opened = open_tcp(transport);
        break;
      default:
        break;  // Configuration has warned
    }
    if (!opened) {
      return base::fail("{}: transport '{}': {}", transport.where.str(), transport.name,
                        opened.error().text);
    }
  }
  return {};
}

base::Result<void> Instance::open_udp(const pjsip::Transport& transport) {
  auto bind = transport.bind;
  for (const auto& part : parts_) {
    auto opened = sip::UdpTransport::open(part->shard, bind, options_of(transport),
                                          part->transactions, part == parts_.front());
    if (!opened) return tl::unexpected(opened.error());
    bind = (*opened)->local();  // port 0: the others take what the first was given
    add(*part, std::move(*opened));
  }
  return {};
}

base::Result<void> Instance::open_tcp(const pjsip::Transport& transport) {
  const auto id = transport.name;
  auto deal = [this, id, next = std::size_t{0}](int fd, const net::Address& peer) mutable {
    auto& part = *parts_[next++ % parts_.size()];
    part.shard.post([&part, id, fd, peer] {
      static_cast<sip::TcpTransport&>(*part.transports.find(id)).adopt(fd, peer);
    });
  };
  auto listener = net::Listener::open(parts_.front()->shard, transport.bind, std::move(deal));
  if (!listener) return tl::unexpected(listener.error());
  const auto local = (*listener)->local();
  for (const auto& part : parts_) {
    add(*part, std::make_unique<sip::TcpTransport>(part->shard, local, options_of(transport),
                                                   tcp_options_of(settings_), part->transactions));
  }
  listeners_.push_back(std::move(*listener));
  return {};
}

void Instance::start() {
  for (const auto& part : parts_) {
    threads_.emplace_back([&shard = part->shard] { shard.run(); });
    const auto name = fmt::format("shard-{}", part->shard.index());
    pthread_setname_np(threads_.back().native_handle(), name.c_str());
  }
}

void Instance::reload(const Settings& settings) {
  for (const auto& part : parts_) {
    part->shard.post([&part = *part, settings] { part.use(settings); });
  }
  if (settings.dialplan->clears_globals()) common_.dialplan.globals.clear();
  common_.dialplan.globals.set_all(settings.dialplan->globals());
  common_.locations.configure(*settings.pjsip);
  keepers_.use(settings.pjsip);
  pjsip_events_.use(settings.pjsip);
  dialplan_host_.use(settings.pjsip);
  if (waker_) waker_->use(*settings.pjsip);
  if (offline_hook_) offline_hook_->use(settings.pjsip);
  ami_.reload(settings.ami);
  settings_.ami = settings.ami;
  settings_.pjsip = settings.pjsip;
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
    part->shard.post([&uac = part->uac, &answer] { answer.set_value(uac.under_way()); });
    under_way += asked.get() + part->intake.waiting();
    if (part->outbox) under_way += part->outbox->under_way();
  }
  return under_way == 0;
}

void Instance::stop() {
  if (threads_.empty()) return;
  ami_.close_all();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{6};
  while (ami_.sessions() > 0 && std::chrono::steady_clock::now() < deadline) {
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
  const auto* transport = parts_.front()->transports.find(id);
  return transport != nullptr ? transport->local() : net::Address{};
}

}  // namespace missive::app

#include "ami/server.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "ami/security_events.h"
#include "ami/wire.h"
#include "base/base64.h"
#include "base/log.h"
#include "base/text.h"
#include "sip/name_addr.h"

namespace missive::ami {
namespace {

// As Asterisk has it.
const std::string default_realm = "asterisk";

// `<sip:bob@192.0.2.2>;code=200;text="OK"`
std::string contact_result(const message::ContactResult& result) {
  auto out = fmt::format("<{}>;code={};text=", result.contact, result.response_code);
  sip::append_quoted(out, result.response_text);
  return out;
}

}  // namespace

// A connected socket on its way to its shard, which may have stopped.
class Server::Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

Server::Server(ServerContext context, std::shared_ptr<const Configuration> configuration)
    : shared_(context.shards.front()->clock(), std::move(context.limits)) {
  shared_.pjsip = context.pjsip;
  shared_.chan_sip = context.chan_sip;
  shared_.xmpp = context.xmpp;
  shared_.console = context.console;
  shared_.host = context.host;
  shared_.dialplan = context.dialplan;
  shared_.in_force = context.in_force;
  shared_.folder = std::move(context.folder);
  shared_.states = context.states;
  shared_.hints = context.hints;
  shared_.events.set_timestamps(configuration->timestamp_events);
  shared_.events.set_system_name(context.system_name);
  for (std::size_t i = 0; i < context.shards.size(); ++i) {
    const auto outlet = shared_.events.add_outlet([this, i](EventPointer event) {
      auto& place = *places_[i];
      place.shard.post([&place, event = std::move(event)] {
        if (!place.environment.configuration->is_disabled(event->name)) {
          place.environment.sessions.deliver(event);
        }
      });
    });
    places_.push_back(std::make_unique<Place>(shared_, outlet, *context.shards[i],
                                              *context.senders[i], context.outbox, configuration));
    if (!context.dialplans.empty()) {
      places_.back()->environment.dialplan = context.dialplans[i];
    }
  }
  std::vector<Environment*> environments;
  for (const auto& place : places_) environments.push_back(&place->environment);
  const auto& realm = context.system_name.empty() ? default_realm : context.system_name;
  web_ = std::make_unique<web::WebManager>(environments, realm);
}

Server::~Server() = default;

// --- listening ---

namespace {

// Where TCP and TLS are to be served; nothing where they are not.
std::optional<net::Address> plain_bind(const Configuration& configuration) {
  return configuration.enabled ? std::optional(configuration.bind) : std::nullopt;
}
std::optional<net::Address> tls_bind(const Configuration& configuration) {
  return configuration.enabled ? configuration.tls.bind : std::nullopt;
}

}  // namespace

base::Result<void> Server::listen() {
  const auto& configuration = *places_.front()->environment.configuration;
  if (const auto bind = plain_bind(configuration)) {
    if (auto opened = open(plain_, *bind); !opened) return opened;
  }
  const auto bind = tls_bind(configuration);
  return bind ? open(secure_, *bind) : base::Result<void>{};
}

base::Result<void> Server::open(Door& door, const net::Address& bind) {
  const auto name = door.secure ? "TLS" : "TCP";
  auto listener = net::Listener::open(
      places_.front()->shard, bind, [this, secure = door.secure](int fd, const net::Address& peer) {
        accepted(fd, peer, secure);
      });
  if (!listener) return base::fail("AMI: {}", listener.error().text);
  door.listener = std::move(*listener);
  door.bound_to = bind;
  log::info("AMI listens on {} {}", name, door.listener->local().str());
  return {};
}

net::Address Server::local_of(const Door& door) {
  return door.listener ? door.listener->local() : net::Address{};
}

void Server::accepted(int fd, const net::Address& peer, bool secure) {
  Descriptor descriptor(fd);
  auto& place = *places_[next_place_++ % places_.size()];
  auto admission = shared_.gatekeeper.admit(peer, places_.front()->environment.admission_limits());
  if (!admission) return refuse(descriptor, peer, secure, admission.error().text);
  full_ = false;
  place.shard.post([this, &place, peer, secure, descriptor = std::move(descriptor),
                    admission = std::move(*admission)]() mutable {
    adopt(place, std::move(descriptor), peer, std::move(admission), secure);
  });
}

// A TLS client would not understand the line that a TCP client gets.
void Server::refuse(const Descriptor& descriptor, const net::Address& peer, bool secure,
                    const std::string& why) {
  if (!std::exchange(full_, true)) {
    log::warning("AMI refuses connections for now: {} (this one from {})", why, peer.str());
  }
  net::Address local;
  socklen_t size = net::Address::capacity();
  ::getsockname(descriptor.get(), local.data(), &size);
  SecurityEvents(shared_.events, shared_.clock)
      .refused("SessionLimit", {"", "", local, peer, shared_.clock.wall(),
                                transport_of(secure ? Road::tls : Road::tcp)});
  if (secure) return;
  std::string text;
  append_reply(text, "Error", {}, why);
  ::send(descriptor.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  ::shutdown(descriptor.get(), SHUT_WR);
}

void Server::adopt(Place& place, Descriptor descriptor, const net::Address& peer,
                   Admission admission, bool secure) {
  if (place.stopping) return;
  const int on = 1;  // a client that is gone without a word is noticed one day
  ::setsockopt(descriptor.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  const auto& tls = place.environment.configuration->tls.context;
  if (secure && !tls) return;  // switched off while it was on its way
  auto stream =
      secure ? net::Stream::adopt(place.shard, descriptor.release(), peer,
                                  std::make_unique<net::TlsSession>(*tls, net::TlsRole::server))
             : net::Stream::adopt(place.shard, descriptor.release(), peer);
  place.connections.push_back(std::make_unique<Connection>(
      place.environment, std::move(stream), std::move(admission),
      [this, &place](Connection& connection) { remove(place, connection); }));
  place.connections.back()->start();
}

void Server::remove(Place& place, Connection& connection) {
  auto& all = place.connections;
  const auto found = std::find_if(all.begin(), all.end(), [&connection](const auto& each) {
    return each.get() == &connection;
  });
  if (found == all.end()) return;
  std::swap(*found, all.back());
  const auto last = std::move(all.back());
  all.pop_back();
}

// --- reload and stop ---

template <class Work>
void Server::on_every_shard(Work work) {
  for (const auto& place : places_) {
    place->shard.post([&place = *place, work] { work(place); });
  }
}

void Server::reload(std::shared_ptr<const Configuration> configuration) {
  shared_.events.set_timestamps(configuration->timestamp_events);
  on_every_shard(
      [configuration](Place& place) { place.environment.configuration = configuration; });
  places_.front()->shard.post([this, configuration] {
    follow(plain_, plain_bind(*configuration));
    follow(secure_, tls_bind(*configuration));
  });
}

void Server::announce_reload(std::string_view module, int status) {
  if (status == 0) shared_.reloaded = shared_.clock.wall();
  shared_.events.publish(Class::system, "Reload", [&](EventText& text) {
    text.header("Module", module).header("Status", fmt::to_string(status));
  });
}

void Server::follow(Door& door, const std::optional<net::Address>& bind) {
  if (places_.front()->stopping) return;
  if (!bind) {
    door.listener.reset();
    return;
  }
  if (door.listener && door.bound_to == *bind) return;
  // Another address with the same port may be free only once this one is let go.
  const auto before = local_of(door);
  if (before.port() == bind->port()) door.listener.reset();
  const auto opened = open(door, *bind);
  if (opened) return;
  log::error("{}", opened.error().text);
  const bool stays = door.listener != nullptr || (before.is_set() && open(door, before));
  log::warning("AMI {}", stays ? "still listens on " + before.str() : "does not listen");
}

struct Server::Question {
  std::function<void(Environment&)> look;
  net::Shard& asker;
  base::UniqueFunction<void()> done;
};

void Server::ask_shards(std::function<void(Environment&)> look, net::Shard& asker,
                        base::UniqueFunction<void()> done) {
  ask_place(0, std::make_shared<Question>(Question{std::move(look), asker, std::move(done)}));
}

void Server::ask_place(std::size_t index, std::shared_ptr<Question> question) {
  if (index == places_.size()) {
    auto& asker = question->asker;
    return asker.post([question = std::move(question)] { question->done(); });
  }
  auto& place = *places_[index];
  place.shard.post([this, &place, index, question = std::move(question)]() mutable {
    question->look(place.environment);
    ask_place(index + 1, std::move(question));
  });
}

void Server::stop_accepting() {
  shared_.events.publish(Class::system, "Shutdown", [](EventText& text) {
    text.header("Shutdown", "Cleanly").header("Restart", "False");
  });
  places_.front()->shard.post([this] {
    plain_.listener.reset();
    secure_.listener.reset();
  });
  shards_to_stop_ += places_.size();
  on_every_shard([this](Place& place) {
    place.stopping = true;
    for (std::size_t i = place.connections.size(); i-- > 0;) place.connections[i]->pause();
    web_->pause(place.shard.index());
    --shards_to_stop_;
  });
}

bool Server::idle() const {
  return shards_to_stop_ == 0 && std::all_of(places_.begin(), places_.end(), [](const auto& place) {
           return place->environment.sessions.pending() == 0;
         });
}

void Server::close_all() {
  on_every_shard([this](Place& place) {
    place.stopping = true;
    for (std::size_t i = place.connections.size(); i-- > 0;) place.connections[i]->end();
    web_->close(place.shard.index());
  });
}

// --- messages that came in, and what became of those that went out ---

namespace {

// What can stand in a header line as it is.
bool is_one_line(std::string_view body) {
  return base::is_utf8(body) && std::none_of(body.begin(), body.end(), base::is_control);
}

}  // namespace

void Server::on_message_received(const message::Incoming& message) {
  shared_.events.publish(Class::message, "MessageReceived", [&](EventText& text) {
    text.header("MessageID", message.id())
        .header("From", message.from())
        .header("To", message.to())
        .header("Endpoint", message.endpoint())
        .header("Context", message.context())
        .header("Exten", message.exten())
        .header("ContentType", message.content_type());
    if (is_one_line(message.body())) {
      text.header("Body", message.body());
    } else {
      text.header("Base64Body", base::base64_encode(message.body()));
    }
  });
}

bool Server::wants_message_status() const { return shared_.events.wanted(Class::message); }

void Server::on_message_status(const message::Message& message, const message::Status& status) {
  shared_.events.publish(Class::message, "MessageStatus", [&](EventText& text) {
    text.header("MessageID", message.id());
    if (!message.action_id().empty()) text.header("ActionID", message.action_id());
    text.header("Destination", message.destination())
        .header("Contact", status.contact)
        .header("Status", message::name_of(status.state))
        .header("ResponseCode", fmt::to_string(status.response_code))
        .header("ResponseText", status.response_text)
        .header("Attempt", fmt::to_string(status.attempt));
    for (const auto& result : status.results) text.header("ContactResult", contact_result(result));
  });
}

}  // namespace missive::ami

#include "ami/server.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "ami/wire.h"
#include "base/base64.h"
#include "base/log.h"
#include "base/text.h"
#include "sip/name_addr.h"

namespace missive::ami {
namespace {

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
  shared_.events.set_timestamps(configuration->timestamp_events);
  for (std::size_t i = 0; i < context.shards.size(); ++i) {
    const auto outlet = shared_.events.add_outlet([this, i](EventPointer event) {
      auto& place = *places_[i];
      place.shard.post([&place, event = std::move(event)] {
        if (!place.environment.configuration->is_disabled(event->name)) {
          place.environment.sessions.deliver(*event);
        }
      });
    });
    places_.push_back(std::make_unique<Place>(shared_, outlet, *context.shards[i],
                                              *context.senders[i], context.outbox, configuration));
  }
}

Server::~Server() = default;

// --- listening ---

base::Result<void> Server::listen() {
  const auto& configuration = *places_.front()->environment.configuration;
  return configuration.enabled ? open(configuration.bind) : base::Result<void>{};
}

base::Result<void> Server::open(const net::Address& bind) {
  auto listener =
      net::Listener::open(places_.front()->shard, bind,
                          [this](int fd, const net::Address& peer) { accepted(fd, peer); });
  if (!listener) return base::fail("AMI: {}", listener.error().text);
  listener_ = std::move(*listener);
  bound_to_ = bind;
  log::info("AMI listens on TCP {}", listener_->local().str());
  return {};
}

net::Address Server::local() const { return listener_ ? listener_->local() : net::Address{}; }

void Server::accepted(int fd, const net::Address& peer) {
  Descriptor descriptor(fd);
  auto& place = *places_[next_place_++ % places_.size()];
  auto admission = shared_.gatekeeper.admit(shared_.limits.max_sessions,
                                            places_.front()->environment.configuration->auth_limit);
  if (!admission) {
    if (!std::exchange(full_, true)) {
      log::warning("AMI refuses connections for now: {} (this one from {})", admission.error().text,
                   peer.str());
    }
    std::string text;
    append_reply(text, "Error", {}, admission.error().text);
    ::send(fd, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    ::shutdown(fd, SHUT_WR);
    return;
  }
  full_ = false;
  place.shard.post([this, &place, peer, descriptor = std::move(descriptor),
                    admission = std::move(*admission)]() mutable {
    adopt(place, std::move(descriptor), peer, std::move(admission));
  });
}

void Server::adopt(Place& place, Descriptor descriptor, const net::Address& peer,
                   Admission admission) {
  if (place.stopping) return;
  const int on = 1;  // a client that is gone without a word is noticed one day
  ::setsockopt(descriptor.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  auto stream = net::Stream::adopt(place.shard, descriptor.release(), peer);
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
  shared_.reloaded = shared_.clock.wall();
  shared_.events.set_timestamps(configuration->timestamp_events);
  on_every_shard(
      [configuration](Place& place) { place.environment.configuration = configuration; });
  places_.front()->shard.post([this, configuration] { follow(configuration); });
  shared_.events.publish(Class::system, "Reload", [](EventText& text) {
    text.header("Module", "All").header("Status", "0");
  });
}

void Server::follow(const std::shared_ptr<const Configuration>& configuration) {
  if (places_.front()->stopping) return;
  if (!configuration->enabled) {
    listener_.reset();
    return;
  }
  if (listener_ && bound_to_ == configuration->bind) return;
  // Another address with the same port may be free only once this one is let go.
  const auto before = local();
  if (before.port() == configuration->bind.port()) listener_.reset();
  const auto opened = open(configuration->bind);
  if (opened) return;
  log::error("{}", opened.error().text);
  const bool stays = listener_ != nullptr || (before.is_set() && open(before));
  log::warning("AMI {}", stays ? "still listens on " + before.str() : "does not listen");
}

void Server::stop_accepting() {
  shared_.events.publish(Class::system, "Shutdown", [](EventText& text) {
    text.header("Shutdown", "Cleanly").header("Restart", "False");
  });
  places_.front()->shard.post([this] { listener_.reset(); });
  shards_to_stop_ += places_.size();
  on_every_shard([this](Place& place) {
    place.stopping = true;
    for (std::size_t i = place.connections.size(); i-- > 0;) place.connections[i]->pause();
    --shards_to_stop_;
  });
}

bool Server::idle() const {
  return shards_to_stop_ == 0 && std::all_of(places_.begin(), places_.end(), [](const auto& place) {
           return place->environment.sessions.pending() == 0;
         });
}

void Server::close_all() {
  on_every_shard([](Place& place) {
    place.stopping = true;
    for (std::size_t i = place.connections.size(); i-- > 0;) place.connections[i]->end();
  });
}

// --- messages that came in, and what became of those that went out ---

namespace {

// What can stand in a header line as it is.
bool is_one_line(std::string_view body) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  return base::is_utf8(body) && std::none_of(body.begin(), body.end(), is_control);
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

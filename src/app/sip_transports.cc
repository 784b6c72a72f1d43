#include "app/sip_transports.h"

#include <algorithm>

#include "base/log.h"
#include "sip/udp_transport.h"
#include "sip/web_socket_transport.h"

namespace missive::app {
namespace {

sip::TransportOptions options_of(const pjsip::Transport& transport) {
  return {transport.name,
          transport.tos,
          {transport.external_signaling_address, transport.external_signaling_port,
           transport.local_net}};
}

}  // namespace

net::TlsOptions SipTransports::tls_options(const Settings& settings,
                                           const pjsip::Transport& transport) {
  const auto& tls = transport.tls;
  const auto placed = [&settings](const std::string& file) {
    return file.empty() ? file : (settings.folder / file).string();
  };
  return {.cert_file = placed(tls.cert_file),
          .priv_key_file = placed(tls.priv_key_file),
          .ca_list_file = placed(tls.ca_list_file),
          .ca_list_path = placed(tls.ca_list_path),
          .cipher = tls.cipher,
          .password = tls.password,
          .method = tls.method,
          .verify_client = tls.verify_client,
          .verify_server = tls.verify_server,
          .require_client_cert = tls.require_client_cert,
          .allow_wildcard_certs = tls.allow_wildcard_certs};
}

SipTransports::SipTransports(const Settings& settings,
                             std::shared_ptr<const pjsip::Configuration> configuration,
                             std::vector<SipStack*> stacks, sip::WireTap* tap)
    : settings_(settings),
      configuration_(std::move(configuration)),
      stacks_(std::move(stacks)),
      tap_(tap) {}

base::Result<void> SipTransports::open() {
  for (const auto& transport : configuration_->transports()) {
    if (auto opened = open(transport); !opened) {
      return base::fail("{}: transport '{}': {}", transport.where.str(), transport.name,
                        opened.error().text);
    }
  }
  return {};
}

void SipTransports::announce() const {
  for (const auto& transport : stacks_.front()->transports.all()) {
    log::info("{}: on {} {}, {} shards", configuration_->technology(), transport->protocol(),
              transport->local().str(), stacks_.size());
  }
}

base::Result<void> SipTransports::open(const pjsip::Transport& transport) {
  using Protocol = sip::Protocol;
  if (transport.flow) return {};
  switch (transport.protocol) {
    case Protocol::udp:
      return open_udp(transport);
    case Protocol::tcp:
    case Protocol::tls:
      return open_stream(transport);
    case Protocol::ws:
    case Protocol::wss:
      open_web_socket(transport);
  }
  return {};
}

void SipTransports::add(SipStack& stack, std::unique_ptr<sip::Transport> transport) {
  transport->set_tap(tap_);
  stack.transports.add(std::move(transport));
}

base::Result<void> SipTransports::open_udp(const pjsip::Transport& transport) {
  auto bind = transport.bind;
  for (auto* stack : stacks_) {
    auto opened = sip::UdpTransport::open(stack->shard, bind, options_of(transport),
                                          stack->transactions, stack == stacks_.front());
    if (!opened) return tl::unexpected(opened.error());
    bind = (*opened)->local();  // port 0: the others take what the first was given
    add(*stack, std::move(*opened));
  }
  return {};
}

sip::TcpOptions SipTransports::tcp_options(const pjsip::Transport& transport) const {
  const auto& sip = settings_.missive.sip;
  sip::TcpOptions out{.connect_timeout = sip.tcp_connect_timeout,
                      .idle_timeout = sip.tcp_idle_timeout,
                      .keep_alive = configuration_->global().keep_alive_interval};
  out.framer.body_octets = sip.max_message_size;
  out.max_connections_per_address = sip.max_connections_per_address;
  const auto& keepalive = transport.tcp_keepalive;
  if (keepalive.enable) {
    out.probes = {keepalive.idle_time, keepalive.interval_time, keepalive.probe_count};
  }
  if (const auto tls = tls_.find(transport.name); tls != tls_.end()) out.tls = tls->second;
  return out;
}

base::Result<void> SipTransports::open_stream(const pjsip::Transport& transport) {
  if (transport.protocol == sip::Protocol::tls) {
    auto tls = net::TlsContext::create(tls_options(settings_, transport));
    if (!tls) return tl::unexpected(tls.error());
    tls_[transport.name] = std::move(*tls);
  }
  const auto id = transport.name;
  auto deal = [this, id, next = std::size_t{0}](int fd, const net::Address& peer) mutable {
    auto& stack = *stacks_[next++ % stacks_.size()];
    stack.shard.post([&stack, id, fd, peer] {
      static_cast<sip::TcpTransport&>(*stack.transports.find(id)).adopt(fd, peer);
    });
  };
  auto listener =
      net::Listener::open(stacks_.front()->shard, transport.bind, std::move(deal), true);
  if (!listener) return tl::unexpected(listener.error());
  const auto local = (*listener)->local();
  const auto options = tcp_options(transport);
  for (auto* stack : stacks_) {
    add(*stack, std::make_unique<sip::TcpTransport>(stack->shard, local, options_of(transport),
                                                    options, stack->transactions));
  }
  listeners_.push_back(std::move(*listener));
  return {};
}

void SipTransports::open_web_socket(const pjsip::Transport& transport) {
  const bool secure = sip::is_secure(transport.protocol);
  const auto& bind = secure ? settings_.http->tls_bind : settings_.http->bind;
  if (!settings_.http->enabled || !bind) {
    log::warning("{}: transport '{}': no phone can connect, for http.conf has no {}",
                 transport.where.str(), transport.name,
                 secure ? "tlsenable=yes with tlsbindaddr" : "enabled=yes with bindaddr");
  }
  const sip::WebSocketOptions options{.secure = secure};
  for (auto* stack : stacks_) {
    add(*stack, std::make_unique<sip::WebSocketTransport>(
                    stack->shard, bind.value_or(transport.bind), options_of(transport), options,
                    stack->transactions));
  }
}

const pjsip::Transport* SipTransports::web_socket(bool secure) const {
  const auto protocol = secure ? sip::Protocol::wss : sip::Protocol::ws;
  const auto& all = configuration_->transports();
  const auto found = std::find_if(all.begin(), all.end(), [protocol](const auto& transport) {
    return !transport.flow && transport.protocol == protocol;
  });
  return found != all.end() ? &*found : nullptr;
}

void SipTransports::adopt_web_socket(unsigned shard, std::unique_ptr<net::MessageSocket> socket) {
  const auto* transport = web_socket(socket->secure());
  if (transport == nullptr) return;  // it closes
  auto* opened = stacks_.at(shard)->transports.find(transport->name);
  static_cast<sip::WebSocketTransport&>(*opened).adopt(std::move(socket));
}

void SipTransports::reload(const pjsip::Configuration& configuration) {
  for (const auto& [name, tls] : tls_) {
    const auto* transport = configuration.transport(name);
    if (transport == nullptr) continue;  // it stays open until the next start
    if (auto loaded = tls->reload(tls_options(settings_, *transport)); !loaded) {
      log::error("transport '{}': {}; the certificate in force stays", name, loaded.error().text);
    }
  }
}

}  // namespace missive::app

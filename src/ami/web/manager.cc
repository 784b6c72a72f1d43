#include "ami/web/manager.h"

#include <fmt/format.h>

#include <list>
#include <optional>
#include <unordered_map>

#include "ami/actions/handlers.h"
#include "ami/security_events.h"
#include "ami/web/form.h"
#include "ami/web/session.h"
#include "base/log.h"

namespace missive::ami::web {
namespace {

constexpr std::string_view cookie_name = "mansession_id";
constexpr std::size_t key_length = 32;

Road road_of(const http::Request& request) { return request.secure ? Road::https : Road::http; }

// An event about a request that has no session.
Subject subject_of(const http::Request& request, std::string_view account, base::WallTime now) {
  return {account, "", request.local, request.peer, now, transport_of(road_of(request))};
}

std::string cookie_text(std::string_view key, std::chrono::seconds age, bool secure) {
  return fmt::format("{}=\"{}\"; Version=1; Max-Age={}; HttpOnly; SameSite=Strict{}", cookie_name,
                     key, age.count(), secure ? "; Secure" : "");
}

}  // namespace

// Takes an answer to the connection's shard. One that is destroyed without an answer says 503.
class WebManager::ReplyTo {
 public:
  ReplyTo(net::Shard& shard, http::Responder responder) : shard_(&shard) {
    responder_.emplace(std::move(responder));
  }
  ReplyTo(ReplyTo&& other) noexcept : shard_(other.shard_), fields_(std::move(other.fields_)) {
    if (other.responder_) responder_.emplace(std::move(*other.responder_));
    other.responder_.reset();
  }
  ReplyTo& operator=(ReplyTo&&) = delete;
  ~ReplyTo() {
    if (responder_) send(http::Response::error(503, "the session takes no more requests"));
  }

  // To be added to whatever is sent.
  void add(std::string name, std::string value) {
    fields_.push_back({std::move(name), std::move(value)});
  }
  void send(http::Response response) {
    for (auto& field : fields_) response.fields.push_back(std::move(field));
    shard_->post([responder = std::move(*responder_), response = std::move(response)]() mutable {
      responder.answer(std::move(response));
    });
    responder_.reset();
  }
  void send_packets(const View& view, std::string_view packets) {
    http::Response response;
    response.body = render(view, packets);
    response.content_type = content_type(view.format);
    send(std::move(response));
  }

 private:
  net::Shard* shard_;
  std::optional<http::Responder> responder_;
  std::vector<http::Field> fields_;
};

// A request on its way to its session.
struct WebManager::Asked {
  View view;
  std::string action;
  ReplyTo reply_to;
  net::Address peer, local;
  Road road = Road::http;
  // Of a digest: the configuration, and its user that the session is for.
  std::shared_ptr<const Configuration> configuration = nullptr;
  const User* user = nullptr;
};

// Credentials that are not good, answered a second later.
class WebManager::Refusal final : private net::Timer {
 public:
  Refusal(net::Shard& shard, ReplyTo reply_to, http::Response response, Admission admission,
          std::function<void(Refusal&)> gone)
      : reply_to_(std::move(reply_to)),
        response_(std::move(response)),
        admission_(std::move(admission)),
        gone_(std::move(gone)) {
    shard.arm(*this, Session::login_delay);
  }

 private:
  void on_timer() override {
    reply_to_.send(std::move(response_));
    const auto gone = std::move(gone_);  // `this` goes with it
    gone(*this);
  }

  ReplyTo reply_to_;
  http::Response response_;
  Admission admission_;
  std::function<void(Refusal&)> gone_;
};

// What belongs to one shard.
struct WebManager::Place {
  explicit Place(Environment& its) : environment(its) {}

  Environment& environment;
  std::unordered_map<std::string, std::unique_ptr<WebSession>> sessions;
  std::list<std::unique_ptr<Refusal>> refusals;
  bool stopping = false;

  // One line a second is enough of somebody who guesses.
  bool may_log_refusal() {
    const auto now = environment.shared.clock.now();
    if (now < next_log_) return false;
    next_log_ = now + std::chrono::seconds{1};
    return true;
  }

 private:
  base::TimePoint next_log_{};
};

WebManager::WebManager(const std::vector<Environment*>& environments, std::string realm)
    : gate_(environments.front()->shared.clock, std::move(realm)) {
  for (auto* environment : environments) places_.push_back(std::make_unique<Place>(*environment));
}

WebManager::~WebManager() = default;

void WebManager::add_routes(http::Routes& routes) {
  const auto add = [this, &routes](std::string path, Format format, bool digest,
                                   std::string_view what) {
    http::Route route;
    route.path = std::move(path);
    route.description =
        fmt::format("{} Manager Event Interface{}", what, digest ? " w/Digest authentication" : "");
    route.methods = {"GET", "POST"};
    route.handle = [this, format, digest](net::Shard& shard, http::Request request,
                                          http::Responder responder) {
      handle(format, digest, shard, std::move(request), std::move(responder));
    };
    routes.add(std::move(route));
  };
  add("/manager", Format::html, false, "HTML");
  add("/rawman", Format::text, false, "Raw HTTP");
  add("/mxml", Format::xml, false, "XML");
  add("/amanager", Format::html, true, "HTML");
  add("/arawman", Format::text, true, "Raw HTTP");
  add("/amxml", Format::xml, true, "XML");
}

// --- on the connection's shard ---

void WebManager::handle(Format format, bool digest, net::Shard& shard, http::Request request,
                        http::Responder responder) {
  auto& here = *places_[shard.index()];
  if (!here.environment.configuration->web_enabled) {
    return responder.answer(http::Response::error(404, "there is nothing at this path"));
  }
  const auto parameters = parameters_of(request);
  if (!parameters) return responder.answer(http::Response::error(415, parameters.error().text));
  auto action = action_of(*parameters);
  if (!action) return responder.answer(http::Response::error(400, action.error().text));
  Asked asked{.view = view_of(format, *parameters),
              .action = std::move(*action),
              .reply_to = ReplyTo(shard, std::move(responder)),
              .peer = request.peer,
              .local = request.local,
              .road = road_of(request)};
  if (digest) return run_by_digest(here, std::move(asked), request);
  const bool wants_page = format == Format::html && parameters->empty();
  if (wants_page) return asked.reply_to.send_packets(asked.view, {});
  run_by_cookie(here, std::move(asked), request);
}

void WebManager::run_by_cookie(Place& here, Asked asked, const http::Request& request) {
  std::string key(cookie_of(request, cookie_name));
  if (key.size() != key_length) key = new_key(here, here.environment.random);
  run(std::move(key), std::move(asked));
}

void WebManager::run_by_digest(Place& here, Asked asked, const http::Request& request) {
  if (request.field("Authorization").empty()) return ask_who(here, std::move(asked), request);
  // The place comes before the look: without one nobody learns whether he had guessed right.
  auto& environment = here.environment;
  auto admission =
      environment.shared.gatekeeper.admit(request.peer, environment.admission_limits());
  if (!admission) return asked.reply_to.send(http::Response::error(503, admission.error().text));
  const auto& configuration = environment.configuration;
  auto verdict = gate_.look_at(request, *configuration);
  if (verdict.result != DigestGate::Result::admitted) {
    return refuse(here, std::move(asked), request, verdict, std::move(*admission));
  }
  asked.configuration = configuration;
  asked.user = verdict.user;
  asked.reply_to.add("Authentication-Info", std::move(verdict.proof));
  // Nonces are anybody's: a session is of one user alone.
  run(fmt::format("{} {}", verdict.credentials.nonce, verdict.user->name), std::move(asked));
}

// Nobody has said who he is.
void WebManager::ask_who(Place& here, Asked asked, const http::Request& request) {
  const auto& shared = here.environment.shared;
  std::string nonce;
  auto response = gate_.challenge(false, nonce);
  SecurityEvents(here.environment.shared.events, shared.clock)
      .challenge_sent(subject_of(request, {}, shared.clock.wall()), nonce);
  asked.reply_to.send(std::move(response));
}

// Right credentials with an old nonce wait as well: they would tell a guess that was right.
void WebManager::refuse(Place& here, Asked asked, const http::Request& request,
                        const DigestGate::Verdict& verdict, Admission admission) {
  const bool stale = verdict.result == DigestGate::Result::stale;
  std::string nonce;
  auto response = gate_.challenge(stale, nonce);
  tell_refusal(here, request, verdict, nonce);
  if (!stale && here.may_log_refusal()) {
    log::info("AMI web client {} failed to log in as '{}'", request.peer.str(),
              base::printable(verdict.credentials.username, 80));
  }
  here.refusals.push_back(std::make_unique<Refusal>(
      here.environment.shard, std::move(asked.reply_to), std::move(response), std::move(admission),
      [&here](Refusal& done) {
        here.refusals.remove_if([&done](const auto& each) { return each.get() == &done; });
      }));
}

// `nonce` is that of the next challenge.
void WebManager::tell_refusal(Place& here, const http::Request& request,
                              const DigestGate::Verdict& verdict, const std::string& nonce) const {
  using Result = DigestGate::Result;
  const auto& clock = here.environment.shared.clock;
  const SecurityEvents security(here.environment.shared.events, clock);
  const auto& given = verdict.credentials;
  const auto subject = subject_of(request, given.username, clock.wall());
  if (verdict.result == Result::stale) {
    security.challenge_sent(subject, nonce);
  } else if (verdict.result == Result::unknown_user) {
    security.refused("InvalidAccountID", subject);
  } else if (verdict.result == Result::forbidden) {
    security.refused("FailedACL", subject);
  } else {
    security.challenge_response_failed(subject, given.nonce, given.response);
  }
}

// --- on the session's shard ---

void WebManager::run(std::string key, Asked asked) {
  auto& place = owner_of(key);
  place.environment.shard.post(
      [this, &place, key = std::move(key), asked = std::move(asked)]() mutable {
        work(place, std::move(key), std::move(asked));
      });
}

void WebManager::work(Place& place, std::string key, Asked asked) {
  if (place.stopping) return asked.reply_to.send(http::Response::error(503, "the server stops"));
  const bool digest = asked.user != nullptr;
  auto found = place.sessions.find(key);
  if (!digest && found != place.sessions.end() &&
      found->second->session().remote().ip() != asked.peer.ip()) {
    auto& other = found->second->session();
    other.security().unexpected_address(
        {other.account(), key, asked.local, asked.peer, place.environment.shared.clock.wall(),
         transport_of(asked.road)},
        other.remote());
    found = place.sessions.end();
  }
  if (found == place.sessions.end()) {
    // What a client brings along is no key of ours any more, and is not made one.
    if (!digest) key = new_key(place, place.environment.random);
    if (!begin(place, key, asked)) return;
    found = place.sessions.find(key);
  }
  auto& session = *found->second;
  const auto age = place.environment.configuration->http_timeout;
  WebSession::Answer answer = [key, digest, age, view = std::move(asked.view),
                               secure = is_secure(asked.road),
                               reply_to = std::move(asked.reply_to)](Reply reply) mutable {
    if (!digest && reply.kept) reply_to.add("Set-Cookie", cookie_text(key, age, secure));
    reply_to.send_packets(view, reply.packets);
  };
  if (!session.ask(std::move(asked.action), answer)) return;  // `answer` says 503 when it goes
}

// A new session for the key; false, and answered, when there can be none.
bool WebManager::begin(Place& place, const std::string& key, Asked& asked) {
  auto& environment = place.environment;
  const auto refused = [&asked](unsigned status, std::string_view why) {
    asked.reply_to.send(http::Response::error(status, why));
    return false;
  };
  const auto limit = environment.shared.limits.max_web_sessions;
  if (sessions_ >= limit) end_spare_sessions(place);
  if (sessions_ >= limit) {
    return refused(503, fmt::format("Too many web sessions, {} at most", limit));
  }
  auto admission = environment.shared.gatekeeper.admit(asked.peer, environment.admission_limits());
  if (!admission) return refused(503, admission.error().text);
  auto session =
      std::make_unique<WebSession>(environment, asked.local, asked.peer, std::move(*admission),
                                   asked.road, [this, &place, key](WebSession&) {
                                     --sessions_;
                                     place.sessions.erase(key);
                                   });
  if (asked.user != nullptr) session->set_by_digest();
  if (asked.user != nullptr &&
      !actions::admit(session->session(), asked.configuration, *asked.user)) {
    return refused(403, "Login Already In Use");
  }
  place.sessions.insert_or_assign(key, std::move(session));
  ++sessions_;
  return true;
}

void WebManager::end_spare_sessions(Place& place) {
  std::vector<WebSession*> spare;
  for (const auto& [key, session] : place.sessions) {
    if (session->is_spare()) spare.push_back(session.get());
  }
  for (auto* session : spare) session->end();
}

WebManager::Place& WebManager::owner_of(std::string_view key) const {
  return *places_[std::hash<std::string_view>{}(key) % places_.size()];
}

// One whose owner is `place`.
std::string WebManager::new_key(Place& place, base::RandomSource& random) const {
  std::string key;
  do {
    key = random.token(key_length);
  } while (&owner_of(key) != &place);
  return key;
}

void WebManager::pause(std::size_t shard) {
  auto& place = *places_[shard];
  place.stopping = true;
  std::vector<WebSession*> all;
  for (const auto& [key, session] : place.sessions) all.push_back(session.get());
  for (auto* session : all) session->hurry();
}

void WebManager::close(std::size_t shard) {
  auto& place = *places_[shard];
  place.stopping = true;
  place.refusals.clear();
  std::vector<WebSession*> all;
  for (const auto& [key, session] : place.sessions) all.push_back(session.get());
  for (auto* session : all) session->end();
}

}  // namespace missive::ami::web

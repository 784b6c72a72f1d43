// Challenge, Login, Logoff.
#include <fmt/format.h>

#include "ami/actions/handlers.h"
#include "ami/wire.h"
#include "base/constant_time.h"
#include "base/log.h"
#include "base/md5.h"
#include "base/text.h"

namespace missive::ami::actions {
namespace {

bool uses_challenge(const ActionView& action) {
  return base::iequals(action.header("AuthType"), "MD5");
}

// Whether the client has proved to be the user; says why not to those who watch.
bool proves_identity(Session& session, const ActionView& action, const User& user) {
  const auto subject = session.subject(user.name);
  if (!uses_challenge(action)) {
    const auto secret = action.header("Secret");
    if (!user.secret.empty() && base::same_in_constant_time(secret, user.secret)) return true;
    session.security().refused("InvalidPassword", subject);
    return false;
  }
  const auto challenge = std::exchange(session.challenge(), {});  // good for one attempt
  const auto key = base::lower(action.header("Key"));
  const bool possible = !challenge.empty() && !user.secret.empty();
  const auto expected = base::md5_hex(challenge + user.secret);
  if (possible && base::same_in_constant_time(key, expected)) return true;
  session.security().challenge_response_failed(subject, challenge, key);
  return false;
}

// The user, if this client may be it.
const User* authenticate(Session& session, const ActionView& action,
                         const Configuration& configuration) {
  const auto name = action.header("Username");
  const auto* user = configuration.find(name);
  if (user == nullptr) {
    session.security().refused("InvalidAccountID", session.subject(name));
    return nullptr;
  }
  if (!user->permits(session.remote())) {
    session.security().refused("FailedACL", session.subject(user->name));
    return nullptr;
  }
  return proves_identity(session, action, *user) ? user : nullptr;
}

// Whether the user may have one more session, which is counted then.
bool enter(Session& session, const Configuration& configuration, const User& user) {
  const bool several = user.allow_multiple_login.value_or(configuration.allow_multiple_login);
  if (session.environment().shared.logins.enter(user.name, several)) return true;
  session.security().refused("SessionLimit", session.subject(user.name));
  return false;
}

void send_fully_booted(Session& session) {
  if (is_web(session.road()) || !session.listens_to(Class::system)) return;
  const auto& shared = session.environment().shared;
  const auto seconds_since = [now = shared.clock.wall()](base::WallTime then) {
    return fmt::to_string(std::chrono::duration_cast<std::chrono::seconds>(now - then).count());
  };
  const auto event = shared.events.make(Class::system, "FullyBooted", [&](EventText& text) {
    text.header("Uptime", seconds_since(shared.started))
        .header("LastReload", seconds_since(shared.reloaded))
        .header("Status", "Fully Booted");
  });
  if (session.filters().pass(*event)) session.output() += event->text;
}

}  // namespace

bool admit(Session& session, std::shared_ptr<const Configuration> configuration, const User& user) {
  if (!enter(session, *configuration, user)) return false;
  session.log_in(std::move(configuration), user);
  session.security().successful_auth(session.subject(user.name));
  return true;
}

void challenge(Session& session, const ActionView& action) {
  if (!uses_challenge(action)) return session.refuse(action, "Must specify AuthType");
  session.challenge() = fmt::to_string(session.environment().random.below(1'000'000'000'000'000));
  auto& out = session.output();
  begin_reply(out, "Success", action.id());
  append_header(out, "Challenge", session.challenge());
  end_packet(out);
  session.security().challenge_sent(session.subject(session.account()), session.challenge());
}

void login(Session& session, const ActionView& action) {
  if (session.authenticated()) return session.acknowledge(action, "Already authenticated");
  auto configuration = session.environment().configuration;
  const auto* user = authenticate(session, action, *configuration);
  if (user == nullptr) {
    log::info("AMI client {} failed to log in as '{}'", session.remote().str(),
              base::printable(action.header("Username"), 80));
    return session.fail_login(action, "Authentication failed");
  }
  if (!enter(session, *configuration, *user)) {
    return session.fail_login(action, "Login Already In Use");
  }
  if (const auto mask = parse_event_mask(action.header("Events"))) session.set_mask(*mask);
  session.log_in(std::move(configuration), *user);
  session.acknowledge(action, "Authentication accepted");
  send_fully_booted(session);
  session.security().successful_auth(session.subject(user->name));
}

void logoff(Session& session, const ActionView& action) {
  append_reply(session.output(), "Goodbye", action.id(), "Thanks for all the fish.");
  session.end();
}

}  // namespace missive::ami::actions

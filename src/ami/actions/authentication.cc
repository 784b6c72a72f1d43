// Challenge, Login, Logoff.
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "ami/actions/handlers.h"
#include "ami/wire.h"
#include "base/log.h"
#include "base/text.h"

namespace missive::ami::actions {
namespace {

std::string md5_hex(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (EVP_Digest(text.data(), text.size(), digest, &length, EVP_md5(), nullptr) != 1) return {};
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

// Takes the same time wherever the two differ.
bool same_secret(std::string_view given, std::string_view right) {
  return !right.empty() && given.size() == right.size() &&
         CRYPTO_memcmp(given.data(), right.data(), right.size()) == 0;
}

bool uses_challenge(const ActionView& action) {
  return base::iequals(action.header("AuthType"), "MD5");
}

// Whether the client has proved to be the user; says why not to those who watch.
bool proves_identity(Session& session, const ActionView& action, const User& user) {
  const auto subject = session.subject(user.name);
  if (!uses_challenge(action)) {
    if (same_secret(action.header("Secret"), user.secret)) return true;
    session.security().refused("InvalidPassword", subject);
    return false;
  }
  const auto challenge = std::exchange(session.challenge(), {});  // good for one attempt
  const auto key = base::lower(action.header("Key"));
  const auto expected = user.secret.empty() ? std::string() : md5_hex(challenge + user.secret);
  if (!challenge.empty() && same_secret(key, expected)) return true;
  session.security().challenge_response_failed(subject, challenge, key, expected);
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

void send_fully_booted(Session& session) {
  if (!session.listens_to(Class::system)) return;
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

void challenge(Session& session, const ActionView& action) {
  if (!uses_challenge(action)) return session.refuse(action, "Must specify AuthType");
  session.challenge() = fmt::to_string(session.environment().random.below(1'000'000'000'000'000));
  auto& out = session.output();
  begin_reply(out, "Success", action.id());
  append_header(out, "Challenge", session.challenge());
  end_packet(out);
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
  const bool several = user->allow_multiple_login.value_or(configuration->allow_multiple_login);
  if (!session.environment().shared.logins.enter(user->name, several)) {
    session.security().refused("SessionLimit", session.subject(user->name));
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

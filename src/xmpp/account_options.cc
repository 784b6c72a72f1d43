#include "xmpp/account_options.h"

#include <filesystem>

#include "xmpp/characters.h"

namespace missive::xmpp {
namespace {

using conf::Option;
using conf::Problem;
using conf::Problems;
using conf::Section;
using Severity = conf::Problem::Severity;
using std::chrono_literals::operator""s;

constexpr std::uint16_t client_port = 5222;
constexpr std::uint16_t old_ssl_port = 5223;
constexpr std::uint16_t component_port = 5347;
constexpr std::string_view usual_resource = "missive";

// As the section has it; what follows from several options is worked out after the last one.
struct Draft {
  Account account;
  std::string username;
  std::uint16_t port = 0;
};

base::Result<void> add_buddy(Draft& draft, const Option& option) {
  auto jid = Jid::parse(option.value);
  if (!jid) return tl::unexpected(jid.error());
  draft.account.buddies.push_back(std::move(*jid));
  return {};
}

base::Result<void> add_room(Draft& draft, const Option& option) {
  auto jid = Jid::parse(option.value);
  if (!jid) return tl::unexpected(jid.error());
  if (jid->local.empty()) {
    return base::fail("'{}' is no room; room@conference.example.com/nickname is meant",
                      base::printable(option.value, 80));
  }
  RoomOption room{.room = *jid, .nickname = std::move(jid->resource)};
  room.room.resource.clear();
  draft.account.rooms.push_back(std::move(room));
  return {};
}

base::Result<void> set_status_message(Draft& draft, const Option& option) {
  if (auto good = check_characters(option.value); !good) return good;
  draft.account.status_message = option.value;
  return {};
}

template <auto Member>
conf::Binder<Draft>::CustomSetter flag() {
  return [](Draft& draft, const Option& option) {
    return conf::read_boolean(option.value).map([&draft](bool value) {
      draft.account.*Member = value;
    });
  };
}

template <auto Member>
conf::Binder<Draft>::CustomSetter text() {
  return [](Draft& draft, const Option& option) -> base::Result<void> {
    draft.account.*Member = option.value;
    return {};
  };
}

template <auto Member>
conf::Binder<Draft>::CustomSetter number(long long min, long long max) {
  return [min, max](Draft& draft, const Option& option) {
    return conf::read_number(option.value, min, max).map([&draft](long long value) {
      using Type = std::remove_reference_t<decltype(draft.account.*Member)>;
      draft.account.*Member = Type(value);
    });
  };
}

template <auto Member>
conf::Binder<Draft>::CustomSetter choice(std::vector<std::string_view> names) {
  return [names = std::move(names)](Draft& draft, const Option& option) {
    return conf::read_choice(option.value, names).map([&draft](std::size_t place) {
      using Type = std::remove_reference_t<decltype(draft.account.*Member)>;
      draft.account.*Member = static_cast<Type>(place);
    });
  };
}

const conf::Binder<Draft>& binder() {
  static const auto table =
      conf::Binder<Draft>("XMPP account")
          .custom("type", choice<&Account::type>({"client", "component"}))
          .custom("serverhost", text<&Account::server_host>())
          .text("username", &Draft::username)
          .custom("secret", text<&Account::secret>())
          .number("port", &Draft::port, 1, 65535)
          .custom("usetls", flag<&Account::use_tls>())
          .custom("usesasl", flag<&Account::use_sasl>())
          .custom("forceoldssl", flag<&Account::force_old_ssl>())
          .custom("verify_server", flag<&Account::verify_server>())
          .custom("ca_list_file", text<&Account::ca_list_file>())
          .custom("ca_list_path", text<&Account::ca_list_path>())
          .custom("keepalive", flag<&Account::keep_alive>())
          .custom("ping_interval", number<&Account::ping_interval>(1, 3600))
          .custom("buddy", add_buddy)
          .custom("room", add_room)
          .custom("status", choice<&Account::status>({"available", "chat", "away", "xaway", "dnd"}))
          .custom("statusmessage", set_status_message)
          .custom("priority", number<&Account::priority>(-128, 127))
          .custom("sendtodialplan", flag<&Account::send_to_dialplan>())
          .custom("context", text<&Account::context>())
          .custom("timeout", number<&Account::timeout>(1, 86'400))
          .ignored({"distribute_events", "pubsub_node", "refresh_token", "oauth_clientid",
                    "oauth_secret", "autoregister", "autoprune", "debug"});
  return table;
}

// --- what options mean together

void warn_of(const Section& section, Problems& problems, std::string_view option,
             std::string_view text) {
  const auto* found = section.find(option);
  if (found == nullptr || found->value.empty() || base::parse_bool(found->value) == false) return;
  conf::report(problems, Severity::warning, section, *found,
               fmt::format("{} {}", found->name, text));
}

void warn_of_what_is_ignored(const Section& section, Problems& problems) {
  warn_of(section, problems, "distribute_events",
          "has no effect: Missive does not share device states over XMPP");
  warn_of(section, problems, "refresh_token",
          "has no effect: the service that took OAuth tokens over XMPP is no more; give a secret");
}

void check_file(const Section& section, Problems& problems, std::string_view option,
                const std::string& path, bool folder) {
  std::error_code failed;
  const bool good = path.empty() || (folder ? std::filesystem::is_directory(path, failed)
                                            : std::filesystem::is_regular_file(path, failed));
  if (good) return;
  if (const auto* found = section.find(option)) {
    conf::report(problems, Severity::error, section, *found,
                 fmt::format("{}: there is no {} '{}'", option, folder ? "folder" : "file",
                             base::printable(path, 200)));
  }
}

std::uint16_t port_of(const Draft& draft) {
  if (draft.port != 0) return draft.port;
  if (draft.account.type == Account::Type::component) return component_port;
  return draft.account.force_old_ssl ? old_ssl_port : client_port;
}

base::Result<Jid> jid_of(const Draft& draft) {
  if (draft.username.empty()) {
    return base::fail("a username is needed, such as texts@example.com/missive");
  }
  auto jid = Jid::parse(draft.username);
  if (!jid) return jid;
  if (draft.account.type == Account::Type::component) {
    if (!jid->local.empty() || !jid->resource.empty()) {
      return base::fail("username '{}': a component's is its domain alone, such as gw.example.com",
                        base::printable(draft.username, 80));
    }
    return jid;
  }
  // Asterisk completes a bare user with the server.
  if (jid->local.empty() && !draft.account.server_host.empty()) {
    jid = Jid::parse(draft.username + '@' + draft.account.server_host);
    if (!jid) return jid;
  }
  if (jid->local.empty()) {
    return base::fail("username '{}': user@domain/resource is meant",
                      base::printable(draft.username, 80));
  }
  if (jid->resource.empty()) jid->resource = usual_resource;
  return jid;
}

std::string problem_of(const Draft& draft) {
  const auto& account = draft.account;
  if (account.type == Account::Type::component && account.server_host.empty()) {
    return "a component needs serverhost, the server that it belongs to";
  }
  if (account.secret.empty()) return "a secret is needed";
  if (!account.use_sasl && account.use_tls) {
    return "usesasl = no sends the password in an old way that no server takes over TLS; leave it";
  }
  return {};
}

}  // namespace

std::optional<Account> read_account(const Section& section, Problems& problems) {
  const auto before = problems.size();
  Draft draft;
  draft.account.name = section.name;
  draft.account.where = section.where;
  binder().bind(section, draft, problems);
  warn_of_what_is_ignored(section, problems);
  auto& account = draft.account;
  check_file(section, problems, "ca_list_file", account.ca_list_file, false);
  check_file(section, problems, "ca_list_path", account.ca_list_path, true);
  const auto complain = [&](std::string_view text) {
    problems.push_back(
        {Severity::error, section.where, fmt::format("[{}]: {}", section.name, text)});
  };
  account.port = port_of(draft);
  if (auto jid = jid_of(draft)) {
    account.jid = std::move(*jid);
  } else {
    complain(jid.error().text);
  }
  if (const auto problem = problem_of(draft); !problem.empty()) complain(problem);
  const auto is_error = [](const Problem& problem) { return problem.severity == Severity::error; };
  if (std::any_of(problems.begin() + static_cast<std::ptrdiff_t>(before), problems.end(),
                  is_error)) {
    return std::nullopt;
  }
  return std::move(draft.account);
}

}  // namespace missive::xmpp

// xmpp show account|buddies|connections.
#include "base/text.h"
#include "console/commands/parts.h"
#include "console/xmpp_text.h"

namespace missive::console {
namespace {

Result show_account(const xmpp::Operations& accounts, const Call& call) {
  const auto account = accounts.account(argument(call, 0));
  if (!account) {
    return failure(
        fmt::format("there is no account '{}' in xmpp.conf", base::printable(argument(call, 0))));
  }
  auto text = account_text(*account);
  if (const auto jid = argument(call, 1); !jid.empty()) {
    text += presence_text(jid, accounts.presence(account->name, jid));
  }
  return success(std::move(text));
}

Result show_buddies(const xmpp::Operations& accounts) {
  std::vector<BuddyList> lists;
  for (const auto& account : accounts.accounts()) {
    lists.emplace_back(account.name, accounts.buddies(account.name));
  }
  return success(buddies_text(lists));
}

}  // namespace

void add_xmpp_commands(Registry& registry, Environment& environment) {
  // Says so where there is no XMPP.
  const auto of_accounts = [xmpp = environment.xmpp](auto make) {
    return at_once([xmpp, make](const Call& call) {
      if (xmpp == nullptr || xmpp->configuration()->accounts().empty()) {
        return failure("there is no XMPP: xmpp.conf has no account");
      }
      return make(*xmpp, call);
    });
  };
  const auto names = [xmpp = environment.xmpp](const Arguments&) {
    Command::Choices choices;
    if (xmpp == nullptr) return choices;
    for (const auto& account : xmpp->accounts()) choices.push_back(account.name);
    return choices;
  };
  registry.add({"xmpp show account", "NAME [JID]", 1, 2,
                "Show one XMPP account, and where JID is online", of_accounts(show_account),
                names});
  registry.add({"xmpp show buddies", "", 0, 0, "Show whom the XMPP accounts know",
                of_accounts([](const xmpp::Operations& accounts, const Call&) {
                  return show_buddies(accounts);
                })});
  registry.add({"xmpp show connections", "", 0, 0, "Show the XMPP accounts and their state",
                of_accounts([](const xmpp::Operations& accounts, const Call&) {
                  return success(connections_text(accounts.accounts()));
                })});
}

}  // namespace missive::console

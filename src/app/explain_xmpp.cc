#include "app/explain_xmpp.h"

#include "app/ami_access.h"
#include "app/explain_steps.h"
#include "base/text.h"
#include "xmpp/outgoing.h"

namespace missive::app {
namespace {

using message::Refusal;
using xmpp::Account;

std::string server_of(const Account& account) {
  const auto host = account.server_host.empty()
                        ? fmt::format("the SRV records of {}", account.jid.domain)
                        : fmt::format("{}:{}", account.server_host, account.port);
  if (account.type == Account::Type::component) return host + ", as a component";
  if (!account.use_tls && !account.force_old_ssl) return host + ", without TLS";
  return host + (account.verify_server ? ", over TLS" : ", over TLS, its certificate not verified");
}

void show_message(const xmpp::Outgoing& outgoing) {
  print_step("to", outgoing.to.full());
  if (!outgoing.from.empty()) print_step("from", outgoing.from);
  print_step("type", xmpp::name_of(outgoing.type));
  if (!outgoing.subject.empty()) print_step("subject", base::printable(outgoing.subject));
  if (!outgoing.thread.empty()) print_step("thread", base::printable(outgoing.thread));
  if (!outgoing.language.empty()) print_step("language", base::printable(outgoing.language));
}

// The lines that the running server prints for a command; the error is why there are none.
base::Result<std::vector<std::string>> ask_server(const std::filesystem::path& folder,
                                                  const std::string& command) {
  AmiOptions options;
  options.config = folder;
  const auto access = complete(std::move(options), ami::Class::command);
  if (!access) return tl::unexpected(access.error());
  AmiClient client;
  if (auto in = open(client, access->options, "off"); !in) return tl::unexpected(in.error());
  const auto lines = ActionLines("Command").add("Command", command).lines();
  if (!lines) return tl::unexpected(lines.error());
  const auto answer = client.ask(*lines, std::chrono::seconds{5});
  if (!answer) return tl::unexpected(answer.error());
  std::vector<std::string> output;
  for (const auto& [name, value] : answer->headers) {
    if (base::iequals(name, "Output")) output.push_back(value);
  }
  if (answer->get("Response") == "Success") return output;
  return base::fail("{}", output.empty() ? answer->get("Message") : output.front());
}

}  // namespace

ExplainingXmpp::ExplainingXmpp(std::shared_ptr<const xmpp::Configuration> configuration,
                               std::filesystem::path folder)
    : configuration_(std::move(configuration)), folder_(std::move(folder)) {
  for (const auto& account : configuration_->accounts()) {
    for (const auto& room : account.rooms) {
      board_.set_room(account.name, room.room.bare(), xmpp::Board::RoomState::joined);
    }
  }
}

void ExplainingXmpp::send(std::shared_ptr<const message::Message> message, const message::Dispatch&,
                          message::HandedOver handed_over, message::Finished) {
  print_step("technology", name());
  xmpp::Outgoing outgoing;
  if (auto refused = xmpp::resolve(*configuration_, board_, *message, outgoing)) {
    return handed_over(std::move(refused));
  }
  const auto& account = *outgoing.account;
  print_step("account",
             fmt::format("{} ({}), {}", account.name, account.where.str(), account.jid.full()));
  print_step("server", server_of(account));
  show_message(outgoing);
  if (show_connection(account.name, outgoing.to.full())) return handed_over(std::nullopt);
  handed_over(Refusal{Refusal::Kind::unreachable,
                      fmt::format("XMPP account '{}' is not connected", account.name)});
}

bool ExplainingXmpp::show_connection(const std::string& account, const std::string& jid) const {
  const auto lines = ask_server(folder_, fmt::format("xmpp show account {} {}", account, jid));
  if (!lines) {
    print_step("connection", "known to the running server only: " + lines.error().text);
    return true;
  }
  bool connected = true;
  for (const auto& line : *lines) {
    const std::string_view text = line;
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) continue;
    const auto what = base::lower(base::trim(text.substr(0, colon)));
    const auto found = base::trim(text.substr(colon + 1));
    if (what == "connection") connected = found.starts_with("Connected");
    if (what == "connection" || what == "presence") print_step(what, found);
  }
  return connected;
}

}  // namespace missive::app

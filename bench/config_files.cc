#include "config_files.h"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>
#include <string>

namespace missive::bench {
namespace {

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) throw std::runtime_error(fmt::format("cannot write {}", path.string()));
}

std::string transport(std::uint16_t port) {
  return fmt::format("[transport-udp]\ntype = transport\nprotocol = udp\nbind = 127.0.0.1:{}\n",
                     port);
}

std::string pjsip_conf(const ServerPorts& ports) {
  std::string text = transport(ports.sip);
  for (std::size_t i = 0; i < ports.phones.size(); ++i) {
    text += fmt::format(
        "\n[phone{0}]\ntype = endpoint\ncontext = messages\naors = phone{0}\n"
        "\n[phone{0}]\ntype = aor\ncontact = sip:phone{0}@127.0.0.1:{1}\n",
        i, ports.phones[i]);
  }
  return text;
}

std::string relay_pjsip_conf(const ServerPorts& ports, std::uint32_t pairs) {
  std::string text = transport(ports.sip);
  text += "\n[user](!)\ntype = endpoint\nmessage_context = relay\nidentify_by = username\n";
  for (std::uint32_t i = 0; i < pairs; ++i) {
    text += fmt::format(
        "\n[{0}](user)\n\n[{1}](user)\naors = {1}\n\n[{1}]\ntype = aor\n"
        "max_contacts = 1\n",
        sender_name(i), recipient_name(i));
  }
  return text;
}

void write_common(const std::filesystem::path& folder, const ServerPorts& ports,
                  std::optional<std::uint32_t> shards) {
  std::filesystem::create_directories(folder);
  write(folder / "manager.conf",
        fmt::format("[general]\nenabled = yes\nport = {}\nbindaddr = 127.0.0.1\n\n"
                    "[bench]\nsecret = bench\nread = all\nwrite = all\n",
                    ports.ami));
  if (shards) write(folder / "missive.conf", fmt::format("[general]\nshards = {}\n", *shards));
}

}  // namespace

std::string sender_name(std::uint32_t pair) { return fmt::format("{}", 100000 + pair); }
std::string recipient_name(std::uint32_t pair) { return fmt::format("{}", 500000 + pair); }

void write_config(const std::filesystem::path& folder, const ServerPorts& ports,
                  std::optional<std::uint32_t> shards) {
  write_common(folder, ports, shards);
  write(folder / "pjsip.conf", pjsip_conf(ports));
}

void write_relay_config(const std::filesystem::path& folder, const ServerPorts& ports,
                        std::optional<std::uint32_t> shards, std::uint32_t pairs) {
  write_common(folder, ports, shards);
  write(folder / "pjsip.conf", relay_pjsip_conf(ports, pairs));
  write(folder / "extensions.conf",
        "[relay]\nexten => _X!,1,MessageSend(pjsip:${EXTEN},${MESSAGE(from)})\n");
}

}  // namespace missive::bench

#include "config_files.h"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>
#include <string>

#include "certificate.h"

namespace missive::bench {
namespace {

using sip::Protocol;

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

std::filesystem::path key_in(const std::filesystem::path& folder) { return folder / "key.pem"; }

std::string transport_of(const std::filesystem::path& folder, std::uint16_t port,
                         Protocol protocol) {
  if (protocol == Protocol::udp) return transport(port);
  const bool in_http = protocol == Protocol::ws || protocol == Protocol::wss;
  auto text = fmt::format("[transport-{0}]\ntype = transport\nprotocol = {0}\nbind = 127.0.0.1",
                          sip::name_of(protocol));
  text += in_http ? "\n" : fmt::format(":{}\n", port);
  if (protocol == Protocol::tls) {
    text += fmt::format("cert_file = {}\npriv_key_file = {}\nverify_server = no\n",
                        certificate_in(folder).string(), key_in(folder).string());
  }
  return text;
}

// A phone that is called back where it came from, as behind a NAT: rewrite_contact.
std::string phone_that_registers(const std::string& name, const Road& road) {
  return fmt::format(
      "\n[{0}]\ntype = endpoint\ncontext = messages\naors = {0}\nidentify_by = username\n{1}"
      "\n[{0}]\ntype = aor\nmax_contacts = 1\n",
      name, road.by_connection() ? "rewrite_contact = yes\n" : "");
}

std::string pjsip_conf(const std::filesystem::path& folder, const ServerPorts& ports,
                       std::uint32_t phones, const Road& road) {
  std::string text = transport_of(folder, ports.sip, road.protocol);
  for (std::uint32_t i = 0; i < phones; ++i) {
    if (road.by_connection() || road.registers) {
      text += phone_that_registers(phone_name(i), road);
      continue;
    }
    text += fmt::format(
        "\n[{0}]\ntype = endpoint\ncontext = messages\naors = {0}\n"
        "\n[{0}]\ntype = aor\ncontact = sip:{0}@127.0.0.1:{1}\n",
        phone_name(i), ports.phones[i % ports.phones.size()]);
  }
  return text;
}

std::string http_conf(const std::filesystem::path& folder, std::uint16_t port, Protocol protocol) {
  if (protocol == Protocol::ws) {
    return fmt::format("[general]\nenabled = yes\nbindaddr = 127.0.0.1\nbindport = {}\n", port);
  }
  return fmt::format(
      "[general]\nenabled = yes\ntlsenable = yes\ntlsbindaddr = 127.0.0.1:{}\n"
      "tlscertfile = {}\ntlsprivatekey = {}\n",
      port, certificate_in(folder).string(), key_in(folder).string());
}

std::string xmpp_conf(std::uint16_t port) {
  return fmt::format(
      "[{}]\ntype = client\nserverhost = 127.0.0.1\nport = {}\nusername = {}\nsecret = bench\n"
      "usetls = no\n",
      xmpp_account, port, xmpp_jid);
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

std::string offline_pjsip_conf(const ServerPorts& ports, std::uint32_t users) {
  std::string text = transport(ports.sip);
  text += "\n[user](!)\ntype = endpoint\ncontext = messages\nidentify_by = username\n";
  for (std::uint32_t i = 0; i < users; ++i) {
    text += fmt::format("\n[{0}](user)\naors = {0}\n\n[{0}]\ntype = aor\nmax_contacts = 1\n",
                        recipient_name(i));
  }
  return text;
}

std::string missive_conf(const ServerSettings& settings) {
  std::string text = fmt::format("[general]\nlog_level = {}\n", settings.log_level);
  if (settings.shards) text += fmt::format("shards = {}\n", *settings.shards);
  return text + fmt::format("\n[outbox]\ndurability = {}\n", settings.durability);
}

void write_common(const std::filesystem::path& folder, const ServerPorts& ports,
                  const ServerSettings& settings) {
  std::filesystem::create_directories(folder);
  write(folder / "manager.conf",
        fmt::format("[general]\nenabled = yes\nport = {}\nbindaddr = 127.0.0.1\n\n"
                    "[bench]\nsecret = bench\nread = all\nwrite = all\n",
                    ports.ami));
  write(folder / "missive.conf", missive_conf(settings));
}

}  // namespace

std::string sender_name(std::uint32_t pair) { return fmt::format("{}", 100000 + pair); }
std::string recipient_name(std::uint32_t pair) { return fmt::format("{}", 500000 + pair); }

std::string phone_name(std::uint32_t phone) { return fmt::format("phone{}", phone); }

void write_config(const std::filesystem::path& folder, const ServerPorts& ports,
                  const ServerSettings& settings, std::uint32_t phones, const Road& road) {
  write_common(folder, ports, settings);
  if (sip::is_secure(road.protocol)) write_certificate(certificate_in(folder), key_in(folder));
  write(folder / "pjsip.conf", pjsip_conf(folder, ports, road.xmpp ? 0 : phones, road));
  if (road.xmpp) write(folder / "xmpp.conf", xmpp_conf(ports.xmpp));
  if (road.protocol == Protocol::ws || road.protocol == Protocol::wss) {
    write(folder / "http.conf", http_conf(folder, ports.sip, road.protocol));
  }
}

std::filesystem::path certificate_in(const std::filesystem::path& folder) {
  return folder / "certificate.pem";
}

void write_relay_config(const std::filesystem::path& folder, const ServerPorts& ports,
                        const ServerSettings& settings, std::uint32_t pairs) {
  write_common(folder, ports, settings);
  write(folder / "pjsip.conf", relay_pjsip_conf(ports, pairs));
  write(folder / "extensions.conf",
        "[relay]\nexten => _X!,1,MessageSend(pjsip:${EXTEN},${MESSAGE(from)})\n");
}

void write_offline_config(const std::filesystem::path& folder, const ServerPorts& ports,
                          const ServerSettings& settings, std::uint32_t users) {
  write_common(folder, ports, settings);
  write(folder / "pjsip.conf", offline_pjsip_conf(ports, users));
}

void write_events_config(const std::filesystem::path& folder, const ServerPorts& ports,
                         const ServerSettings& settings, std::uint32_t sessions) {
  write_common(folder, ports, settings);
  write(folder / "pjsip.conf", transport(ports.sip));
  write(folder / "missive.conf",
        missive_conf(settings) +
            fmt::format("\n[ami]\nmax_sessions = {0}\nmax_per_address = {0}\n", sessions + 10));
}

}  // namespace missive::bench

#include "http/configuration.h"

#include "base/text.h"
#include "conf/binder.h"
#include "http/tls_context.h"

namespace missive::http {
namespace {

using conf::Binder;
using conf::Location;
using conf::Option;
using conf::Problem;
using conf::Problems;
using conf::Section;
using Severity = conf::Problem::Severity;
using std::chrono_literals::operator""ms;

constexpr std::uint16_t default_tls_port = 8089;
constexpr std::string_view default_server_name = "Missive/" MISSIVE_VERSION;

// As the file has it; what follows from several options is worked out after the last one.
struct General {
  bool enabled = false;
  bool tls_enable = false;
  bool static_files = false;
  bool status_page = false;
  std::string bind_address;
  std::string tls_bind_address;
  std::uint16_t port = 8088;
  std::string prefix;
  std::string server_name{default_server_name};
  unsigned session_limit = 100;
  std::chrono::milliseconds session_inactivity{30'000};
  std::chrono::milliseconds session_keep_alive{15'000};
  std::string certificate_file;
  std::string private_key_file;
  std::string cipher;
  bool disable_v1 = true;
  bool disable_v11 = false;
  bool disable_v12 = false;
  bool server_cipher_order = true;
  std::vector<Redirect> redirects;
};

base::Result<void> add_redirect(General& general, const Option& option) {
  const auto parts = base::split_list(option.value, ' ');
  if (parts.size() != 2 || !parts[0].starts_with('/')) {
    return base::fail("'{}' is not a path and where it leads to, such as / /httpstatus",
                      base::printable(option.value, 80));
  }
  general.redirects.push_back({std::string(parts[0]), std::string(parts[1])});
  return {};
}

const Binder<General>& general_binder() {
  static const auto binder =
      Binder<General>("http")
          .boolean("enabled", &General::enabled)
          .text("bindaddr", &General::bind_address)
          .number("bindport", &General::port, 0, 65535)
          .text("prefix", &General::prefix)
          .text("servername", &General::server_name)
          .number("sessionlimit", &General::session_limit, 1, 1'000'000)
          .number("session_inactivity", &General::session_inactivity, 1ms, 86'400'000ms)
          .number("session_keep_alive", &General::session_keep_alive, 0ms, 86'400'000ms)
          .boolean("enable_static", &General::static_files)
          .boolean("enable_status", &General::status_page)
          .custom("redirect", add_redirect)
          .boolean("tlsenable", &General::tls_enable)
          .text("tlsbindaddr", &General::tls_bind_address)
          .text("tlscertfile", &General::certificate_file)
          .text("tlsprivatekey", &General::private_key_file)
          .text("tlscipher", &General::cipher)
          .boolean("tlsdisablev1", &General::disable_v1)
          .boolean("tlsdisablev11", &General::disable_v11)
          .boolean("tlsdisablev12", &General::disable_v12)
          .boolean("tlsservercipherorder", &General::server_cipher_order)
          .ignored({"tlscafile", "tlscapath", "tlsverifyclient", "tlsdontverifyserver",
                    "tlsclientmethod"})
          .alias("enablestatic", "enable_static")
          .deprecated("sslenable", "tlsenable")
          .deprecated("sslbindaddr", "tlsbindaddr")
          .deprecated("sslcert", "tlscertfile")
          .deprecated("sslprivatekey", "tlsprivatekey")
          .deprecated("sslcipher", "tlscipher");
  return binder;
}

// Turns [general] into a Configuration.
class Reader {
 public:
  Reader(const Section& section, const std::filesystem::path& folder, Problems& problems)
      : section_(section), folder_(folder), problems_(problems) {
    general_binder().bind(section, general_, problems);
  }

  void read(Configuration& out) {
    out.enabled = general_.enabled;
    out.server_name = general_.server_name;
    out.session_limit = general_.session_limit;
    out.session_inactivity = general_.session_inactivity;
    out.session_keep_alive = general_.session_keep_alive;
    out.status_page = general_.status_page;
    out.redirects = general_.redirects;
    read_prefix(out);
    if (general_.static_files) {
      report(Severity::warning, "enable_static", "static files are not served by this server");
    }
    if (!general_.enabled) return;
    read_bind(out);
    if (general_.tls_enable) read_tls(out);
    if (!out.bind && !out.tls_bind) {
      report(Severity::error, "enabled",
             "there is no bindaddr; 127.0.0.1, 0.0.0.0 or :: says where to listen");
    }
  }

 private:
  // At the option's line, or at the section's when it is not there.
  void report(Severity severity, std::string_view option, std::string_view text) {
    const auto* found = section_.find(option);
    problems_.push_back({severity, found == nullptr ? section_.where : found->where,
                         fmt::format("[general] {}: {}", option, text)});
  }

  void read_prefix(Configuration& out) {
    std::string_view prefix = general_.prefix;
    while (prefix.starts_with('/')) prefix.remove_prefix(1);
    while (prefix.ends_with('/')) prefix.remove_suffix(1);
    if (!prefix.empty()) out.prefix = fmt::format("/{}", prefix);
  }

  std::optional<net::Address> address(std::string_view option, const std::string& text,
                                      std::uint16_t port) {
    if (auto ip = net::Address::from_ip(text, port)) return ip;
    if (auto parsed = net::Address::parse(text, port)) return *parsed;
    report(Severity::error, option,
           fmt::format("'{}' is no IP address; 127.0.0.1, 0.0.0.0 or :: would be",
                       base::printable(text, 80)));
    return std::nullopt;
  }

  void read_bind(Configuration& out) {
    if (!general_.bind_address.empty()) {
      out.bind = address("bindaddr", general_.bind_address, general_.port);
    }
  }

  void read_tls(Configuration& out) {
    if (!general_.tls_bind_address.empty()) {
      out.tls_bind = address("tlsbindaddr", general_.tls_bind_address, default_tls_port);
    } else if (out.bind) {
      out.tls_bind = out.bind->with_port(default_tls_port);
    }
    if (out.bind && out.tls_bind && out.bind == out.tls_bind && out.bind->port() != 0) {
      report(Severity::error, "tlsbindaddr",
             fmt::format("{} is taken by plain HTTP (bindaddr and bindport)", out.bind->str()));
    }
    if (general_.certificate_file.empty()) {
      return report(Severity::error, "tlsenable",
                    "TLS needs a certificate: tlscertfile names the PEM file");
    }
    out.tls = {.certificate_file = from_folder(general_.certificate_file),
               .private_key_file = from_folder(general_.private_key_file),
               .cipher = general_.cipher,
               .disable_v1 = general_.disable_v1,
               .disable_v11 = general_.disable_v11,
               .disable_v12 = general_.disable_v12,
               .server_cipher_order = general_.server_cipher_order};
    if (const auto tried = TlsContext::load(out.tls); !tried) {
      report(Severity::error, "tlscertfile", tried.error().text);
    }
  }

  std::string from_folder(const std::string& file) const {
    return file.empty() ? file : (folder_ / file).string();
  }

  const Section& section_;
  const std::filesystem::path& folder_;
  Problems& problems_;
  General general_;
};

}  // namespace

std::shared_ptr<const Configuration> Configuration::from(const conf::File& file,
                                                         const std::filesystem::path& folder,
                                                         Problems& problems) {
  auto configuration = std::make_shared<Configuration>();
  configuration->server_name = default_server_name;
  for (const auto& section : file.sections) {
    if (section.is_template) continue;
    if (base::iequals(section.name, "general")) {
      Reader(section, folder, problems).read(*configuration);
    } else if (base::iequals(section.name, "post_mappings")) {
      problems.push_back({Severity::warning, section.where,
                          "[post_mappings]: this server takes no uploads; the section is without "
                          "effect"});
    } else {
      problems.push_back({Severity::error, section.where,
                          fmt::format("unknown section [{}]; there are [general] and "
                                      "[post_mappings]",
                                      base::printable(section.name))});
    }
  }
  return configuration;
}

base::Result<std::shared_ptr<const Configuration>> Configuration::load(
    const std::filesystem::path& folder, Problems& problems) {
  static constexpr std::string_view name = "http.conf";
  std::error_code missing;
  if (!std::filesystem::exists(folder / name, missing) && !missing) {
    return from(conf::File{std::string(name), {}}, folder, problems);
  }
  return conf::load(folder, name, problems).map([&](const conf::File& file) {
    return from(file, folder, problems);
  });
}

}  // namespace missive::http

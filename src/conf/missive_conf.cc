#include "conf/missive_conf.h"

#include <fmt/format.h>

#include "base/text.h"
#include "conf/binder.h"
#include "conf/nearest.h"

namespace missive::conf {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kilo = 1024;
constexpr std::size_t mega = 1024 * 1024;
constexpr auto day = 86'400s;

const Binder<MissiveConf::General>& general_binder() {
  using General = MissiveConf::General;
  static const auto binder =
      Binder<General>("general")
          .number("shards", &General::shards, 0, 256)
          .choice(
              "log_level", &General::log_level,
              {{"debug", "debug"}, {"info", "info"}, {"warning", "warning"}, {"error", "error"}});
  return binder;
}

base::Result<void> set_banner(MissiveConf::Ami& ami, const Option& option) {
  if (option.value.empty()) {
    return base::fail("is empty; clients wait for a line like 'Asterisk Call Manager/9.0.0'");
  }
  ami.banner = option.value;
  return {};
}

const Binder<MissiveConf::Ami>& ami_binder() {
  using Ami = MissiveConf::Ami;
  // A line holds a body of 64 KiB in Base64, at least.
  static const auto binder =
      Binder<Ami>("ami")
          .custom("banner", set_banner)
          .text("asterisk_version", &Ami::asterisk_version)
          .size("max_line", &Ami::max_line, 96 * kilo, 64 * mega)
          .number("max_headers", &Ami::max_headers, 16, 100'000)
          .size("max_action", &Ami::max_action, 96 * kilo, 256 * mega)
          .number("max_sessions", &Ami::max_sessions, 1, 100'000)
          .number("max_web_sessions", &Ami::max_web_sessions, 1, 100'000)
          .number("max_per_address", &Ami::max_per_address, 1, 100'000)
          .number("max_logins_per_address", &Ami::max_logins_per_address, 1, 100'000)
          .size("max_unsent", &Ami::max_unsent, 64 * kilo, 1024 * mega);
  return binder;
}

const Binder<MissiveConf::Sip>& sip_binder() {
  using Sip = MissiveConf::Sip;
  static const auto binder =
      Binder<Sip>("sip")
          .size("max_message_size", &Sip::max_message_size, 64 * kilo, 64 * mega)
          .boolean("contact_header", &Sip::contact_header)
          .number("max_transactions", &Sip::max_transactions, 100, 1'000'000)
          .size("max_pending_size", &Sip::max_pending_size, 1 << 20, std::size_t{1} << 40)
          .number("tcp_connect_timeout", &Sip::tcp_connect_timeout, 100ms, 120'000ms)
          .number("tcp_idle_timeout", &Sip::tcp_idle_timeout, 0s, 86'400s)
          .number("unidentified_rate", &Sip::unidentified_rate, 0, 1'000'000)
          .number("request_rate", &Sip::request_rate, 0, 1'000'000)
          .boolean("sip_conf", &Sip::sip_conf)
          .list("websocket_origins", &Sip::websocket_origins)
          .number("max_connections_per_address", &Sip::max_connections_per_address, 0, 1'000'000);
  return binder;
}

base::Result<void> set_accept(MissiveConf::Messaging& messaging, const Option& option) {
  std::vector<std::string> types;
  for (const auto type : base::split_list(option.value)) {
    if (type.find('/') == std::string_view::npos) {
      return base::fail("'{}' is no media type such as text/plain or */*",
                        base::printable(type, 80));
    }
    types.push_back(base::lower(type));
  }
  if (types.empty()) return base::fail("is empty; text/plain is what phones send");
  messaging.message_accept = std::move(types);
  return {};
}

const Binder<MissiveConf::Messaging>& messaging_binder() {
  using Messaging = MissiveConf::Messaging;
  using Route = Messaging::Route;
  static const auto binder =
      Binder<Messaging>("messaging")
          .choice("route", &Messaging::route,
                  {{"dialplan", Route::dialplan}, {"users", Route::users}})
          .custom("message_accept", set_accept)
          .size("max_body", &Messaging::max_body, 1, 16 * mega)
          .number("max_queue", &Messaging::max_queue, 1, 10'000'000)
          .size("max_queue_size", &Messaging::max_queue_size, 64 * kilo, std::size_t{1} << 40);
  return binder;
}

const Binder<MissiveConf::Dialplan>& dialplan_binder() {
  using Dialplan = MissiveConf::Dialplan;
  static const auto binder = Binder<Dialplan>("dialplan")
                                 .boolean("live_dangerously", &Dialplan::live_dangerously)
                                 .number("max_steps", &Dialplan::max_steps, 10, 10'000'000)
                                 .number("max_duration", &Dialplan::max_duration, 1s, 86'400s)
                                 .number("workers", &Dialplan::workers, 1, 256)
                                 .number("curl_timeout", &Dialplan::curl_timeout, 1s, 300s)
                                 .size("curl_max_size", &Dialplan::curl_max_size, 1, 64 * mega)
                                 .text("agi_folder", &Dialplan::agi_folder);
  return binder;
}

base::Result<void> set_nameservers(MissiveConf::Resolver& resolver, const Option& option) {
  resolver.nameservers = read_list(option.value);
  resolver.nameservers_at = option.where;
  return {};
}

const Binder<MissiveConf::Resolver>& resolver_binder() {
  using Resolver = MissiveConf::Resolver;
  static const auto binder = Binder<Resolver>("resolver")
                                 .custom("nameservers", set_nameservers)
                                 .number("timeout", &Resolver::timeout, 50ms, 30'000ms)
                                 .number("tries", &Resolver::tries, 1, 10)
                                 .number("cache_size", &Resolver::cache_size, 0, 1'000'000)
                                 .duration("max_ttl", &Resolver::max_ttl, 1s, 7 * day)
                                 .duration("negative_ttl", &Resolver::negative_ttl, 1s, 3 * 3600s);
  return binder;
}

base::Result<void> set_retry(MissiveConf::Outbox& outbox, const Option& option) {
  std::vector<std::chrono::seconds> gaps;
  for (const auto part : base::split_list(option.value)) {
    const auto gap = read_duration(part, 1s, 30 * day);
    if (!gap) return tl::unexpected(gap.error());
    gaps.push_back(*gap);
  }
  if (gaps.empty()) return base::fail("is empty; the gaps between attempts look like 30s, 5m, 1h");
  outbox.retry = std::move(gaps);
  return {};
}

const Binder<MissiveConf::Outbox>& outbox_binder() {
  using Outbox = MissiveConf::Outbox;
  using Durability = Outbox::Durability;
  using Notify = Outbox::Notify;
  static const auto binder =
      Binder<Outbox>("outbox")
          .choice("durability", &Outbox::durability,
                  {{"always", Durability::always},
                   {"offline", Durability::offline},
                   {"off", Durability::off}})
          .duration("expiry", &Outbox::expiry, 1s, 3650 * day)
          .custom("retry", set_retry)
          .duration("history", &Outbox::history, 0s, 3650 * day)
          .number("max_messages", &Outbox::max_messages, 1, 1'000'000'000)
          .number("max_per_recipient", &Outbox::max_per_recipient, 1, 1'000'000'000)
          .size("max_bytes", &Outbox::max_bytes, 64 * kilo, std::size_t{1} << 50)
          .number("pipeline", &Outbox::pipeline, 1, 64)
          .number("flush_rate", &Outbox::flush_rate, 1, 100'000)
          .choice("notify_sender", &Outbox::notify_sender,
                  {{"no", Notify::no},
                   {"failed", Notify::failed},
                   {"asked", Notify::asked},
                   {"all", Notify::all}})
          .boolean("pass_receipts", &Outbox::pass_receipts);
  return binder;
}

void bind_section(const Section& section, MissiveConf& conf, Problems& problems) {
  if (base::iequals(section.name, "general")) {
    general_binder().bind(section, conf.general, problems);
  } else if (base::iequals(section.name, "ami")) {
    ami_binder().bind(section, conf.ami, problems);
  } else if (base::iequals(section.name, "sip")) {
    sip_binder().bind(section, conf.sip, problems);
  } else if (base::iequals(section.name, "messaging")) {
    messaging_binder().bind(section, conf.messaging, problems);
  } else if (base::iequals(section.name, "dialplan")) {
    dialplan_binder().bind(section, conf.dialplan, problems);
  } else if (base::iequals(section.name, "outbox")) {
    outbox_binder().bind(section, conf.outbox, problems);
  } else if (base::iequals(section.name, "resolver")) {
    resolver_binder().bind(section, conf.resolver, problems);
  } else {
    problems.push_back(
        {Problem::Severity::error, section.where,
         fmt::format("unknown section [{}]; there are [general], [ami], [sip], [messaging],"
                     " [dialplan], [outbox] and [resolver]",
                     base::printable(section.name))});
  }
}

}  // namespace

MissiveConf MissiveConf::from(const File& file, Problems& problems) {
  MissiveConf conf;
  for (const auto& section : file.sections) {
    if (!section.is_template) bind_section(section, conf, problems);
  }
  return conf;
}

base::Result<MissiveConf> MissiveConf::load(const std::filesystem::path& folder,
                                            Problems& problems) {
  static constexpr std::string_view name = "missive.conf";
  std::error_code missing;
  if (!std::filesystem::exists(folder / name, missing) && !missing) return MissiveConf{};
  return conf::load(folder, name, problems).map([&problems](const File& file) {
    return from(file, problems);
  });
}

}  // namespace missive::conf

// What operators ask of the whole process: Instance as a console::Host.
#include <fmt/format.h>

#include "app/instance.h"
#include "app/modules.h"
#include "base/log.h"
#include "http/pages.h"

namespace missive::app {
namespace {

using Section = Settings::Section;
using Status = console::Reloaded::Status;

constexpr std::string_view everything = "All";

bool concerns(Section reloaded, Section part) {
  return reloaded == Section::all || reloaded == part;
}

}  // namespace

Settings Instance::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

console::Facts Instance::facts() const {
  const auto now = settings();
  return {.config_folder = now.folder.string(),
          .state_folder = state_.folder.string(),
          .system_name = now.asterisk.system_name,
          .log_level = now.missive.general.log_level,
          .shards = static_cast<unsigned>(parts_.size()),
          .max_sessions = static_cast<unsigned>(now.missive.ami.max_sessions)};
}

std::vector<console::Module> Instance::modules() const {
  std::vector<console::Module> modules;
  for (const auto& each : all_modules()) {
    const bool away = each.section == Section::chan_sip && !chan_sip_;
    modules.push_back({.name = each.name,
                       .description = each.description,
                       .reloads = each.section.has_value(),
                       .is_built_in = each.built_in,
                       .is_running = !away});
  }
  return modules;
}

// --- reload, on the console's shard

void Instance::reload(std::string module, net::Shard& asker, console::ReloadAnswer answer) {
  console_shard_.post(
      [this, module = std::move(module), &asker, answer = std::move(answer)]() mutable {
        auto reloaded = reload_now(module);
        asker.post([reloaded = std::move(reloaded), answer = std::move(answer)]() mutable {
          answer(reloaded);
        });
      });
}

console::Reloaded Instance::reload_now(std::string_view module) {
  auto section = Section::all;
  if (!module.empty()) {
    const auto* found = find_module(module);
    if (found == nullptr) return {Status::not_found, {}};
    if (!found->section) return {Status::not_implemented, {}};
    section = *found->section;
  }
  conf::Problems problems;
  auto read = settings().reload(section, problems);
  log_problems(problems);
  const auto name = module.empty() ? everything : module;
  if (!read) return fail_reload(name, read.error().text);
  if (concerns(section, Section::http)) {
    // Ahead of what cannot fail, so that it is all or nothing.
    if (auto loaded = http_->reload(read->http); !loaded) {
      return fail_reload(name, fmt::format("http.conf: {}", loaded.error().text));
    }
  }
  use(std::move(*read), section);
  log::info("reloaded {}; transports, type=system and missive.conf are read at the next start only",
            module.empty() ? settings().folder.string() : std::string(module));
  reloaded_ = clock_.wall();
  ami_.announce_reload(name, static_cast<int>(Status::done));
  return {};
}

console::Reloaded Instance::fail_reload(std::string_view name, const std::string& why) {
  log::error("reload: {}; the configuration in force stays", why);
  ami_.announce_reload(name, static_cast<int>(Status::failed));
  return {Status::failed, why};
}

void Instance::use(Settings settings, Section section) {
  if (concerns(section, Section::dialplan)) use_dialplan(settings);
  if (concerns(section, Section::resolver)) {
    for (const auto& part : parts_) {
      part->shard.post(
          [&part = *part, options = settings.resolver] { part.resolver.use(options); });
    }
  }
  if (concerns(section, Section::pjsip) || concerns(section, Section::chan_sip)) use_sip(settings);
  if (concerns(section, Section::xmpp)) xmpp_.use(settings.xmpp);
  if (concerns(section, Section::manager)) ami_.reload(settings.ami);
  const std::lock_guard lock(mutex_);
  settings_ = std::move(settings);
}

void Instance::use_dialplan(const Settings& settings) {
  common_.in_force.put(settings.dialplan);
  if (settings.dialplan->clears_globals()) common_.dialplan.globals.clear();
  common_.dialplan.globals.set_all(settings.dialplan->globals());
}

void Instance::use_sip(const Settings& settings) {
  if ((chan_sip_ == nullptr) != (settings.chan_sip == nullptr)) {
    log::warning("reload: that there is a sip.conf, or none any more, counts from the next start");
  }
  pjsip_.use(settings.pjsip);
  if (chan_sip_ && settings.chan_sip) {
    chan_sip_->use(settings.chan_sip);
    peer_events_->use(settings.chan_sip);
    chan_sip_devices_->use(settings.chan_sip);
  }
  pjsip_events_.use(settings.pjsip);
  pjsip_devices_.use(settings.pjsip);
  dialplan_host_.use(settings.pjsip);
}

void Instance::request_stop(console::StopMode mode) {
  if (on_stop_request_) on_stop_request_(mode);
}

// --- what there is

std::shared_ptr<const dialplan::Dialplan> Instance::dialplan() const {
  return common_.in_force.get();
}

console::HttpStatus Instance::http() const {
  const auto configuration = settings().http;
  console::HttpStatus status;
  status.server_name = configuration->server_name;
  if (!configuration->enabled) return status;
  if (http_->local().is_set()) status.address = http_->local().str();
  if (http_->tls_local().is_set()) status.tls_address = http_->tls_local().str();
  status.prefix = configuration->prefix;
  if (configuration->status_page) {
    status.pages.emplace_back(http::status_path, "HTTP General Status");
  }
  for (auto& page : http_->pages()) {
    status.pages.emplace_back(std::move(page.path), std::move(page.description));
  }
  for (const auto& redirect : configuration->redirects) {
    status.redirects.emplace_back(redirect.from, redirect.to);
  }
  return status;
}

std::uint64_t Instance::messages_run() const { return common_.dialplan.next_channel - 1; }

std::vector<std::string> Instance::technologies() const {
  std::vector<std::string> names;
  for (const auto* each : parts_.front()->sender.technologies()) names.emplace_back(each->name());
  return names;
}

std::vector<std::string> Instance::handlers() const {
  const auto names = parts_.front()->inbox.handlers();
  return {names.begin(), names.end()};
}

}  // namespace missive::app

#include "pjsip/global.h"

#include "conf/binder.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;

conf::Binder<Global> make_global_binder() {
  conf::Binder<Global> binder("global");
  binder.number("max_forwards", &Global::max_forwards, 1, 255)
      .text("user_agent", &Global::user_agent)
      .text("default_outbound_endpoint", &Global::default_outbound_endpoint)
      .text("default_from_user", &Global::default_from_user)
      .text("default_realm", &Global::default_realm)
      .text("default_voicemail_extension", &Global::default_voicemail_extension)
      .text("regcontext", &Global::regcontext)
      .text("debug", &Global::debug)
      .choices("endpoint_identifier_order", &Global::endpoint_identifier_order, identify_methods)
      .choices("default_auth_algorithms_uas", &Global::default_auth_algorithms_uas,
               digest_algorithms)
      .choices("default_auth_algorithms_uac", &Global::default_auth_algorithms_uac,
               digest_algorithms)
      .number("keep_alive_interval", &Global::keep_alive_interval, 0s, 86'400s)
      .number("contact_expiration_check_interval", &Global::contact_expiration_check_interval, 1s,
              86'400s)
      .number("max_initial_qualify_time", &Global::max_initial_qualify_time, 0s, 86'400s)
      .number("unidentified_request_count", &Global::unidentified_request_count, 0, 1'000'000)
      .number("unidentified_request_period", &Global::unidentified_request_period, 0s, 86'400s)
      .number("unidentified_request_prune_interval", &Global::unidentified_request_prune_interval,
              0s, 86'400s)
      .boolean("disable_multi_domain", &Global::disable_multi_domain)
      .boolean("ignore_uri_user_options", &Global::ignore_uri_user_options)
      .boolean("use_callerid_contact", &Global::use_callerid_contact)
      .boolean("send_contact_status_on_update_registration",
               &Global::send_contact_status_on_update_registration)
      .ignored({"type", "mwi_tps_queue_high", "mwi_tps_queue_low",
                "mwi_disable_initial_unsolicited", "taskprocessor_overload_trigger", "norefersub",
                "allow_sending_180_after_183", "all_codecs_on_empty_reinvite"});
  return binder;
}

conf::Binder<System> make_system_binder() {
  conf::Binder<System> binder("system");
  binder.number("timer_t1", &System::timer_t1, 10ms, 60'000ms)
      .number("timer_b", &System::timer_b, 100ms, 3'600'000ms)
      .boolean("compact_headers", &System::compact_headers)
      .boolean("disable_tcp_switch", &System::disable_tcp_switch)
      .boolean("disable_rport", &System::disable_rport)
      // The work is done by shards (missive.conf); the others are about calls.
      .ignored({"type", "threadpool_initial_size", "threadpool_auto_increment",
                "threadpool_idle_timeout", "threadpool_max_size", "taskpool_minimum_size",
                "taskpool_initial_size", "taskpool_auto_increment", "taskpool_idle_timeout",
                "taskpool_max_size", "follow_early_media_fork", "accept_multiple_sdp_answers"});
  return binder;
}

}  // namespace

void read_global(const conf::Section& section, Global& global, conf::Problems& problems) {
  static const auto binder = make_global_binder();
  global.where = section.where;
  binder.bind(section, global, problems);
}

void read_system(const conf::Section& section, System& system, conf::Problems& problems) {
  static const auto binder = make_system_binder();
  system.where = section.where;
  binder.bind(section, system, problems);
}

}  // namespace missive::pjsip

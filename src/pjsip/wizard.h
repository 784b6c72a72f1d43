// pjsip_wizard.conf: a phone or a trunk in one section, instead of five in pjsip.conf.
//
// Each section of type=wizard stands for an endpoint and an aor of its own name and, where it asks
// for them, NAME-iauth and NAME-oauth (auth), NAME-identify, and NAME-reg-0, NAME-reg-1, ...
// (registration, one for each of its remote_hosts). They are made in the form of pjsip.conf, for
// the readers of that file, and every option keeps the place where it was written, so that errors
// name pjsip_wizard.conf and its line. What is written as `endpoint/context = x` goes to the
// endpoint as it stands, behind what the wizard says, and so it wins.
//
// An aor that accepts registrations takes ten contacts where aor/max_contacts says nothing.
// Hints and phone provisioning are of calls: has_hint and has_phoneprov are warned about.
// Pure; any thread. Source: Asterisk documentation, "PJSIP Configuration Wizard",
// res_pjsip_config_wizard.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "conf/conf.h"

namespace missive::pjsip {

// Appends the sections to those of `pjsip`. A wizard with an error of its own makes none.
void expand_wizards(const conf::File& wizards, conf::File& pjsip, conf::Problems& problems);
// The same with folder/pjsip_wizard.conf, when it is there. Fails where it cannot be read.
base::Result<void> load_wizards(const std::filesystem::path& folder, conf::File& pjsip,
                                conf::Problems& problems);

}  // namespace missive::pjsip

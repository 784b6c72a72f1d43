// The objects of pjsip.conf as lines of a table, in the columns that Asterisk 20 prints.
//
// A line is put together by write_*(): its title right-aligned to the depth it stands at (an
// endpoint's AOR one below it, the AOR's contact two), then columns that stand where the head has
// them. Text that is too long for a column is cut where Asterisk cuts it. Pure; any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pjsip/configuration.h"
#include "pjsip/location_service.h"

namespace missive::console {

// What the lines are made from.
struct PjsipView {
  const pjsip::Configuration& configuration;
  const pjsip::LocationService& locations;
};

extern const std::string_view endpoints_head, aors_head, auths_head, contacts_head, identifies_head,
    transports_head, registrations_head;
extern const std::string_view rule;  // below a head

void write_endpoint(std::string& out, const PjsipView& view, const pjsip::Endpoint& endpoint);
void write_aor(std::string& out, unsigned depth, const PjsipView& view, const pjsip::Aor& aor);
void write_auth(std::string& out, unsigned depth, std::string_view title, const pjsip::Auth& auth);
void write_contact(std::string& out, unsigned depth, const pjsip::Aor* aor,
                   const pjsip::KnownContact& known);
void write_identify(std::string& out, unsigned depth, const pjsip::Identify& identify);
void write_transport(std::string& out, unsigned depth, const pjsip::Transport& transport);

// "ParameterName : ParameterValue" and a line for each, by name.
using Parameters = std::vector<std::pair<std::string, std::string>>;
void write_parameters(std::string& out, Parameters parameters);

}  // namespace missive::console

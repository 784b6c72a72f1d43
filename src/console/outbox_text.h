// Messages of the outbox as a person reads them on a terminal: for the commands of the server and
// for those of the program, so that both look alike. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "console/outbox_listing.h"

namespace missive::console {

// The columns of a list, and the values as they are in MessageListEntry.
struct OutboxLine {
  std::string id, status, recipient, attempt, accepted, response_code, response_text;
};
std::string lines_text(const std::vector<OutboxLine>& lines);

// "3 messages (1200 octets), 2 of them wait for 1 recipient; the oldest is 5 min old"
std::string figures_text(const message::Outbox::Figures& figures, std::chrono::seconds oldest);
// "45 s", "5 min", "3 h", "2 days"
std::string age_text(std::chrono::seconds age);

// The list and the figures below it, in whole lines.
base::Result<std::string> listing_text(const Listing& listing);
// One message, a line for each thing that is known of it.
std::string record_text(const message::Record& record);

}  // namespace missive::console

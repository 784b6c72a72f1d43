// The options of sip.conf that are about calls, media, subscriptions and databases.
//
// All that chan_sip of Asterisk 1.8 to 20 knows and a server of text messages has no use for;
// accepted without effect, so that a sip.conf can be taken over as it is. Lower case, sorted.
// Source: Asterisk documentation, sip.conf.
#pragma once

#include <span>
#include <string_view>

namespace missive::chan_sip {

// In [general] and of peers.
std::span<const std::string_view> options_of_calls();
// In [general] alone.
std::span<const std::string_view> general_options_of_calls();
// Of peers, users and friends alone.
std::span<const std::string_view> peer_options_of_calls();

}  // namespace missive::chan_sip

// What libstrophe keeps to itself of a stream and only tells its log: the elements of stream
// management, why a login failed, and which stanzas have been written.
//
//   RECV: <resumed h="6" previd="..." xmlns="urn:xmpp:sm:3"/>
//   SENT: <message id="..." ...>
//
// read_stream_log() is pure. A line's element is one that stood directly in the stream, so nothing
// that a stanza contains can pass for one. Source: libstrophe 0.12 (debug level of its log),
// XEP-0198, RFC 6120 section 6.5.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace missive::xmpp {

struct StreamEvent {
  enum class Kind {
    features,       // of the stream; `h` is 1 where they offer stream management
    enabled,        // stream management is on; `h` is 1 where the stream can be resumed
    resumed,        // the earlier stream goes on; `h` of its stanzas had arrived
    not_resumed,    // it does not; `h` had arrived, where the server says so
    acknowledged,   // `h` stanzas have arrived
    login_refused,  // `text` is the condition, and what the server said
    unreachable,    // `text` says why there was no connection to an address
    written,        // a stanza of ours
    ended,          // the server has closed the stream, which cannot be resumed then
    gave_up,        // libstrophe could not read what came, and has told the server so
  };
  Kind kind;
  std::optional<std::uint32_t> h = {};
  std::string text = {};
};

std::optional<StreamEvent> read_stream_log(std::string_view line);

}  // namespace missive::xmpp

// message/cpim: a text with headers of its own, which travel with it end to end (RFC 3862).
//
//   From: Alice <im:alice@example.com>          message headers, perhaps of a namespace
//   NS: imdn <urn:ietf:params:imdn>
//   imdn.Message-ID: 34jk324j
//                                               an empty line
//   Content-Type: text/plain                    headers of the content (MIME)
//                                               an empty line
//   Hello                                       octets, to the end
//
// Pure. A Cpim is views into the text it was read from. Lines end with CRLF or LF. Names of
// headers and of namespaces' members are compared without regard to case, namespaces by their URI,
// whatever prefix the text has for them. Clients leave out the first empty line, as the examples
// of RFC 5438 do: then a header whose name begins with `Content-` is the first of the content.
// What follows the headers is the body; a Content-Length among them is not looked at.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace missive::message {

inline constexpr std::string_view cpim_type = "message/cpim";
inline constexpr std::string_view imdn_namespace = "urn:ietf:params:imdn";

// Whether a Content-Type is of that media type, whatever its parameters are.
bool is_of_type(std::string_view content_type, std::string_view media_type);

struct CpimHeader {
  std::string_view name_space;  // its URI; empty: message/cpim's own
  std::string_view name;        // without prefix
  std::string_view value;       // as written, without parameters: still with its escapes
};

struct ContentHeader {
  std::string_view name;
  std::string_view value;  // a folded one still has its line ends
};

struct CpimLimits {
  std::size_t headers = 64;  // of both kinds together
  std::size_t header_octets = 16 << 10;
};

struct Cpim {
  std::vector<CpimHeader> headers;  // but NS
  std::vector<ContentHeader> content_headers;
  std::string_view body;

  // The value of the first one, "" when there is none.
  std::string_view header(std::string_view name, std::string_view name_space = {}) const;
  std::string_view imdn_header(std::string_view name) const { return header(name, imdn_namespace); }
  std::string_view content_header(std::string_view name) const;
  // `text/plain` where it has none (RFC 2045 section 5.2).
  std::string_view content_type() const;
};

base::Result<Cpim> parse_cpim(std::string_view text, const CpimLimits& limits = {});

// A header value as a person would read it: \n, \\, \u00e4 undone. An escape that is none stays.
std::string unescape_cpim(std::string_view value);
// The URI of a From, To or NS: what stands in angle brackets, else all of it.
std::string_view cpim_uri(std::string_view value);
// "2026-01-02T00:00:00Z" (RFC 3339), as DateTime and IMDN have it.
std::string cpim_time(base::WallTime time);

// Writes one from the top down, in place of what was in `out`.
class CpimWriter {
 public:
  explicit CpimWriter(std::string& out) : out_(out) { out_.clear(); }

  // `value` has the form of its header already; control characters become spaces.
  void header(std::string_view name, std::string_view value);
  // Any text; what may not stand for itself is escaped.
  void text(std::string_view name, std::string_view value);
  // The content and the end; its octets stay as they are.
  void content(std::string_view type, std::string_view body, std::string_view disposition = {});

 private:
  void content_header(std::string_view name, std::string_view value);
  std::string& out_;
};

}  // namespace missive::message

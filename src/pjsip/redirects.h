// Where else a message may go after 3xx: the contacts of the redirects, best first.
//
// take() reads the Contacts of a response in the order of q; those of a later redirect come before
// what is left of the ones before it. Left out are URIs that were seen before (compared as RFC 3261
// section 19.1.4 says), other schemes than sip and sips, and sip: where the one who redirects was
// asked by sips:. The header part of a URI (`?Subject=`) is dropped. No more than five contacts are
// handed out and no more than five redirects followed. What the contacts answered is kept here, so
// that the best of it is told in the end.
//
// Source: RFC 3261 sections 8.1.3.4, 20.10, 21.3.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pjsip/outcome.h"
#include "sip/packet.h"

namespace missive::pjsip {

// The first Contact of a redirect as a text for people; empty: it has none.
std::string first_contact_of(const sip::Packet& response);

class Redirects {
 public:
  static constexpr std::size_t max_contacts = 5;
  static constexpr std::size_t max_responses = 5;

  // `request_uri`: where the first redirect came from.
  explicit Redirects(std::string_view request_uri);

  // Fails, with the reason, where it brings no contact that can be used.
  base::Result<void> take(const sip::Packet& response);
  // The next contact to try; false: there is none.
  bool next();
  // The contact that next() chose last, at first the `request_uri`.
  const std::string& current() const { return current_; }
  // How many next() will still choose.
  std::size_t left() const;

  void keep(const message::Attempted& attempted);
  // The best that was kept; there is one.
  const Outcome& best() const { return best_; }

 private:
  bool is_new(std::string_view uri) const;
  std::string usable(std::string_view uri) const;

  std::string current_;
  std::vector<std::string> seen_;
  std::vector<std::string> waiting_;  // the next one last
  std::size_t tried_ = 0;
  std::size_t responses_ = 0;
  bool secure_;
  bool kept_ = false;
  Outcome best_;
};

}  // namespace missive::pjsip

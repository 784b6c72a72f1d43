#include "pjsip/redirects.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "sip/name_addr.h"
#include "sip/params.h"
#include "sip/uri.h"

namespace missive::pjsip {
namespace {

// Of one response: more are no redirect but an attack.
constexpr std::size_t most_looked_at = 32;

struct Listed {
  std::string_view uri;
  unsigned q;
};

// `0.7` as 700; what is none counts as the most, as if it were not there.
unsigned thousandths(std::optional<std::string_view> q) {
  if (!q || q->empty() || q->size() > 5 || ((*q)[0] != '0' && (*q)[0] != '1')) return 1000;
  if (q->size() > 1 && (*q)[1] != '.') return 1000;
  std::string digits(q->substr(std::min<std::size_t>(2, q->size())));
  digits.resize(3, '0');
  const auto fraction = base::parse_number<unsigned>(digits);
  return fraction ? std::min(1000u, ((*q)[0] == '1' ? 1000u : 0u) + *fraction) : 1000;
}

// Those that can be read, best first.
std::vector<Listed> contacts_of(const sip::Packet& response) {
  std::vector<Listed> out;
  response.for_each(sip::HeaderId::Contact, [&out](const sip::Header& header) {
    sip::ListSplitter list(header.value);
    for (std::string_view item; list.next(item);) {
      const auto address = sip::parse_name_addr(item);
      if (!address) {
        log::debug("redirect to '{}' left out: {}", base::printable(item, 120),
                   address.error().text);
        continue;
      }
      out.push_back({address->uri, thousandths(address->param("q"))});
    }
  });
  std::stable_sort(out.begin(), out.end(),
                   [](const Listed& a, const Listed& b) { return a.q > b.q; });
  return out;
}

}  // namespace

std::string first_contact_of(const sip::Packet& response) {
  auto contacts = contacts_of(response);
  if (contacts.size() > most_looked_at) contacts.resize(most_looked_at);
  return contacts.empty() ? std::string() : base::printable(contacts.front().uri, 200);
}

Redirects::Redirects(std::string_view request_uri)
    : current_(request_uri), seen_{current_}, secure_(base::istarts_with(request_uri, "sips:")) {}

bool Redirects::is_new(std::string_view text) const {
  const auto uri = sip::parse_uri(text);
  return std::none_of(seen_.begin(), seen_.end(), [&](const std::string& known) {
    const auto other = sip::parse_uri(known);
    return other && sip::equivalent(*uri, *other);
  });
}

// Without its header part; empty: it cannot be used.
std::string Redirects::usable(std::string_view text) const {
  const auto leave_out = [text](std::string_view why) {
    log::debug("redirect to '{}' left out: {}", base::printable(text, 120), why);
    return std::string();
  };
  auto uri = sip::parse_uri(text);
  if (!uri) return leave_out(uri.error().text);
  if (!uri->sip()) return leave_out("it is no SIP URI");
  if (secure_ && !uri->sips()) return leave_out("sips: is not left for sip:");
  if (!uri->headers.empty()) {
    log::debug("redirect to '{}': headers in a URI are not used", base::printable(text, 120));
    uri->headers = {};
  }
  auto out = uri->str();
  return is_new(out) ? out : leave_out("it was tried before");
}

base::Result<void> Redirects::take(const sip::Packet& response) {
  if (++responses_ > max_responses) {
    return base::fail("redirected more than {} times", max_responses);
  }
  secure_ = secure_ || base::istarts_with(current_, "sips:");
  const auto contacts = contacts_of(response);
  if (contacts.empty()) return base::fail("it names no contact");
  std::vector<std::string> found;
  for (const auto& contact : contacts) {
    if (found.size() == max_contacts) break;  // no more will be tried
    auto uri = usable(contact.uri);
    if (uri.empty()) continue;
    seen_.push_back(uri);
    found.push_back(std::move(uri));
  }
  if (found.empty()) {
    return base::fail("none of its contacts can be used ({})",
                      base::printable(contacts.front().uri, 120));
  }
  waiting_.insert(waiting_.end(), std::make_move_iterator(found.rbegin()),
                  std::make_move_iterator(found.rend()));
  return {};
}

std::size_t Redirects::left() const { return std::min(waiting_.size(), max_contacts - tried_); }

bool Redirects::next() {
  if (left() == 0) return false;
  ++tried_;
  current_ = std::move(waiting_.back());
  waiting_.pop_back();
  return true;
}

void Redirects::keep(const message::Attempted& attempted) {
  auto outcome = Outcome::of(attempted);
  if (std::exchange(kept_, true) && outcome.rank() < best_.rank()) return;
  best_ = std::move(outcome);
}

}  // namespace missive::pjsip

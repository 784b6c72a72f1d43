#include "pjsip/registrar_bindings.h"

#include <algorithm>
#include <functional>
#include <tuple>

#include "base/text.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

// A longer list than could ever fit is not worth the comparing; some may name a contact twice.
constexpr std::size_t surplus = 100;

// Equivalent URIs have the same print; most others another one.
std::size_t print_of(const sip::Uri& uri) {
  const std::hash<std::string> hash;
  const auto host = uri.host_is_ipv6 ? 0 : hash(base::lower(uri.host));
  return hash(sip::unescape(uri.user)) ^ (host * 31) ^ uri.port.value_or(0);
}

// The contacts of an AOR while a request is applied to them.
class Workbench {
 public:
  Workbench(const Contact& common, const Aor& aor, const std::vector<KnownContact>& contacts)
      : common_(common), aor_(aor) {
    items_.reserve(contacts.size());
    for (const auto& known : contacts) {
      items_.push_back(make_item(known, false));
    }
  }

  OrRefused<void> remove_all() {
    for (const auto& item : items_) {
      if (auto right = check_order(item); !right) return right;
    }
    for (auto& item : items_) applied_.removed.push_back(std::move(item.known.contact));
    items_.clear();
    return {};
  }

  OrRefused<void> apply(const RequestedBinding& wanted) {
    const auto item = find(wanted);
    const bool known = item != items_.end();
    if (known) {
      if (auto right = check_order(*item); !right) return right;
    }
    if (wanted.expiration == 0s) {
      if (!known) return {};  // it is as asked for
      applied_.removed.push_back(std::move(item->known.contact));
      items_.erase(item);
      return {};
    }
    auto contact = make(wanted);
    (known ? applied_.refreshed : applied_.added).push_back(contact);
    if (known) {
      *item = make_item({contact, item->known.status}, true);
      drop_twins(*contact);
    } else {
      items_.push_back(make_item({contact, {}}, true));
    }
    return {};
  }

  // max_contacts, once all is applied that was asked for.
  OrRefused<void> make_room() {
    const bool grew = !applied_.added.empty() || !applied_.refreshed.empty();
    if (!grew || items_.size() <= aor_.max_contacts) return {};
    auto excess = items_.size() - aor_.max_contacts;
    auto candidates = evictable();
    if (candidates.size() < excess) return too_many();
    std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(excess),
                      candidates.end(), [this](const Item* a, const Item* b) {
                        return precedence(*a) < precedence(*b);
                      });
    candidates.resize(excess);
    for (const auto* item : candidates) applied_.evicted.push_back(item->known.contact);
    std::erase_if(items_, [&candidates](const Item& item) {
      return std::find(candidates.begin(), candidates.end(), &item) != candidates.end();
    });
    return {};
  }

  tl::unexpected<sip::Response> too_many() const {
    return refused(403, "AOR '{}' takes at most {} contacts", aor_.name, aor_.max_contacts);
  }

  AppliedBindings finish(std::vector<KnownContact>& contacts) {
    contacts.clear();
    for (auto& item : items_) contacts.push_back(std::move(item.known));
    return std::move(applied_);
  }

 private:
  struct Item {
    KnownContact known;
    sip::Uri uri;  // views into the contact
    std::size_t print;
    bool touched;  // by this request
  };
  using Items = std::vector<Item>;

  static Item make_item(const KnownContact& known, bool touched) {
    const auto uri = sip::parse_uri(known.contact->uri).value_or(sip::Uri{});
    return {known, uri, print_of(uri), touched};
  }

  Items::iterator find(const RequestedBinding& wanted) {
    if (!wanted.reg_id.empty()) {
      const auto device = std::find_if(items_.begin(), items_.end(), [&](const Item& item) {
        return item.known.contact->reg_id == wanted.reg_id &&
               item.known.contact->instance == wanted.instance;
      });
      if (device != items_.end()) return device;
    }
    const auto uri = sip::parse_uri(wanted.uri).value_or(sip::Uri{});
    const auto print = print_of(uri);
    const auto same = std::find_if(items_.begin(), items_.end(), [&](const Item& item) {
      return item.print == print && sip::equivalent(item.uri, uri);
    });
    if (same != items_.end()) return same;
    return std::find_if(items_.begin(), items_.end(), [&](const Item& item) {
      return !item.touched && item.known.contact->call_id == common_.call_id &&
             item.known.contact->given == wanted.given;
    });
  }

  // RFC 3261 section 10.3 step 7: what comes too late changes nothing.
  OrRefused<void> check_order(const Item& item) const {
    const auto& contact = *item.known.contact;
    if (item.touched || contact.call_id != common_.call_id || contact.cseq < common_.cseq) {
      return {};
    }
    return refused(500, "CSeq is not higher than the one before");
  }

  std::shared_ptr<const Contact> make(const RequestedBinding& wanted) const {
    auto contact = std::make_shared<Contact>(common_);
    contact->uri = wanted.uri;
    contact->given = wanted.given;
    contact->q = wanted.q;
    contact->expiration = wanted.expiration;
    contact->expires = common_.updated + wanted.expiration;
    contact->instance = wanted.instance;
    contact->reg_id = wanted.reg_id;
    contact->flow_only = wanted.flow_only;
    return contact;
  }

  // A contact that took another URI replaces whatever had that URI.
  void drop_twins(const Contact& contact) {
    std::erase_if(items_, [&contact](const Item& item) {
      return item.known.contact.get() != &contact && item.known.contact->uri == contact.uri;
    });
  }

  std::vector<const Item*> evictable() const {
    std::vector<const Item*> out;
    if (!aor_.remove_existing && !aor_.remove_unavailable) return out;
    for (const auto& item : items_) {
      if (!item.touched && (aor_.remove_existing || unreachable(item))) out.push_back(&item);
    }
    return out;
  }

  static bool unreachable(const Item& item) {
    return item.known.status.reachability == Reachability::unreachable;
  }

  // Who goes first.
  std::tuple<bool, base::TimePoint, base::TimePoint> precedence(const Item& item) const {
    const bool answers = aor_.remove_unavailable && !unreachable(item);
    return {answers, item.known.contact->expires, item.known.contact->updated};
  }

  const Contact& common_;
  const Aor& aor_;
  Items items_;
  AppliedBindings applied_;
};

}  // namespace

OrRefused<AppliedBindings> apply_bindings(const RequestedBindings& requested, const Contact& common,
                                          const Aor& aor, std::vector<KnownContact>& contacts) {
  Workbench bench(common, aor, contacts);
  const auto additions =
      std::count_if(requested.bindings.begin(), requested.bindings.end(),
                    [](const RequestedBinding& wanted) { return wanted.expiration > 0s; });
  if (static_cast<std::size_t>(additions) > aor.max_contacts + surplus) return bench.too_many();
  if (requested.remove_all) {
    if (auto removed = bench.remove_all(); !removed) {
      return tl::unexpected(std::move(removed.error()));
    }
  }
  for (const auto& wanted : requested.bindings) {
    if (auto applied = bench.apply(wanted); !applied) {
      return tl::unexpected(std::move(applied.error()));
    }
  }
  if (auto room = bench.make_room(); !room) return tl::unexpected(std::move(room.error()));
  return bench.finish(contacts);
}

std::string contact_lines(const std::vector<KnownContact>& contacts, base::TimePoint now) {
  std::string out;
  for (const auto& known : contacts) {
    const auto& contact = *known.contact;
    const auto left = std::max(base::TimePoint::duration::zero(), contact.expires - now);
    out += fmt::format("Contact: <{}>;expires={}", contact.given,
                       std::chrono::ceil<seconds>(left).count());
    if (contact.q < 1000) out += fmt::format(";q=0.{:03}", contact.q);
    if (!contact.instance.empty()) out += fmt::format(";+sip.instance=\"{}\"", contact.instance);
    if (!contact.reg_id.empty()) out += fmt::format(";reg-id={}", contact.reg_id);
    out += "\r\n";
  }
  return out;
}

}  // namespace missive::pjsip

#include "pjsip/contact_persistence.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/log.h"
#include "sip/name_addr.h"

namespace missive::pjsip {
namespace {

std::vector<std::string> split_path(std::string_view text) {
  std::vector<std::string> path;
  if (text.empty()) return path;
  sip::ListSplitter values(text);
  std::string_view value;
  while (values.next(value)) path.emplace_back(value);
  return path;
}

std::shared_ptr<const Contact> find(const LocationService::Contacts& contacts,
                                    std::string_view uri) {
  for (const auto& known : contacts) {
    if (known.contact->uri == uri) return known.contact;
  }
  return nullptr;
}

}  // namespace

base::Result<std::size_t> ContactPersistence::restore(LocationService& locations) {
  auto rows = store_.load_all();
  if (!rows) return tl::unexpected(rows.error());
  std::erase_if(*rows, [this](const auto& row) { return !is_ours(row.aor); });
  const auto now = clock_.wall();
  std::size_t count = 0;
  restoring_ = true;
  for (auto row = rows->begin(); row != rows->end();) {
    const auto aor = row->aor;
    const auto name = aor.substr(prefix_.size());
    locations.change(name, [&](LocationService::Contacts& contacts) {
      for (; row != rows->end() && row->aor == aor; ++row) {
        if (row->expires <= now || row->flow_only) {
          store_.remove(row->aor, row->uri);
        } else if (find(contacts, row->uri) == nullptr) {
          contacts.push_back({std::make_shared<Contact>(restored(std::move(*row))), {}});
          ++count;
        }
      }
      return true;
    });
  }
  restoring_ = false;
  if (count > 0) log::info("{} registered contacts are back", count);
  return count;
}

bool ContactPersistence::is_ours(std::string_view stored_aor) const {
  return prefix_.empty() ? !stored_aor.starts_with("sip:") : stored_aor.starts_with(prefix_);
}

void ContactPersistence::on_contact(ContactChange change, const KnownContact& known,
                                    std::size_t /*registered*/) {
  const auto& contact = *known.contact;
  if (contact.permanent || restoring_) return;
  switch (change) {
    case ContactChange::created:
    case ContactChange::updated:
      return store_.put(stored(contact));
    case ContactChange::removed:
    case ContactChange::expired:
      return store_.remove(stored_name(contact.aor), contact.uri);
    case ContactChange::status:
      break;
  }
}

store::StoredContact ContactPersistence::stored(const Contact& contact) const {
  using std::chrono::duration_cast;
  const auto offset = [this](base::TimePoint time) {
    return clock_.wall() + duration_cast<base::WallTime::duration>(time - clock_.now());
  };
  return {.aor = stored_name(contact.aor),
          .uri = contact.uri,
          .given = contact.given,
          .q = contact.q,
          .expires = offset(contact.expires),
          .expiration = contact.expiration,
          .updated = offset(contact.updated),
          .path = fmt::format("{}", fmt::join(contact.path, ", ")),
          .instance = contact.instance,
          .reg_id = contact.reg_id,
          .endpoint = contact.endpoint,
          .call_id = contact.call_id,
          .cseq = contact.cseq,
          .user_agent = contact.user_agent,
          .via_address = contact.via_address,
          .transport = contact.transport,
          .source = contact.source.is_set() ? contact.source.str() : "",
          .flow_only = contact.flow_only};
}

Contact ContactPersistence::restored(store::StoredContact row) const {
  using std::chrono::duration_cast;
  const auto offset = [this](base::WallTime time) {
    return clock_.now() + duration_cast<base::Duration>(time - clock_.wall());
  };
  Contact out;
  out.aor = row.aor.substr(prefix_.size());
  out.uri = std::move(row.uri);
  out.given = std::move(row.given);
  out.q = row.q;
  out.expiration = row.expiration;
  // Never longer than it was granted, whatever became of the clock on the wall.
  out.expires = std::min(offset(row.expires), clock_.now() + row.expiration);
  out.path = split_path(row.path);
  out.instance = std::move(row.instance);
  out.reg_id = std::move(row.reg_id);
  out.endpoint = std::move(row.endpoint);
  out.call_id = std::move(row.call_id);
  out.cseq = row.cseq;
  out.user_agent = std::move(row.user_agent);
  out.via_address = std::move(row.via_address);
  out.transport = std::move(row.transport);
  if (const auto source = net::Address::parse(row.source, 0)) out.source = *source;
  out.updated = offset(row.updated);
  return out;
}

}  // namespace missive::pjsip

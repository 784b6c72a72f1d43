#include "message/incoming.h"

#include <fmt/format.h>

#include "base/text.h"
#include "message/text_keeper.h"

namespace missive::message {

Incoming::Incoming(Key, const IncomingDraft& draft)
    : max_forwards_(draft.max_forwards), wants_receipt_(draft.wants_receipt) {
  TextKeeper text(
      text_,
      {draft.id, draft.technology, draft.endpoint, draft.context, draft.exten, draft.from, draft.to,
       draft.content_type, draft.body, draft.origin.value_or(std::string_view{})},
      draft.data);
  id_ = text.keep(draft.id);
  technology_ = text.keep(draft.technology);
  endpoint_ = text.keep(draft.endpoint);
  context_ = text.keep(draft.context);
  exten_ = text.keep(draft.exten);
  from_ = text.keep(draft.from);
  to_ = text.keep(draft.to);
  content_type_ = text.keep(draft.content_type);
  body_ = text.keep(draft.body);
  if (draft.origin) origin_ = text.keep(*draft.origin);
  data_ = text.keep(draft.data);
}

std::shared_ptr<const Incoming> Incoming::create(const IncomingDraft& draft) {
  return std::make_shared<const Incoming>(Key{}, draft);
}

std::string Incoming::origin() const {
  if (origin_) return std::string(*origin_);
  return endpoint_.empty() ? std::string() : fmt::format("{}:{}", technology_, endpoint_);
}

std::optional<std::string_view> Incoming::datum(std::string_view name) const {
  for (const auto& datum : data_) {
    if (base::iequals(datum.name, name)) return datum.value;
  }
  return std::nullopt;
}

}  // namespace missive::message

#include "message/incoming.h"

#include "base/text.h"

namespace missive::message {

Incoming::Incoming(Key, const IncomingDraft& draft) : max_forwards_(draft.max_forwards) {
  std::size_t size = draft.id.size() + draft.technology.size() + draft.endpoint.size() +
                     draft.context.size() + draft.exten.size() + draft.from.size() +
                     draft.to.size() + draft.content_type.size() + draft.body.size();
  for (const auto& datum : draft.data) size += datum.name.size() + datum.value.size();
  text_.reserve(size);  // never grows: the views stay valid
  const auto keep = [this](std::string_view part) {
    const auto at = text_.size();
    text_ += part;
    return std::string_view(text_).substr(at, part.size());
  };
  id_ = keep(draft.id);
  technology_ = keep(draft.technology);
  endpoint_ = keep(draft.endpoint);
  context_ = keep(draft.context);
  exten_ = keep(draft.exten);
  from_ = keep(draft.from);
  to_ = keep(draft.to);
  content_type_ = keep(draft.content_type);
  body_ = keep(draft.body);
  data_.reserve(draft.data.size());
  for (const auto& datum : draft.data) {
    const auto name = keep(datum.name);
    data_.push_back({name, keep(datum.value)});
  }
}

std::shared_ptr<const Incoming> Incoming::create(const IncomingDraft& draft) {
  return std::make_shared<const Incoming>(Key{}, draft);
}

std::optional<std::string_view> Incoming::datum(std::string_view name) const {
  for (const auto& datum : data_) {
    if (base::iequals(datum.name, name)) return datum.value;
  }
  return std::nullopt;
}

}  // namespace missive::message

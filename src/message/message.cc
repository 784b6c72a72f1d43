#include "message/message.h"

namespace missive::message {

Message::Message(Key, const Draft& draft) {
  std::size_t size = draft.id.size() + draft.destination.size() + draft.to.size() +
                     draft.from.size() + draft.body.size();
  for (const auto& variable : draft.variables) size += variable.name.size() + variable.value.size();
  text_.reserve(size);  // never grows: the views stay valid
  const auto keep = [this](std::string_view part) {
    const auto at = text_.size();
    text_ += part;
    return std::string_view(text_).substr(at, part.size());
  };
  id_ = keep(draft.id);
  destination_ = keep(draft.destination);
  to_ = keep(draft.to);
  from_ = keep(draft.from);
  body_ = keep(draft.body);
  variables_.reserve(draft.variables.size());
  for (const auto& variable : draft.variables) {
    const auto name = keep(variable.name);
    variables_.push_back({name, keep(variable.value)});
  }
}

std::shared_ptr<const Message> Message::create(const Draft& draft) {
  return std::make_shared<const Message>(Key{}, draft);
}

std::string_view Message::technology() const {
  const auto colon = destination_.find(':');
  return colon == std::string_view::npos ? std::string_view{} : destination_.substr(0, colon);
}

std::string_view Message::address() const {
  const auto colon = destination_.find(':');
  return colon == std::string_view::npos ? destination_ : destination_.substr(colon + 1);
}

}  // namespace missive::message

#include "message/message.h"

#include "message/text_keeper.h"

namespace missive::message {

Message::Message(Key, const Draft& draft)
    : keyed_(draft.keyed), wants_receipt_(draft.wants_receipt), expiry_(draft.expiry) {
  TextKeeper text(text_,
                  {draft.id, draft.destination, draft.to, draft.from, draft.body, draft.action_id,
                   draft.origin},
                  draft.variables);
  id_ = text.keep(draft.id);
  destination_ = text.keep(draft.destination);
  to_ = text.keep(draft.to);
  from_ = text.keep(draft.from);
  body_ = text.keep(draft.body);
  action_id_ = text.keep(draft.action_id);
  origin_ = text.keep(draft.origin);
  variables_ = text.keep(draft.variables);
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

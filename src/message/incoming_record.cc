#include "message/incoming_record.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "message/packed.h"

namespace missive::message {
namespace {

constexpr char version = 2;
constexpr std::uint64_t has_origin = 1;
constexpr std::uint64_t wants_receipt = 2;
constexpr std::uint32_t max_hops = 255;

std::size_t size_of(const Incoming& message) {
  constexpr std::size_t overhead = 48;
  std::size_t size = overhead + message.id().size() + message.technology().size() +
                     message.endpoint().size() + message.context().size() + message.exten().size() +
                     message.from().size() + message.to().size() + message.content_type().size() +
                     message.body().size();
  for (const auto& datum : message.data()) size += datum.name.size() + datum.value.size() + 4;
  return size;
}

}  // namespace

std::string write_incoming(const Incoming& message) {
  std::string out;
  out.reserve(size_of(message));
  out += version;
  pack(out, static_cast<std::uint64_t>(message.max_forwards()));
  for (const auto text :
       {message.id(), message.technology(), message.endpoint(), message.context(), message.exten(),
        message.from(), message.to(), message.content_type(), message.body()}) {
    pack(out, text);
  }
  pack(out, std::uint64_t{message.data().size()});
  for (const auto& datum : message.data()) {
    pack(out, datum.name);
    pack(out, datum.value);
  }
  const auto& origin = message.origin_given();
  pack(out, (origin ? has_origin : 0) | (message.wants_receipt() ? wants_receipt : 0));
  pack(out, origin.value_or(std::string_view{}));
  return out;
}

base::Result<std::shared_ptr<const Incoming>> read_incoming(std::string_view record) {
  if (record.empty()) return base::fail("the record of a message is empty");
  if (record.front() < 1 || record.front() > version) {
    return base::fail(
        "the record of a message is of version {}, this server reads versions 1 to {}",
        static_cast<unsigned char>(record.front()), int{version});
  }
  PackedReader reader(record.substr(1));
  const auto hops = reader.number();
  IncomingDraft draft;
  for (auto* text : {&draft.id, &draft.technology, &draft.endpoint, &draft.context, &draft.exten,
                     &draft.from, &draft.to, &draft.content_type, &draft.body}) {
    *text = reader.text();
  }
  const auto count = reader.number();
  std::vector<Variable> data;
  data.reserve(std::min<std::uint64_t>(count, reader.left() / 2));  // what there can be at most
  for (std::uint64_t i = 0; i < count && reader.left() > 0; ++i) {
    const auto name = reader.text();
    data.push_back({name, reader.text()});
  }
  if (record.front() > 1) {
    const auto flags = reader.number();
    const auto origin = reader.text();
    if ((flags & has_origin) != 0) draft.origin = origin;
    draft.wants_receipt = (flags & wants_receipt) != 0;
  }
  if (!reader.at_end() || data.size() != count || hops > max_hops) {
    return base::fail("the record of a message is damaged ({} octets)", record.size());
  }
  draft.max_forwards = static_cast<int>(hops);
  draft.data = data;
  return Incoming::create(draft);
}

}  // namespace missive::message

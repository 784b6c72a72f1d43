#include "console/outbox_listing.h"

#include <algorithm>

namespace missive::console {

std::chrono::seconds oldest_age(const Listing& listing) {
  if (!listing.oldest || listing.oldest->empty()) return std::chrono::seconds{0};
  const auto age = listing.now - listing.oldest->front().accepted;
  return std::max(std::chrono::seconds{0}, std::chrono::duration_cast<std::chrono::seconds>(age));
}

void list_outbox(message::Outbox& outbox, net::Shard& asker, message::Outbox::Filter filter,
                 Listed answer) {
  outbox.list(
      std::move(filter), asker,
      [&outbox, &asker, answer = std::move(answer)](Records records) mutable {
        outbox.oldest(asker, [&outbox, answer = std::move(answer),
                              records = std::move(records)](Records oldest) mutable {
          answer({std::move(records), std::move(oldest), outbox.figures(), outbox.clock().wall()});
        });
      });
}

}  // namespace missive::console

// ContactResults with texts of their own, for a status that is kept or goes to another shard.
//
// Plain values.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "message/status.h"

namespace missive::message {

class ContactResults {
 public:
  ContactResults() = default;
  explicit ContactResults(std::span<const ContactResult> results) {
    if (results.empty()) return;
    kept_ = std::make_unique<Kept>();
    auto& texts = kept_->texts;
    texts.reserve(2 * results.size());  // its elements stay where they are
    for (const auto& result : results) {
      const auto& contact = texts.emplace_back(result.contact);
      const auto& text = texts.emplace_back(result.response_text);
      kept_->results.push_back({contact, result.response_code, text});
    }
  }

  // Views into this.
  std::span<const ContactResult> view() const {
    return kept_ ? std::span<const ContactResult>(kept_->results)
                 : std::span<const ContactResult>();
  }

 private:
  struct Kept {
    std::vector<std::string> texts;
    std::vector<ContactResult> results;
  };
  std::unique_ptr<Kept> kept_;  // most have none
};

}  // namespace missive::message

#include "sip/client_transaction_table.h"

#include <algorithm>

namespace missive::sip {
namespace {

constexpr std::string_view cookie = "z9hG4bKms";
constexpr std::size_t shard_digits = 2;
constexpr std::size_t slot_digits = 4;
constexpr std::size_t random_digits = 12;
static_assert(cookie.size() + shard_digits + slot_digits + random_digits ==
              OutgoingRequest::branch_length);

void write_digits(std::uint32_t value, char* out, std::size_t count) {
  static constexpr std::string_view alphabet = "0123456789abcdefghijklmnopqrstuv";
  for (std::size_t i = count; i-- > 0; value >>= 5) out[i] = alphabet[value & 31];
}

std::optional<std::uint32_t> read_digits(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits) {
    if (c >= '0' && c <= '9') {
      value = value << 5 | static_cast<std::uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'v') {
      value = value << 5 | static_cast<std::uint32_t>(c - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

}  // namespace

ClientTransactionTable::ClientTransactionTable(unsigned shard, base::RandomSource& random,
                                               std::size_t limit)
    : shard_(shard), random_(random), limit_(std::min(limit, max_slots)) {}

std::optional<std::uint32_t> ClientTransactionTable::claim(ClientTransaction& transaction) {
  if (free_.empty()) {
    if (slots_.size() >= limit_) return std::nullopt;
    slots_.push_back(&transaction);
    return static_cast<std::uint32_t>(slots_.size() - 1);
  }
  const auto slot = free_.back();
  free_.pop_back();
  slots_[slot] = &transaction;
  return slot;
}

void ClientTransactionTable::release(std::uint32_t slot) {
  slots_[slot] = nullptr;
  free_.push_back(slot);
}

void ClientTransactionTable::write_branch(std::uint32_t slot, char* out) {
  out = std::copy(cookie.begin(), cookie.end(), out);
  write_digits(shard_, out, shard_digits);
  write_digits(slot, out + shard_digits, slot_digits);
  random_.write_token(out + shard_digits + slot_digits, random_digits);
}

std::optional<unsigned> ClientTransactionTable::shard_of(std::string_view branch) {
  if (branch.size() < cookie.size() + shard_digits || !branch.starts_with(cookie)) {
    return std::nullopt;
  }
  return read_digits(branch.substr(cookie.size(), shard_digits));
}

ClientTransaction* ClientTransactionTable::find(std::string_view branch) const {
  if (branch.size() != OutgoingRequest::branch_length || shard_of(branch) != shard_) return nullptr;
  const auto slot = read_digits(branch.substr(cookie.size() + shard_digits, slot_digits));
  if (!slot || *slot >= slots_.size()) return nullptr;
  auto* transaction = slots_[*slot];
  return transaction != nullptr && transaction->request_->branch() == branch ? transaction
                                                                             : nullptr;
}

void ClientTransactionTable::fail_all(const Transport& transport, const net::Address& peer,
                                      const base::Error& error) {
  // By branch: a user that is told may end others and start new ones, which are not lost.
  std::vector<std::string> lost;
  for (const auto* transaction : slots_) {
    if (transaction != nullptr && transaction->transport_ == &transport &&
        transaction->to_ == peer) {
      lost.emplace_back(transaction->request_->branch());
    }
  }
  for (const auto& branch : lost) {
    if (auto* transaction = find(branch)) transaction->on_lost(error);
  }
}

}  // namespace missive::sip

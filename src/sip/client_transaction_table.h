// Finds the client transaction that a response belongs to, in constant time.
//
// The branch we put into Via is the address of the transaction: the magic cookie, the
// shard, the slot in this table, and 60 random bits that a stranger cannot guess:
//
//   z9hG4bK ms SS IIII RRRRRRRRRRRR     SS shard, IIII slot, R random; [0-9a-v], 5 bits each
//
// A slot is reused after its transaction has ended; the random part tells a late response
// to the former one from an answer to the new one. Source: RFC 3261 sections 8.1.1.7, 17.1.3.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "sip/client_transaction.h"

namespace missive::sip {

class ClientTransactionTable {
 public:
  static constexpr unsigned max_shards = 1u << 10;
  static constexpr std::size_t max_slots = std::size_t{1} << 20;

  ClientTransactionTable(unsigned shard, base::RandomSource& random, std::size_t limit);

  std::optional<std::uint32_t> claim(ClientTransaction& transaction);
  void release(std::uint32_t slot);
  // Exactly OutgoingRequest::branch_length characters.
  void write_branch(std::uint32_t slot, char* out);

  // The transaction whose branch this is; nullptr when it has ended or is not ours.
  ClientTransaction* find(std::string_view branch) const;
  // Ends, as lost, those that wait for `peer` on `transport`.
  void fail_all(const Transport& transport, const net::Address& peer, const base::Error& error);

  std::size_t size() const { return slots_.size() - free_.size(); }

  // The shard a branch names, if it has our form.
  static std::optional<unsigned> shard_of(std::string_view branch);

 private:
  unsigned shard_;
  base::RandomSource& random_;
  std::size_t limit_;
  std::vector<ClientTransaction*> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace missive::sip

// Phones at UDP ports: datagrams read and answered in batches.
//
// An answer goes back to where the request came from (RFC 3581). The ports are bound by the
// constructor. Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "datagram_batch.h"
#include "phone.h"
#include "socket.h"

namespace missive::bench {

class UdpPhones final : public Phones {
 public:
  // `first_port` 0: any free ports; otherwise first_port, first_port + 1, ...
  UdpPhones(std::uint32_t count, std::uint16_t first_port, std::size_t body_size, Ledger& ledger);

  std::vector<std::uint16_t> ports() const;
  std::size_t size() const override { return sockets_.size(); }
  int fd(std::size_t socket) const override { return sockets_[socket].get(); }
  short serve(std::size_t socket) override;

 private:
  bool answer_slot(std::size_t slot, std::size_t out_slot, std::int64_t now);

  std::vector<Fd> sockets_;
  DatagramBatch in_;
  DatagramBatch out_;
};

}  // namespace missive::bench

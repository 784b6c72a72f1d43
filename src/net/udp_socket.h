// A UDP socket that reads and writes in batches.
//
// Every shard opens its own on the same port (SO_REUSEPORT). Reading: when readable, up
// to 64 datagrams a system call, each shown to the receiver in a buffer it may write
// to but not keep. Writing: send() copies the packet into the queue; sendmmsg at the
// end of the turn sends all of it, and then every sender is told what became of its
// packet, never from within send(). A full socket buffer keeps the rest for later; an
// error for one packet (unreachable, too long) fails that packet only.
//
// All on the shard's thread. Source: recvmmsg(2), sendmmsg(2), socket(7) SO_REUSEPORT.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/address.h"
#include "net/shard.h"

namespace missive::net {

class UdpReceiver {
 public:
  virtual ~UdpReceiver() = default;
  virtual void on_datagram(std::span<char> datagram, const Address& from) = 0;
};

// Who wants to know whether a packet left. forget() it before it is destroyed.
class SendObserver {
 public:
  virtual ~SendObserver() = default;
  virtual void on_sent() = 0;
  virtual void on_send_failed(const base::Error& error) = 0;
};

struct UdpOptions {
  int tos = 0;
  int receive_buffer = 4 << 20;  // octets, as far as the system allows
  int send_buffer = 4 << 20;
  // SO_REUSEPORT lets another process of the same user take the same port in silence. The first
  // shard's socket asks first whether anybody has the port, by a bind without it.
  bool probe = false;
};

class UdpSocket final : public TurnEnd, private Watched {
 public:
  // "cannot bind UDP 127.0.0.1:5060: Address already in use" when it cannot.
  static base::Result<std::unique_ptr<UdpSocket>> open(Shard& shard, const Address& bind,
                                                       const UdpOptions& options,
                                                       UdpReceiver& receiver);
  ~UdpSocket() override;

  void send(std::string_view packet, const Address& to, SendObserver* observer = nullptr);
  void forget(SendObserver& observer);

  const Address& local() const { return local_; }
  std::size_t queued() const { return waiting_.packets.size() + leaving_.packets.size() - done_; }

  void on_turn_end() override;

 private:
  struct Batch;  // the arrays of the two system calls
  struct Packet {
    std::size_t offset;
    std::size_t length;
    Address to;
    SendObserver* observer;
    int error;  // of errno; 0: none so far
  };
  struct Queue {
    std::string octets;
    std::vector<Packet> packets;

    void clear();
  };

  UdpSocket(Shard& shard, int fd, UdpReceiver& receiver);
  void on_ready(std::uint32_t events) override;
  void receive();
  std::size_t send_from(std::size_t first);
  void report(std::size_t end);

  Shard& shard_;
  int fd_;
  UdpReceiver& receiver_;
  Address local_;
  std::unique_ptr<Batch> batch_;
  Queue waiting_;         // what send() adds to
  Queue leaving_;         // what is being sent and reported
  std::size_t done_ = 0;  // of leaving_: sent or failed, and reported
  bool blocked_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace missive::net

#include "net/udp_socket.h"

#include <netinet/ip.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "base/text.h"
#include "net/socket_options.h"

namespace missive::net {
namespace {

constexpr std::size_t receive_batch = 64;
constexpr std::size_t send_batch = 256;
constexpr std::size_t slot_size = 1 << 16;  // more than any datagram has
constexpr unsigned batches_per_turn = 4;
constexpr std::size_t most_queued = 64 << 20;  // octets; more is refused
constexpr std::size_t kept_queue = 1 << 20;    // octets; more is given back

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

base::Error error_for(int error, std::size_t length, const Address& to) {
  if (error == EMSGSIZE) {
    return {fmt::format("packet of {} octets is too long for UDP", length)};
  }
  if (error == ENOBUFS) return {fmt::format("{}: the UDP send queue is full", to.str())};
  auto text = std::generic_category().message(error);
  if (!text.empty()) text[0] = base::to_lower(text[0]);
  return {fmt::format("{}: {}", to.str(), text)};
}

// The privileged form first: it is not held to net.core.rmem_max.
void set_buffer(int fd, int forced, int plain, int octets) {
  if (octets <= 0) return;
  if (::setsockopt(fd, SOL_SOCKET, forced, &octets, sizeof octets) == 0) return;
  ::setsockopt(fd, SOL_SOCKET, plain, &octets, sizeof octets);
}

void set_options(int fd, int family, const UdpOptions& options) {
  set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, options.receive_buffer);
  set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, options.send_buffer);
  set_type_of_service(fd, family, options.tos);
}

// A bound socket, or -1 with errno set.
int bound_socket(const Address& bind, bool share_port) {
  const int fd = ::socket(bind.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int on = 1;
  bool bound = true;
  if (bind.is_v6()) bound = ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0;
  if (share_port) {
    bound = bound && ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0;
  }
  bound = bound && ::bind(fd, bind.data(), bind.size()) == 0;
  if (bound) return fd;
  const int error = errno;
  ::close(fd);
  errno = error;
  return -1;
}

// Address space for the datagrams of a batch. Only the pages that a datagram reached become
// memory, and most datagrams need one; huge pages would defeat that.
class Slab {
 public:
  Slab() {
    void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    ::madvise(memory, size, MADV_NOHUGEPAGE);
    octets_ = static_cast<char*>(memory);
  }
  ~Slab() { ::munmap(octets_, size); }
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  char* slot(std::size_t i) { return octets_ + i * slot_size; }

 private:
  static constexpr std::size_t size = receive_batch * slot_size;
  char* octets_;
};

}  // namespace

struct UdpSocket::Batch {
  Batch() {
    for (std::size_t i = 0; i < receive_batch; ++i) {
      in_octets[i] = {slab.slot(i), slot_size};
      auto& header = in[i].msg_hdr;
      header.msg_name = from[i].data();
      header.msg_iov = &in_octets[i];
      header.msg_iovlen = 1;
    }
    for (std::size_t i = 0; i < send_batch; ++i) {
      out[i].msg_hdr.msg_iov = &out_octets[i];
      out[i].msg_hdr.msg_iovlen = 1;
    }
  }

  Slab slab;
  std::array<mmsghdr, receive_batch> in{};
  std::array<iovec, receive_batch> in_octets{};
  std::array<Address, receive_batch> from;
  std::array<mmsghdr, send_batch> out{};
  std::array<iovec, send_batch> out_octets{};
};

void UdpSocket::Queue::clear() {
  packets.clear();
  octets.clear();
  if (octets.capacity() > kept_queue) std::string().swap(octets);
  if (packets.capacity() * sizeof(Packet) > kept_queue) std::vector<Packet>().swap(packets);
}

base::Result<std::unique_ptr<UdpSocket>> UdpSocket::open(Shard& shard, const Address& bind,
                                                         const UdpOptions& options,
                                                         UdpReceiver& receiver) {
  const auto cannot = [&bind] {
    return base::fail("cannot bind UDP {}: {}", bind.str(), std::generic_category().message(errno));
  };
  if (options.probe && bind.port() != 0) {
    const int probe = bound_socket(bind, false);
    if (probe < 0) return cannot();
    ::close(probe);
  }
  const int fd = bound_socket(bind, true);
  if (fd < 0) return cannot();
  set_options(fd, bind.family(), options);
  return std::unique_ptr<UdpSocket>(new UdpSocket(shard, fd, receiver));
}

UdpSocket::UdpSocket(Shard& shard, int fd, UdpReceiver& receiver)
    : shard_(shard), fd_(fd), receiver_(receiver), batch_(std::make_unique<Batch>()) {
  socklen_t size = Address::capacity();
  ::getsockname(fd_, local_.data(), &size);
  shard_.poller().watch(*this, fd_, EPOLLIN);
}

UdpSocket::~UdpSocket() {
  *alive_ = false;
  shard_.forget(*this);
  shard_.poller().forget(*this);
  ::close(fd_);
}

void UdpSocket::on_ready(std::uint32_t events) {
  if (blocked_ && (events & (EPOLLOUT | EPOLLERR)) != 0) {
    blocked_ = false;
    shard_.poller().watch(*this, fd_, EPOLLIN);
    shard_.at_turn_end(*this, true);
  }
  if ((events & (EPOLLIN | EPOLLERR)) != 0) receive();
}

void UdpSocket::receive() {
  const auto alive = alive_;
  auto& batch = *batch_;
  for (unsigned round = 0; round < batches_per_turn; ++round) {
    for (auto& header : batch.in) header.msg_hdr.msg_namelen = Address::capacity();
    const int got = ::recvmmsg(fd_, batch.in.data(), receive_batch, MSG_DONTWAIT, nullptr);
    if (got < 0) {
      if (would_block(errno)) return;
      continue;  // EINTR, or what became of an earlier packet: asking has cleared it
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
      receiver_.on_datagram({batch.slab.slot(i), batch.in[i].msg_len}, batch.from[i]);
      if (!*alive) return;
    }
    if (static_cast<std::size_t>(got) < receive_batch) return;
  }
}

void UdpSocket::send(std::string_view packet, const Address& to, SendObserver* observer) {
  Packet entry{waiting_.octets.size(), packet.size(), to, observer, 0};
  if (waiting_.octets.size() + leaving_.octets.size() + packet.size() > most_queued) {
    entry.error = ENOBUFS;
  } else {
    waiting_.octets.append(packet);
  }
  waiting_.packets.push_back(entry);
  if (!blocked_) shard_.at_turn_end(*this, true);
}

void UdpSocket::forget(SendObserver& observer) {
  for (auto* queue : {&waiting_, &leaving_}) {
    for (auto& packet : queue->packets) {
      if (packet.observer == &observer) packet.observer = nullptr;
    }
  }
}

void UdpSocket::on_turn_end() {
  if (leaving_.packets.empty()) std::swap(leaving_, waiting_);
  const auto end = send_from(done_);
  const auto alive = alive_;
  report(end);
  if (!*alive) return;
  if (done_ == leaving_.packets.size()) {
    leaving_.clear();
    done_ = 0;
    if (!waiting_.packets.empty()) shard_.at_turn_end(*this, true);
  }
}

// Sends until all is gone or the socket is full; returns how far it got.
std::size_t UdpSocket::send_from(std::size_t first) {
  auto& packets = leaving_.packets;
  auto& batch = *batch_;
  bool again = true;
  while (first < packets.size()) {
    if (packets[first].error != 0) {
      ++first;
      continue;
    }
    unsigned count = 0;
    for (; count < send_batch && first + count < packets.size(); ++count) {
      auto& packet = packets[first + count];
      if (packet.error != 0) break;
      batch.out_octets[count] = {leaving_.octets.data() + packet.offset, packet.length};
      batch.out[count].msg_hdr.msg_name = packet.to.data();
      batch.out[count].msg_hdr.msg_namelen = packet.to.size();
    }
    const int sent = ::sendmmsg(fd_, batch.out.data(), count, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
      first += static_cast<std::size_t>(sent);
      again = true;
      continue;
    }
    const int error = errno;
    if (error == EINTR) continue;
    if (would_block(error)) {
      blocked_ = true;
      shard_.poller().watch(*this, fd_, EPOLLIN | EPOLLOUT);
      break;
    }
    // It may be the fate of an earlier packet; asked again, it is this one's.
    if (std::exchange(again, false)) continue;
    packets[first++].error = error;
    again = true;
  }
  return first;
}

// Tells the senders of the packets up to `end`; they may send and forget meanwhile.
void UdpSocket::report(std::size_t end) {
  const auto alive = alive_;
  while (done_ < end) {
    const auto& packet = leaving_.packets[done_++];
    auto* const observer = packet.observer;
    if (observer == nullptr) continue;
    if (packet.error == 0) {
      observer->on_sent();
    } else {
      observer->on_send_failed(error_for(packet.error, packet.length, packet.to));
    }
    if (!*alive) return;
  }
}

}  // namespace missive::net

// Many datagrams with one system call: recvmmsg in, sendmmsg out.
//
// A batch has a fixed number of slots, each with a buffer of its own, a length and
// a peer. The same batch may be received into and sent from. Errors of single
// datagrams are counted by the caller from what send() returns. Not thread-safe.
#pragma once

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace missive::bench {

class DatagramBatch {
 public:
  DatagramBatch(std::size_t slots, std::size_t octets)
      : octets_(octets), buffer_(slots * octets), peers_(slots), views_(slots), headers_(slots) {
    for (std::size_t i = 0; i < slots; ++i) {
      views_[i] = iovec{data(i), octets};
      headers_[i].msg_hdr.msg_name = &peers_[i];
      headers_[i].msg_hdr.msg_namelen = sizeof(sockaddr_in);
      headers_[i].msg_hdr.msg_iov = &views_[i];
      headers_[i].msg_hdr.msg_iovlen = 1;
    }
  }
  DatagramBatch(const DatagramBatch&) = delete;
  DatagramBatch& operator=(const DatagramBatch&) = delete;

  std::size_t slots() const { return headers_.size(); }
  std::size_t octets() const { return octets_; }
  char* data(std::size_t slot) { return buffer_.data() + slot * octets_; }
  sockaddr_in& peer(std::size_t slot) { return peers_[slot]; }
  void set_length(std::size_t slot, std::size_t length) { views_[slot].iov_len = length; }

  // What the last receive() put into a slot.
  std::string_view received(std::size_t slot) { return {data(slot), headers_[slot].msg_len}; }
  bool cut(std::size_t slot) const { return (headers_[slot].msg_hdr.msg_flags & MSG_TRUNC) != 0; }

  // Fills slots from the first on; how many, 0 where nothing waits.
  std::size_t receive(int fd) {
    const int count =
        ::recvmmsg(fd, headers_.data(), static_cast<unsigned>(slots()), MSG_DONTWAIT, nullptr);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }

  // send() with neighbours of one length to one peer handed over as one run, which the
  // kernel cuts up again (UDP_SEGMENT): the peer sees the same datagrams, and the sender
  // pays the way through the stack once. How many the kernel took.
  std::size_t send_runs(int fd, std::size_t count) {
    std::size_t taken = 0;
    for (std::size_t at = 0; at < count;) {
      const auto length = run_length(at, count);
      if (length > 1 && send_run(fd, at, length)) {
        taken += length;
      } else {
        taken += send_slots(fd, at, at + length);
      }
      at += length;
    }
    return taken;
  }

  // Sends the first `count` slots; how many the kernel took. One that is refused is
  // skipped, so that the rest still goes out.
  std::size_t send(int fd, std::size_t count) { return send_slots(fd, 0, count); }

 private:
  // What one UDP datagram may hold, and one run with it.
  static constexpr std::size_t run_octets = 65000;

  bool alike(std::size_t a, std::size_t b) const {
    return views_[a].iov_len == views_[b].iov_len && peers_[a].sin_port == peers_[b].sin_port &&
           peers_[a].sin_addr.s_addr == peers_[b].sin_addr.s_addr;
  }

  std::size_t run_length(std::size_t begin, std::size_t count) const {
    auto end = begin + 1;
    while (end < count && alike(begin, end) &&
           (end + 1 - begin) * views_[begin].iov_len <= run_octets) {
      ++end;
    }
    return end - begin;
  }

  bool send_run(int fd, std::size_t begin, std::size_t length) {
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(std::uint16_t))] = {};
    msghdr message = headers_[begin].msg_hdr;
    message.msg_iovlen = length;  // the slots' views stand side by side
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_UDP;
    header->cmsg_type = UDP_SEGMENT;
    header->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    const auto size = static_cast<std::uint16_t>(views_[begin].iov_len);
    std::memcpy(CMSG_DATA(header), &size, sizeof size);
    return ::sendmsg(fd, &message, 0) >= 0;
  }

  std::size_t send_slots(int fd, std::size_t begin, std::size_t count) {
    std::size_t taken = 0;
    for (std::size_t at = begin; at < count;) {
      const int sent = ::sendmmsg(fd, &headers_[at], static_cast<unsigned>(count - at), 0);
      if (sent > 0) {
        taken += static_cast<std::size_t>(sent);
        at += static_cast<std::size_t>(sent);
      } else if (errno != EINTR) {
        ++at;
      }
    }
    return taken;
  }

  std::size_t octets_;
  std::vector<char> buffer_;
  std::vector<sockaddr_in> peers_;
  std::vector<iovec> views_;
  std::vector<mmsghdr> headers_;
};

}  // namespace missive::bench

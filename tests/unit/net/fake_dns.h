// A name server for tests: a table of records, answered on UDP and TCP of one loopback port.
//
// The test drives it: work() answers what waits. Names are asked for in lower case. What goes
// wrong is set per name: `silent`, `refusing` (with a code), `truncated` (the whole on TCP only),
// `mangle` (any octets at all instead of the answer).
#pragma once

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>
#include <list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "unit/net/loop_helper.h"

namespace missive::net {

namespace wire {

inline std::string number(unsigned long value, int octets) {
  std::string out;
  while (octets-- > 0) out += static_cast<char>(value >> (8 * octets));
  return out;
}

inline std::string name(std::string_view text) {
  std::string out;
  for (const auto label : base::split_list(text, '.')) {
    out += static_cast<char>(label.size());
    out += label;
  }
  return out + '\0';
}

inline std::string text(std::string_view value) {
  return static_cast<char>(value.size()) + std::string(value);
}

inline std::string resource(std::string_view owner, int type, unsigned long ttl,
                            std::string_view data) {
  return name(owner) + number(static_cast<unsigned long>(type), 2) + number(1, 2) + number(ttl, 4) +
         number(data.size(), 2) + std::string(data);
}

inline std::string srv(int priority, int weight, int port, std::string_view target) {
  return number(static_cast<unsigned long>(priority), 2) +
         number(static_cast<unsigned long>(weight), 2) +
         number(static_cast<unsigned long>(port), 2) + name(target);
}

inline std::string naptr(int order, int preference, std::string_view flags,
                         std::string_view service, std::string_view regexp,
                         std::string_view replacement) {
  return number(static_cast<unsigned long>(order), 2) +
         number(static_cast<unsigned long>(preference), 2) + text(flags) + text(service) +
         text(regexp) + name(replacement);
}

inline std::string ip(std::string_view value) {
  const int family = value.find(':') == value.npos ? AF_INET : AF_INET6;
  std::string octets(family == AF_INET ? 4 : 16, '\0');
  EXPECT_EQ(::inet_pton(family, std::string(value).c_str(), octets.data()), 1) << value;
  return octets;
}

}  // namespace wire

class FakeDns {
 public:
  FakeDns() {
    Address at = address_of(udp_.fd());
    EXPECT_EQ(::bind(tcp_.fd(), at.data(), at.size()), 0);
    EXPECT_EQ(::listen(tcp_.fd(), 4), 0);
  }

  Address address() const { return address_of(udp_.fd()); }

  // The table. A name is there as soon as it has a record of any type.
  void host(const std::string& name, const std::vector<std::string>& ips, unsigned ttl = 60) {
    clear(name);
    for (const auto& ip : ips) {
      add(name, ip.find(':') == ip.npos ? ns_t_a : ns_t_aaaa, wire::ip(ip), ttl);
    }
  }
  void srv(const std::string& name, int priority, int weight, int port, std::string_view target,
           unsigned ttl = 60) {
    add(name, ns_t_srv, wire::srv(priority, weight, port, target), ttl);
  }
  void naptr(const std::string& name, int order, int preference, std::string_view flags,
             std::string_view service, std::string_view replacement, unsigned ttl = 60) {
    add(name, ns_t_naptr, wire::naptr(order, preference, flags, service, "", replacement), ttl);
  }
  void alias(const std::string& name, std::string_view target, unsigned ttl = 60) {
    add(name, ns_t_cname, wire::name(target), ttl);
  }
  void clear(const std::string& name) {
    std::erase_if(records_, [&name](const auto& record) { return record.owner == name; });
  }

  std::set<std::string> silent;
  std::map<std::string, int> refusing;  // with this code
  std::set<std::string> truncated;
  std::function<std::string(std::string answer)> mangle;
  unsigned long soa_minimum = 0;       // of answers without records; 0: they have no SOA record
  std::vector<std::string> questions;  // "SRV _sip._udp.example.org"

  std::size_t count(std::string_view question) const {
    return static_cast<std::size_t>(std::count(questions.begin(), questions.end(), question));
  }

  // Answers what waits.
  void work() {
    std::array<char, 4096> query;
    while (true) {
      Address from;
      socklen_t size = Address::capacity();
      const auto got =
          ::recvfrom(udp_.fd(), query.data(), query.size(), MSG_DONTWAIT, from.data(), &size);
      if (got <= 0) break;
      const auto reply = answer({query.data(), static_cast<std::size_t>(got)}, false);
      if (reply.empty()) continue;
      ::sendto(udp_.fd(), reply.data(), reply.size(), 0, from.data(), from.size());
    }
    const int fd = ::accept4(tcp_.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) streams_.emplace_back(fd);
    for (auto& stream : streams_) work_on(stream);
  }

 private:
  struct Record {
    std::string owner;
    int type;
    std::string data;
    unsigned ttl;
  };
  struct Stream {
    explicit Stream(int fd) : socket(fd) {}
    PlainSocket socket;
    std::string input;
  };

  // One that no other process uses, so that the port is free for TCP too.
  static std::string own_address() {
    const auto pid = ::getpid();
    return fmt::format("127.53.{}.{}", (pid >> 8) & 255, pid & 255);
  }
  static PlainSocket stream_socket() {
    return PlainSocket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  }
  void add(const std::string& name, int type, std::string data, unsigned ttl) {
    records_.push_back(Record{name, type, std::move(data), ttl});
  }

  void work_on(Stream& stream) {
    stream.input += stream.socket.read_now();
    while (stream.input.size() > 2) {
      const auto size = static_cast<std::size_t>(static_cast<unsigned char>(stream.input[0]) << 8 |
                                                 static_cast<unsigned char>(stream.input[1]));
      if (stream.input.size() < size + 2) return;
      const auto reply = answer(stream.input.substr(2, size), true);
      stream.input.erase(0, size + 2);
      if (!reply.empty()) stream.socket.send(wire::number(reply.size(), 2) + reply);
    }
  }

  static std::string type_name(int type) {
    switch (type) {
      case ns_t_a:
        return "A";
      case ns_t_aaaa:
        return "AAAA";
      case ns_t_srv:
        return "SRV";
      case ns_t_naptr:
        return "NAPTR";
      default:
        return fmt::format("TYPE{}", type);
    }
  }

  std::string answer(std::string_view query, bool by_tcp) {
    std::size_t at = 12;
    std::string name;
    while (query.at(at) != 0) {
      const auto length = static_cast<std::size_t>(query[at]);
      name += (name.empty() ? "" : ".") + base::lower(query.substr(at + 1, length));
      at += length + 1;
    }
    const int type = static_cast<unsigned char>(query.at(at + 1)) << 8 |
                     static_cast<unsigned char>(query.at(at + 2));
    questions.push_back(type_name(type) + " " + name + (by_tcp ? " by TCP" : ""));
    if (silent.count(name) != 0) return {};
    const auto question = query.substr(12, at + 5 - 12);
    auto reply = compose(query.substr(0, 2), question, name, type, by_tcp);
    return mangle ? mangle(reply) : reply;
  }

  std::string compose(std::string_view id, std::string_view question, const std::string& name,
                      int type, bool by_tcp) const {
    const bool cut = !by_tcp && truncated.count(name) != 0;
    std::string answers;
    unsigned count = 0;
    bool known = false;
    auto owner = name;
    for (int hop = 0; hop < 20 && !cut; ++hop) {
      std::string target;
      for (const auto& record : records_) {
        if (record.owner != owner) continue;
        known = true;
        if (record.type != type && record.type != ns_t_cname) continue;
        answers += wire::resource(owner, record.type, record.ttl, record.data);
        ++count;
        if (record.type == ns_t_cname) target = spell(record.data);
      }
      if (target.empty()) break;
      owner = target;
    }
    const auto code = refusing.count(name) != 0 ? refusing.at(name) : known || cut ? 0 : 3;
    const bool soa = count == 0 && soa_minimum != 0 && !cut;
    std::string reply(id);
    reply += wire::number(0x8180u | (cut ? 0x0200u : 0u) | static_cast<unsigned>(code), 2);
    reply += wire::number(1, 2) + wire::number(count, 2) + wire::number(soa ? 1 : 0, 2) +
             wire::number(0, 2);
    reply += std::string(question) + answers;
    if (soa) {
      reply += wire::resource("example", ns_t_soa, 3600,
                              wire::name("ns.example") + wire::name("admin.example") +
                                  std::string(16, '\0') + wire::number(soa_minimum, 4));
    }
    return reply;
  }
  // The text of a name that is not compressed.
  static std::string spell(std::string_view data) {
    std::string out;
    for (std::size_t at = 0; data[at] != 0; at += static_cast<std::size_t>(data[at]) + 1) {
      out += (out.empty() ? "" : ".") +
             std::string(data.substr(at + 1, static_cast<std::size_t>(data[at])));
    }
    return out;
  }

  PlainSocket udp_ = bound_udp(own_address().c_str());
  PlainSocket tcp_ = stream_socket();
  std::list<Stream> streams_;
  std::vector<Record> records_;
};

}  // namespace missive::net

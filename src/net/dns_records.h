// SRV and NAPTR records, read from the octets of a name server's answer.
//
// Pure functions. Whatever the octets are, nothing outside them is read. Names come in lower
// case and without the last dot, octets that no host name has as \DDD; the root is ".".
// Records are taken only where they belong to the name that was asked for, by way of its aliases
// (CNAME), and the first 64 of them. No records are no error: the name or its records of this
// type do not exist. A server's refusal and a malformed answer are errors, without the question:
// "the name server's answer is malformed".
// Source: RFC 1035 section 4.1; RFC 2782; RFC 3403 section 4.1; RFC 2308 section 5.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace missive::net {

struct SrvRecord {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint16_t port = 0;
  std::string target;  // ".": the service is decidedly not there
  bool operator==(const SrvRecord&) const = default;
};

struct NaptrRecord {
  std::uint16_t order = 0;
  std::uint16_t preference = 0;
  std::string flags;
  std::string service;
  std::string regexp;
  std::string replacement;  // "." when there is a regexp instead
  bool operator==(const NaptrRecord&) const = default;
};

template <class Record>
struct DnsAnswer {
  std::vector<Record> records;
  // How long it holds: the least of the records and aliases, or what the SOA record says of
  // answers without any.
  std::optional<std::chrono::seconds> ttl;
};

using Octets = std::span<const unsigned char>;

base::Result<DnsAnswer<SrvRecord>> read_srv_answer(Octets message, std::string_view name);
base::Result<DnsAnswer<NaptrRecord>> read_naptr_answer(Octets message, std::string_view name);

}  // namespace missive::net

#include "net/dns_records.h"

#include <ares.h>
#include <arpa/nameser.h>

#include <algorithm>

#include "base/text.h"

namespace missive::net {
namespace {

using std::chrono::seconds;

constexpr std::size_t header_size = 12;
constexpr std::size_t most_kept = 64;
constexpr int most_aliases = 16;

// Goes through a part of a message; fails for good at the first step beyond its end.
class Reader {
 public:
  Reader(Octets message, std::size_t at, std::size_t end)
      : message_(message), at_(at), end_(std::min(end, message.size())) {}

  bool failed() const { return failed_; }
  std::size_t at() const { return at_; }

  std::uint32_t number(std::size_t octets) {
    std::uint32_t value = 0;
    for (const auto octet : take(octets)) value = value << 8 | octet;
    return value;
  }
  void skip(std::size_t octets) { take(octets); }

  // A name, which may go on anywhere in the message.
  std::string name() {
    char* text = nullptr;
    long used = 0;
    if (failed_ || at_ >= end_ ||
        ares_expand_name(message_.data() + at_, message_.data(), static_cast<int>(message_.size()),
                         &text, &used) != ARES_SUCCESS) {
      failed_ = true;
      return {};
    }
    auto out = base::lower(text);
    ares_free_string(text);
    skip(static_cast<std::size_t>(used));
    return out.empty() ? "." : out;
  }
  // <character-string> of RFC 1035.
  std::string text() {
    const auto octets = take(number(1));
    return {octets.begin(), octets.end()};
  }

 private:
  Octets take(std::size_t octets) {
    if (failed_ || at_ > end_ || octets > end_ - at_) {
      failed_ = true;
      return {};
    }
    at_ += octets;
    return message_.subspan(at_ - octets, octets);
  }

  Octets message_;
  std::size_t at_;
  std::size_t end_;
  bool failed_ = false;
};

struct Resource {
  std::string owner;
  std::uint32_t type = 0;
  seconds ttl{0};
  std::size_t begin = 0;  // of its data
  std::size_t end = 0;
};

struct Message {
  std::vector<Resource> answers;
  std::vector<Resource> authorities;
};

std::vector<Resource> read_resources(Reader& reader, std::uint32_t count) {
  std::vector<Resource> out;
  for (std::uint32_t i = 0; i < count && !reader.failed(); ++i) {
    Resource resource;
    resource.owner = reader.name();
    resource.type = reader.number(2);
    const auto in_class = reader.number(2) == ns_c_in;
    const auto ttl = reader.number(4);
    // RFC 2181 section 8: with the highest bit it is none.
    resource.ttl = seconds{ttl > 0x7FFFFFFF ? 0 : ttl};
    const auto size = reader.number(2);
    resource.begin = reader.at();
    reader.skip(size);
    resource.end = reader.at();
    if (in_class && !reader.failed()) out.push_back(std::move(resource));
  }
  return out;
}

tl::unexpected<base::Error> malformed() {
  return base::fail("the name server's answer is malformed");
}

base::Result<Message> read_message(Octets octets) {
  if (octets.size() < header_size || octets.size() > 65535) return malformed();
  Reader reader(octets, 2, octets.size());
  const auto flags = reader.number(2);
  const auto questions = reader.number(2);
  const auto answers = reader.number(2);
  const auto authorities = reader.number(2);
  reader.skip(2);
  if (const auto code = flags & 0xF; code != ns_r_noerror && code != ns_r_nxdomain) {
    return base::fail("the name server answers with error {}", code);
  }
  for (std::uint32_t i = 0; i < questions && !reader.failed(); ++i) {
    reader.name();
    reader.skip(4);
  }
  Message out;
  out.answers = read_resources(reader, answers);
  out.authorities = read_resources(reader, authorities);
  if (reader.failed()) return malformed();
  return out;
}

bool read(Reader& reader, SrvRecord& out) {
  out.priority = static_cast<std::uint16_t>(reader.number(2));
  out.weight = static_cast<std::uint16_t>(reader.number(2));
  out.port = static_cast<std::uint16_t>(reader.number(2));
  out.target = reader.name();
  return !reader.failed();
}

bool read(Reader& reader, NaptrRecord& out) {
  out.order = static_cast<std::uint16_t>(reader.number(2));
  out.preference = static_cast<std::uint16_t>(reader.number(2));
  out.flags = reader.text();
  out.service = reader.text();
  out.regexp = reader.text();
  out.replacement = reader.name();
  return !reader.failed();
}

// RFC 2308 section 5: the lesser of the record's TTL and its last field.
std::optional<seconds> negative_ttl(Octets octets, const Message& message) {
  for (const auto& resource : message.authorities) {
    if (resource.type != ns_t_soa) continue;
    Reader reader(octets, resource.begin, resource.end);
    reader.name();
    reader.name();
    reader.skip(16);
    const seconds minimum{reader.number(4)};
    if (!reader.failed()) return std::min(resource.ttl, minimum);
  }
  return std::nullopt;
}

template <class Record>
class Search {
 public:
  Search(Octets octets, const Message& message, std::uint32_t type)
      : octets_(octets), message_(message), type_(type) {}

  base::Result<DnsAnswer<Record>> run(std::string owner) {
    for (int i = 0; i <= most_aliases; ++i) {
      if (!take_records(owner)) return malformed();
      if (!answer_.records.empty()) return answer_;
      const auto* alias = find_alias(owner);
      if (alias == nullptr) {
        answer_.ttl = negative_ttl(octets_, message_);
        return answer_;
      }
      note(alias->ttl);
      Reader reader(octets_, alias->begin, alias->end);
      owner = reader.name();
      if (reader.failed()) return malformed();
    }
    return base::fail("the name is an alias that leads nowhere");
  }

 private:
  bool take_records(const std::string& owner) {
    for (const auto& resource : message_.answers) {
      if (resource.type != type_ || resource.owner != owner) continue;
      Record record;
      Reader reader(octets_, resource.begin, resource.end);
      if (!read(reader, record)) return false;
      if (answer_.records.size() == most_kept) continue;
      answer_.records.push_back(std::move(record));
      note(resource.ttl);
    }
    return true;
  }
  const Resource* find_alias(const std::string& owner) const {
    for (const auto& resource : message_.answers) {
      if (resource.type == ns_t_cname && resource.owner == owner) return &resource;
    }
    return nullptr;
  }
  void note(seconds ttl) { answer_.ttl = std::min(answer_.ttl.value_or(ttl), ttl); }

  Octets octets_;
  const Message& message_;
  std::uint32_t type_;
  DnsAnswer<Record> answer_;
};

template <class Record>
base::Result<DnsAnswer<Record>> read_answer(Octets octets, std::string_view name,
                                            std::uint32_t type) {
  const auto message = read_message(octets);
  if (!message) return tl::unexpected(message.error());
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  return Search<Record>(octets, *message, type).run(base::lower(name));
}

}  // namespace

base::Result<DnsAnswer<SrvRecord>> read_srv_answer(Octets message, std::string_view name) {
  return read_answer<SrvRecord>(message, name, ns_t_srv);
}

base::Result<DnsAnswer<NaptrRecord>> read_naptr_answer(Octets message, std::string_view name) {
  return read_answer<NaptrRecord>(message, name, ns_t_naptr);
}

}  // namespace missive::net

// The order in which the hosts of SRV records are tried (RFC 2782, "Usage rules").
//
// The lowest priority first; within one priority drawn by weight, anew with each call. Where all
// weights of a priority are 0 each order is as likely. Pure but for `below`.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "net/dns_records.h"

namespace missive::sip {

// `below(n)` is a random number in [0, n).
void order_srv(std::vector<net::SrvRecord>& records,
               const std::function<std::uint64_t(std::uint64_t)>& below);

}  // namespace missive::sip

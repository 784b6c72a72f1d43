// Opens one outgoing TCP connection without blocking the shard.
//
// The callback comes exactly once on the shard's thread, not from inside the
// constructor: with a connected, non-blocking descriptor that it then owns, or with why not
// ("cannot connect to 127.0.0.2:5060: Connection refused"). Destroying the Connector gives
// up without a call. Source: connect(2).
#pragma once

#include "base/result.h"
#include "base/unique_function.h"
#include "net/address.h"
#include "net/poller.h"
#include "net/shard.h"

namespace missive::net {

class Connector final : private Watched {
 public:
  using Callback = base::UniqueFunction<void(base::Result<int>)>;

  // `from`: the local address to leave from (its port is not used); unset or 0.0.0.0: any.
  Connector(Shard& shard, const Address& from, const Address& to, base::Duration timeout,
            Callback callback);
  ~Connector() override;
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

 private:
  int begin(const Address& from);  // 0, or an error of errno
  void on_ready(std::uint32_t events) override;
  void finish(int error);

  Shard& shard_;
  Address to_;
  Callback callback_;
  int fd_ = -1;
  int error_ = 0;
  CallbackTimer timer_;
};

}  // namespace missive::net

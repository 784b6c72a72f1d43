// The Dialect of pjsip.conf.
#include "pjsip/dialect.h"

namespace missive::pjsip {
namespace {

class PjsipDialect final : public Dialect {
 public:
  std::string_view technology() const override { return "pjsip"; }

  std::optional<message::Refusal> resolve(const Configuration& configuration,
                                          const LocationService& locations,
                                          const message::Message& message, Resolution& out,
                                          Trace* trace) const override {
    return pjsip::resolve(configuration, locations, message.address(), out, trace);
  }
  std::optional<message::Refusal> find_recipient(const Configuration& configuration,
                                                 const LocationService& locations,
                                                 const message::Message& message,
                                                 Resolution& out) const override {
    return pjsip::find_recipient(configuration, locations, message.address(), out);
  }
  base::Result<void> sort_variables(const Configuration& configuration,
                                    const message::Message& message,
                                    OutgoingHeaders& out) const override {
    return pjsip::sort_variables(message.variables(),
                                 static_cast<int>(configuration.global().max_forwards), out);
  }
  base::Result<void> write(const MessageRequest& what, std::string_view protocol,
                           const sip::SentBy& own, const RequestIdentity& identity,
                           sip::OutgoingRequest& out) const override {
    return write_message(what, protocol, own, identity, out);
  }
};

}  // namespace

const Dialect& pjsip_dialect() {
  static const PjsipDialect dialect;
  return dialect;
}

}  // namespace missive::pjsip

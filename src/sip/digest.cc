#include "sip/digest.h"

#include <openssl/evp.h>

#include <initializer_list>
#include <stdexcept>

#include "base/text.h"
#include "sip/chars.h"
#include "sip/name_addr.h"
#include "sip/params.h"

namespace missive::sip {

namespace {

constexpr std::array<std::string_view, 6> algorithm_names{
    "MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256", "SHA-512-256-sess"};

const EVP_MD* evp(DigestHash hash) {
  switch (hash) {
    case DigestHash::sha256:
      return EVP_sha256();
    case DigestHash::sha512_256:
      return EVP_sha512_256();
    default:
      return EVP_md5();
  }
}

std::string hash_hex(DigestHash hash, std::string_view text) {
  static constexpr std::string_view hex = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> octets;
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), octets.data(), &size, evp(hash), nullptr) != 1) {
    throw std::runtime_error(
        fmt::format("OpenSSL does not provide {}", algorithm_name({hash, false})));
  }
  std::string out;
  out.reserve(2 * size);
  for (unsigned i = 0; i < size; ++i) out += {hex[octets[i] >> 4], hex[octets[i] & 15]};
  return out;
}

// H(a:b:c)
std::string hash_joined(DigestHash hash, std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const auto part : parts) text.append(part).push_back(':');
  text.pop_back();
  return hash_hex(hash, text);
}

std::string_view qop_name(DigestQop qop) { return qop == DigestQop::auth ? "auth" : "auth-int"; }

std::string nonce_count_hex(std::uint32_t count) { return fmt::format("{:08x}", count); }

// One `name = value` of a challenge, with the ',' after it.
struct AuthParam {
  std::string_view name;
  std::string value;
};

base::Result<AuthParam> take_auth_param(std::string_view& rest) {
  AuthParam param;
  chars::skip_blanks(rest);
  const auto shown = base::printable(rest, 60);
  param.name = chars::take_run(rest, chars::token);
  if (param.name.empty() || !chars::take(rest, '=')) {
    return base::fail("challenge: 'name=value' expected at '{}'", shown);
  }
  chars::skip_blanks(rest);
  if (!rest.empty() && rest.front() == '"') {
    const auto inside = take_quoted(rest);
    if (!inside) return base::fail("challenge: the closing '\"' is missing in '{}'", shown);
    param.value = unquote(*inside);
  } else {
    param.value = chars::take_run(rest, chars::token);
    if (param.value.empty()) return base::fail("challenge: the value is missing in '{}'", shown);
  }
  chars::skip_blanks(rest);
  if (rest.empty()) return param;
  if (!chars::take(rest, ',')) return base::fail("challenge: ',' expected after '{}'", shown);
  chars::skip_blanks(rest);
  if (rest.empty()) return base::fail("challenge: nothing follows the last ','");
  return param;
}

base::Result<void> take_qop(std::string_view list, Challenge& challenge) {
  for (const auto qop : base::split_list(list)) {
    challenge.qop_auth |= chars::same_name(qop, "auth");
    challenge.qop_auth_int |= chars::same_name(qop, "auth-int");
  }
  if (challenge.qop_auth || challenge.qop_auth_int) return {};
  return base::fail("challenge: qop '{}' is not supported; auth and auth-int are",
                    base::printable(list, 60));
}

base::Result<void> apply(AuthParam& param, Challenge& challenge) {
  if (chars::same_name(param.name, "realm")) {
    challenge.realm = std::move(param.value);
  } else if (chars::same_name(param.name, "nonce")) {
    challenge.nonce = std::move(param.value);
  } else if (chars::same_name(param.name, "opaque")) {
    challenge.opaque = std::move(param.value);
  } else if (chars::same_name(param.name, "stale")) {
    challenge.stale = base::iequals(param.value, "true");
  } else if (chars::same_name(param.name, "qop")) {
    return take_qop(param.value, challenge);
  } else if (chars::same_name(param.name, "algorithm")) {
    const auto algorithm = parse_algorithm(param.value);
    if (!algorithm) {
      return base::fail("challenge: the algorithm '{}' is not supported",
                        base::printable(param.value, 60));
    }
    challenge.algorithm = *algorithm;
    challenge.algorithm_given = true;
  }
  return {};
}

bool can_answer(const Challenge& challenge, const Credentials& credentials) {
  return !credentials.password.empty() || credentials.has_ha1(challenge.algorithm.hash);
}

void append_param(std::string& out, std::string_view name, std::string_view value) {
  out.append(", ").append(name).append("=");
  append_quoted(out, value);
}

}  // namespace

std::string_view algorithm_name(DigestAlgorithm algorithm) {
  return algorithm_names[2 * static_cast<std::size_t>(algorithm.hash) + algorithm.session];
}

std::optional<DigestAlgorithm> parse_algorithm(std::string_view name) {
  for (std::size_t i = 0; i < algorithm_names.size(); ++i) {
    if (!base::iequals(name, algorithm_names[i])) continue;
    return DigestAlgorithm{static_cast<DigestHash>(i / 2), i % 2 == 1};
  }
  return std::nullopt;
}

DigestQop Challenge::qop() const {
  if (qop_auth) return DigestQop::auth;
  return qop_auth_int ? DigestQop::auth_int : DigestQop::none;
}

base::Result<Challenge> parse_challenge(std::string_view value) {
  auto rest = base::trim(value);
  const auto scheme = chars::take_run(rest, chars::token);
  if (!chars::same_name(scheme, "digest") || rest.empty() || !base::is_blank(rest.front())) {
    return base::fail("challenge: '{}' is not of the scheme Digest", base::printable(value, 60));
  }
  Challenge challenge;
  bool has_realm = false;
  do {
    auto param = take_auth_param(rest);
    if (!param) return tl::unexpected(std::move(param.error()));
    has_realm |= chars::same_name(param->name, "realm");
    if (auto ok = apply(*param, challenge); !ok) return tl::unexpected(std::move(ok.error()));
  } while (!rest.empty());
  if (!has_realm || challenge.nonce.empty()) {
    return base::fail("challenge: realm and nonce are needed, '{}' lacks one",
                      base::printable(value, 80));
  }
  return challenge;
}

const Challenge* choose_challenge(std::span<const Challenge> challenges,
                                  const Credentials& credentials) {
  const Challenge* best = nullptr;
  for (const auto& challenge : challenges) {
    if (!can_answer(challenge, credentials)) continue;
    if (best == nullptr || challenge.algorithm.hash > best->algorithm.hash) best = &challenge;
  }
  return best;
}

std::string digest_ha1(DigestHash hash, std::string_view username, std::string_view realm,
                       std::string_view password) {
  return hash_joined(hash, {username, realm, password});
}

std::string digest_response(DigestAlgorithm algorithm, DigestQop qop, std::string_view ha1,
                            std::string_view nonce, const DigestRequest& request) {
  const auto hash = algorithm.hash;
  std::string session;
  if (algorithm.session) {
    session = hash_joined(hash, {ha1, nonce, request.cnonce});
    ha1 = session;
  }
  const auto ha2 =
      qop == DigestQop::auth_int
          ? hash_joined(hash, {request.method, request.uri, hash_hex(hash, request.body)})
          : hash_joined(hash, {request.method, request.uri});
  if (qop == DigestQop::none) return hash_joined(hash, {ha1, nonce, ha2});
  const auto count = nonce_count_hex(request.nonce_count);
  return hash_joined(hash, {ha1, nonce, count, request.cnonce, qop_name(qop), ha2});
}

base::Result<std::string> authorization(const Challenge& challenge, const Credentials& credentials,
                                        const DigestRequest& request) {
  const auto hash = challenge.algorithm.hash;
  if (!can_answer(challenge, credentials)) {
    return base::fail("there is neither a password nor a {} digest for user '{}' in realm '{}'",
                      algorithm_name({hash, false}), base::printable(credentials.username, 60),
                      base::printable(challenge.realm, 60));
  }
  const auto ha1 =
      credentials.has_ha1(hash)
          ? base::lower(credentials.ha1[static_cast<std::size_t>(hash)])
          : digest_ha1(hash, credentials.username, challenge.realm, credentials.password);
  const auto qop = challenge.qop();
  std::string out = "Digest username=";
  append_quoted(out, credentials.username);
  append_param(out, "realm", challenge.realm);
  append_param(out, "nonce", challenge.nonce);
  append_param(out, "uri", request.uri);
  append_param(out, "response",
               digest_response(challenge.algorithm, qop, ha1, challenge.nonce, request));
  if (challenge.algorithm_given) {
    out.append(", algorithm=").append(algorithm_name(challenge.algorithm));
  }
  if (qop != DigestQop::none || challenge.algorithm.session) {
    append_param(out, "cnonce", request.cnonce);
  }
  if (challenge.opaque) append_param(out, "opaque", *challenge.opaque);
  if (qop != DigestQop::none) {
    out.append(", qop=").append(qop_name(qop));
    out.append(", nc=").append(nonce_count_hex(request.nonce_count));
  }
  return out;
}

}  // namespace missive::sip

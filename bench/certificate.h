// A certificate for 127.0.0.1 that lasts a day, made for one run.
//
// Self-signed, on an elliptic curve (P-256). Throws std::runtime_error when OpenSSL or the disk
// refuses.
#pragma once

#include <filesystem>

namespace missive::bench {

// Writes both as PEM.
void write_certificate(const std::filesystem::path& certificate, const std::filesystem::path& key);

}  // namespace missive::bench

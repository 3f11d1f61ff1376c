#include "provision/gate/verify.h"

#include <utility>

namespace kubegate::gate {

Verified verify(std::string_view envelope_json, std::span<const PublicKey> keys, Time now) {
  Verified out;
  const auto refuse = [&](std::string why) {
    out.record.reset();
    out.refusal = std::move(why);
    return out;
  };
  const Result<Envelope> envelope = read_envelope(envelope_json);
  if (!envelope) return refuse(envelope.error().message);
  for (const std::size_t place : signers_of(*envelope, keys)) out.key_ids.push_back(keys[place].id());
  if (out.key_ids.empty()) {
    return refuse(envelope->signatures.empty() ? "has no signature"
                                               : "is signed by none of the given keys, or was changed");
  }
  if (envelope->payload_type != kPayloadType) {
    return refuse("holds \"" + envelope->payload_type + "\" and not " + std::string(kPayloadType));
  }
  Result<Record> record = read_record(envelope->payload);
  if (!record) return refuse(record.error().message);
  const auto [issued, expires] =
      std::visit([](const auto& said) { return std::pair(said.issued, said.expires); }, *record);
  if (issued > now + kClockSkew) return refuse("was issued at " + format_time(issued) + ", which is yet to come");
  if (expires <= now) return refuse("expired at " + format_time(expires));
  out.digest = sha256_hex(envelope->payload);
  out.record = std::move(*record);
  return out;
}

}  // namespace kubegate::gate

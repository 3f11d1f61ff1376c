// What may be believed of a record, and until when.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "provision/gate/envelope.h"
#include "provision/gate/record.h"

namespace kubegate::gate {

// A record whose signature holds and that is neither expired nor of the future; or why it is none.
struct Verified {
  std::optional<Record> record;      // nothing where there is a refusal
  std::vector<std::string> key_ids;  // of the keys that signed
  std::string digest;                // SHA-256 of the payload, by which other records name this one
  std::string refusal;               // one sentence; empty where the record may be believed
};

// How far clocks may differ: a record that was issued later than this from now is refused.
inline constexpr std::chrono::minutes kClockSkew{5};

// Checks signatures first, by the given keys and no others, and reads the payload only when one holds.
Verified verify(std::string_view envelope_json, std::span<const PublicKey> keys, Time now);

}  // namespace kubegate::gate

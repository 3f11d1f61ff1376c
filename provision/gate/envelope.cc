#include "provision/gate/envelope.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "provision/gate/json.h"
#include "validate/base/base64.h"
#include "validate/report/json_text.h"

namespace kubegate::gate {
namespace {

Error fault(std::string message) { return {ErrorCode::kData, "", std::move(message)}; }

// Base64 of either alphabet, as DSSE has it.
bool decode(std::string_view text, std::string& out) {
  std::size_t bad;
  const bool url = text.find_first_of("-_") != std::string_view::npos;
  return decode_base64(text, url, true, out, bad);
}

}  // namespace

std::string pre_authentication(std::string_view payload_type, std::string_view payload) {
  std::string out = "DSSEv1 ";
  out.reserve(payload_type.size() + payload.size() + 48);
  out.append(std::to_string(payload_type.size())).append(" ").append(payload_type).append(" ");
  out.append(std::to_string(payload.size())).append(" ").append(payload);
  return out;
}

Result<Envelope> read_envelope(std::string_view json) {
  if (json.size() > kMaxEnvelope) return Error{ErrorCode::kLimit, "", "is larger than the 16 MiB of a record"};
  const JsonDocument document(json);
  if (!document.fault().empty()) return fault("is no record: " + document.fault());
  const JsonNode root = document.root();
  const std::optional<std::string_view> type = root["payloadType"].text(), payload = root["payload"].text();
  const JsonNode signatures = root["signatures"];
  if (!type || !payload || !signatures.is_array()) {
    return fault("is no record: a DSSE envelope has the members payloadType, payload and signatures");
  }
  Envelope envelope;
  envelope.payload_type = *type;
  if (!decode(*payload, envelope.payload)) return fault("has a payload that is no base64");
  for (const JsonNode item : signatures.items()) {
    if (envelope.signatures.size() == kMaxSignatures) {
      return Error{ErrorCode::kLimit, "", "has more than " + std::to_string(kMaxSignatures) + " signatures"};
    }
    Signature signature;
    signature.key_id = item["keyid"].text().value_or("");
    const std::optional<std::string_view> bytes = item["sig"].text();
    if (!bytes || !decode(*bytes, signature.bytes)) return fault("has a signature that is no base64");
    envelope.signatures.push_back(std::move(signature));
  }
  return envelope;
}

std::string write_envelope(const Envelope& envelope) {
  std::string out;
  report::CompactJson json(out);
  json.begin_object();
  json.member("payloadType", envelope.payload_type);
  json.member("payload", encode_base64(envelope.payload, false, true));
  json.begin_array("signatures");
  for (const Signature& signature : envelope.signatures) {
    json.begin_object();
    json.member("keyid", signature.key_id);
    json.member("sig", encode_base64(signature.bytes, false, true));
    json.end_object();
  }
  json.end_array();
  json.end_object();
  out += '\n';
  return out;
}

Signer signer_of(PrivateKey key) {
  std::string id = key.public_key().id();
  auto shared = std::make_shared<PrivateKey>(std::move(key));  // std::function copies what it holds
  return {std::move(id), [shared](std::string_view message) { return shared->sign(message); }};
}

Result<Done> sign(Envelope& envelope, const Signer& signer) {
  Result<std::string> bytes = signer.sign(pre_authentication(envelope.payload_type, envelope.payload));
  if (!bytes) return bytes.error();
  envelope.signatures.push_back({signer.key_id, std::move(*bytes)});
  return Done{};
}

std::vector<std::size_t> signers_of(const Envelope& envelope, std::span<const PublicKey> keys) {
  const std::string message = pre_authentication(envelope.payload_type, envelope.payload);
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const bool signed_by = std::ranges::any_of(
        envelope.signatures, [&](const Signature& signature) { return keys[i].verifies(message, signature.bytes); });
    if (signed_by) out.push_back(i);
  }
  return out;
}

}  // namespace kubegate::gate

// Envelopes: how a record and its signatures travel together (DSSE, Dead Simple Signing Envelope, version 1.0.2).
//
//   {"payloadType": "application/vnd.in-toto+json", "payload": "<base64>",
//    "signatures": [{"keyid": "<64 hex digits>", "sig": "<base64>"}]}
//
// What is signed is not the JSON but the pre-authentication encoding of type and payload, so that nobody has to agree on
// how JSON is written. The payload is not looked into before a signature holds.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "provision/gate/key.h"
#include "validate/base/result.h"

namespace kubegate::gate {

struct Signature {
  std::string key_id;  // a hint; which key signed is what verifying tells
  std::string bytes;
};

struct Envelope {
  std::string payload_type;
  std::string payload;  // decoded
  std::vector<Signature> signatures;
};

inline constexpr std::size_t kMaxEnvelope = std::size_t{16} << 20;  // bytes of its JSON
inline constexpr std::size_t kMaxSignatures = 16;

// "DSSEv1 <length of type> <type> <length of payload> <payload>".
std::string pre_authentication(std::string_view payload_type, std::string_view payload);

// Errors: kData with what is wrong, kLimit beyond the bounds above. Members that it does not know are left alone, as DSSE
// asks.
Result<Envelope> read_envelope(std::string_view json);

// One line of JSON with a line break behind it; equal envelopes give equal bytes.
std::string write_envelope(const Envelope& envelope);

// Makes signatures: the id of the key, and what signs.
struct Signer {
  std::string key_id;
  std::function<Result<std::string>(std::string_view message)> sign;
};
Signer signer_of(PrivateKey key);

// Adds a signature over type and payload.
Result<Done> sign(Envelope& envelope, const Signer& signer);

// Which of the keys have signed, by their places in `keys`, each once. Empty: nothing in the envelope can be believed.
std::vector<std::size_t> signers_of(const Envelope& envelope, std::span<const PublicKey> keys);

}  // namespace kubegate::gate

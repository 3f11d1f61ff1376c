// Tokens: taking JSON Web Tokens apart and checking them. Only the compact form of JWS is read. Which keys are tried,
// and in what order the parts are checked, is OPA's (topdown/tokens.go): a token's key id picks its key, all keys are
// tried where none matches, and a key that names its algorithm is for that one alone. Tested by cases/jwt.txt and the
// conformance cases jwt*.
#include <algorithm>

#include "validate/base/base64.h"
#include "policy/rego/builtins/functions.h"
#include "policy/rego/builtins/json_text.h"
#include "policy/rego/builtins/operands.h"
#include "policy/rego/builtins/signature.h"

namespace kubegate::rego {
namespace {

struct Token {
  std::string_view signed_part;  // header and payload with the period between them
  std::string_view header, payload, signature;
  Value decoded_header;
};

bool split_token(BuiltinContext& context, std::string_view encoded, Token& out) {
  const auto periods = std::count(encoded.begin(), encoded.end(), '.');
  if (periods == 0) return context.fail("encoded JWT had no period separators"), false;
  if (periods != 2) {
    context.fail("encoded JWT must have 3 sections, found " + std::to_string(periods + 1));
    return false;
  }
  const std::size_t first = encoded.find('.'), second = encoded.find('.', first + 1);
  out.signed_part = encoded.substr(0, second);
  out.header = encoded.substr(0, first);
  out.payload = encoded.substr(first + 1, second - first - 1);
  out.signature = encoded.substr(second + 1);
  return true;
}

bool decode_part(BuiltinContext& context, std::string_view part, std::string_view prefix, std::string& out) {
  std::string error;
  if (decode_base64url(part, out, error)) return true;
  context.fail(std::string(prefix) + error);
  return false;
}

bool json_object(BuiltinContext& context, std::string_view json, std::string_view prefix, Value& out) {
  std::string error;
  if (!unmarshal_json(context.arena(), json, out, error)) {
    context.fail(std::string(prefix) + "invalid JSON: " + error);
    return false;
  }
  if (out.is_object()) return true;
  context.fail(std::string(prefix) + "decoded JSON type was not an Object");
  return false;
}

bool decode_header(BuiltinContext& context, Token& token) {
  std::string json;
  if (!decode_part(context, token.header, "JWT header had invalid encoding: ", json)) return false;
  if (!json_object(context, json, "bad JWT header: ", token.decoded_header)) return false;
  if (!lookup(token.decoded_header, Value::string("enc")).defined()) return true;
  context.fail("JWT is a JWE object, which is not supported");
  return false;
}

constexpr std::string_view kBadPayload = "JWT payload had invalid encoding: ";

// What the header says of itself.
struct Header {
  std::string_view algorithm, key_id, content_type;
  bool unknown_critical = false;
};

bool read_header(BuiltinContext& context, Value decoded, Header& out) {
  Value critical;
  for (Cursor c(decoded); c.next();) {
    const std::string_view key = c.key().text();
    if (key == "crit") {
      critical = c.value();
      if (!critical.is_array()) return context.fail("crit: must be a list"), false;
      if (count(critical) == 0 || !element(critical, 0).is_string()) {
        return context.fail("crit: must be a nonempty list"), false;
      }
    } else if (key == "alg" || key == "kid" || key == "typ" || key == "cty") {
      if (!c.value().is_string()) return context.fail(std::string(key) + ": must be a string"), false;
      const std::string_view text = c.value().text();
      if (key == "alg") out.algorithm = text;
      if (key == "kid") out.key_id = text;
      if (key == "cty") out.content_type = text;
    }
  }
  for (std::uint32_t i = 0; critical.defined() && i < count(critical); ++i) {
    const Value name = element(critical, i);
    if (!name.is_string()) break;
    const std::string_view text = name.text();
    const bool known = text == "alg" || text == "kid" || text == "typ" || text == "cty" || text == "crit";
    if (!known && lookup(decoded, name).defined()) out.unknown_critical = true;
  }
  return true;
}

// Asks `holds` of the key that the header names, or of each that may be meant until one does.
template <class Holds>
bool any_key_holds(const std::vector<TokenKey>& keys, const Header& header, Holds holds) {
  if (!header.key_id.empty()) {
    for (const TokenKey& key : keys) {
      if (key.id == header.key_id) return holds(key);
    }
  }
  return std::any_of(keys.begin(), keys.end(), [&](const TokenKey& key) {
    return (key.algorithm.empty() || key.algorithm == header.algorithm) && holds(key);
  });
}

// io.jwt.verify_rs256 and its kin, by the public key of a certificate or JWKs.
Value verify_by_key(BuiltinContext& context, Args args, std::string_view name) {
  const JwsAlgorithm& algorithm = *find_jws_algorithm(name);
  Token token;
  if (!check(context, args, 1, Type::kString) || !split_token(context, args[0].text(), token)) return Value();
  if (!check(context, args, 2, Type::kString)) return Value();
  std::vector<TokenKey> keys;
  std::string error, signature;
  if (!parse_verification_keys(context.arena(), args[1].text(), keys, error)) return context.fail(error);
  Header header;
  if (!decode_part(context, token.signature, "", signature) || !decode_header(context, token) ||
      !read_header(context, token.decoded_header, header)) {
    return Value();
  }
  return Value::boolean(any_key_holds(keys, header, [&](const TokenKey& key) {
    return token_signature_holds_loosely(key, algorithm, token.signed_part, signature);
  }));
}

Value verify_by_secret(BuiltinContext& context, Args args, std::string_view name) {
  Token token;
  std::string signature;
  if (!check_all(context, args, {Type::kString, Type::kString}) || !split_token(context, args[0].text(), token) ||
      !decode_part(context, token.signature, "", signature)) {
    return Value();
  }
  TokenKey key;
  key.kind = KeyKind::kSecret;
  key.secret = args[1].text();
  return Value::boolean(token_signature_holds(key, *find_jws_algorithm(name), token.signed_part, signature));
}

// What io.jwt.decode_verify is asked to hold a token to.
struct Constraints {
  std::vector<TokenKey> keys;
  bool has_keys = false, has_time = false;
  std::string_view secret, algorithm, issuer, audience;
  double time = 0;  // nanoseconds since 1970
};

bool read_constraint_time(BuiltinContext& context, Value v, double& out) {
  if (!v.is_number()) return context.fail("token time constraint: must be a number"), false;
  if (!policy::number_to_double(v, out)) return context.fail("token time constraint: unvalid float64"), false;
  if (out < 0) return context.fail("token time constraint: must not be negative"), false;
  return true;
}

bool read_constraints(BuiltinContext& context, Value given, Constraints& out) {
  for (Cursor c(given); c.next();) {
    const std::string_view name = c.key().is_string() ? c.key().text() : std::string_view();
    if (name == "time") {
      out.has_time = true;
      if (!read_constraint_time(context, c.value(), out.time)) return false;
      continue;
    }
    if (name != "cert" && name != "secret" && name != "alg" && name != "iss" && name != "aud") {
      context.fail("unknown token validation constraint: " + std::string(name));
      return false;
    }
    if (!c.value().is_string()) return context.fail(std::string(name) + " constraint: must be a string"), false;
    const std::string_view text = c.value().text();
    if (name == "cert") {
      std::string error;
      out.has_keys = true;
      if (!parse_verification_keys(context.arena(), text, out.keys, error)) return context.fail(error), false;
    } else {
      (name == "secret" ? out.secret
       : name == "alg"  ? out.algorithm
       : name == "iss"  ? out.issuer
                        : out.audience) = text;
    }
  }
  if (!out.has_time && !read_constraint_time(context, Value::integer(context.now_ns()), out.time)) return false;
  if (out.has_keys && !out.secret.empty()) return context.fail("duplicate key constraints"), false;
  if (!out.has_keys && out.secret.empty()) return context.fail("no key constraint"), false;
  return true;
}

bool constraints_hold_signature(const Constraints& constraints, const Header& header, std::string_view message,
                                std::string_view signature) {
  const JwsAlgorithm* algorithm = find_jws_algorithm(header.algorithm);
  if (algorithm == nullptr) return false;
  if (!constraints.has_keys) {
    TokenKey key;
    key.kind = KeyKind::kSecret;
    key.secret = constraints.secret;
    return token_signature_holds(key, *algorithm, message, signature);
  }
  return any_key_holds(constraints.keys, header,
                       [&](const TokenKey& key) { return token_signature_holds(key, *algorithm, message, signature); });
}

bool audience_holds(Value audience, std::string_view wanted) {
  if (audience.is_string()) return audience.text() == wanted;
  for (std::uint32_t i = 0; audience.is_array() && i < count(audience); ++i) {
    if (element(audience, i).is_string() && element(audience, i).text() == wanted) return true;
  }
  return false;
}

// Whether issuer, audience and times are as asked; an error, too, is set in the context.
bool claims_hold(BuiltinContext& context, const Constraints& constraints, Value payload) {
  const auto claim = [&](std::string_view name) { return lookup(payload, Value::string(name)); };
  if (!constraints.issuer.empty()) {
    const Value issuer = claim("iss");
    if (!issuer.is_string() || issuer.text() != constraints.issuer) return false;
  }
  const Value audience = claim("aud");
  if (audience.defined() ? !audience_holds(audience, constraints.audience) : !constraints.audience.empty())
    return false;
  const Value now = Value::real(constraints.time / 1e9, policy::RealForm::kGo);
  if (const Value expiry = claim("exp"); expiry.defined()) {
    if (!expiry.is_number()) return context.fail("exp value must be a number"), false;
    if (compare(now, expiry) >= 0) return false;
  }
  if (const Value begin = claim("nbf"); begin.defined()) {
    if (!begin.is_number()) return context.fail("nbf value must be a number"), false;
    if (compare(now, begin) < 0) return false;
  }
  return true;
}

Value triple(BuiltinContext& context, Value a, Value b, Value c) {
  const Value items[] = {a, b, c};
  return make_array(context.arena(), items);
}

bool is_jwt(std::string_view content_type) {
  return content_type.size() == 3 && (content_type[0] | 32) == 'j' && (content_type[1] | 32) == 'w' &&
         (content_type[2] | 32) == 't';
}

}  // namespace

Value eval_io_jwt_decode(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  // Each round reads the token in the payload of the one before, which is a quarter shorter at least.
  std::string payload, outer(args[0].text());
  Token token;
  for (;;) {
    if (!split_token(context, outer, token) || !decode_header(context, token) ||
        !decode_part(context, token.payload, kBadPayload, payload)) {
      return Value();
    }
    const Value type = lookup(token.decoded_header, Value::string("cty"));
    if (!type.is_string() || type.text() != "JWT") break;
    // Some quote the token inside.
    const std::size_t begin = std::min(payload.find_first_not_of("\"'"), payload.size());
    outer = payload.substr(begin, payload.find_last_not_of("\"'") + 1 - begin);
  }
  Value claims;
  std::string signature;
  if (!json_object(context, payload, "", claims) ||
      !decode_part(context, token.signature, "JWT signature had invalid encoding: ", signature)) {
    return Value();
  }
  return triple(context, token.decoded_header, claims, text(context, encode_hex(signature)));
}

Value eval_io_jwt_verify_rs256(BuiltinContext& context, Args args) { return verify_by_key(context, args, "RS256"); }
Value eval_io_jwt_verify_rs384(BuiltinContext& context, Args args) { return verify_by_key(context, args, "RS384"); }
Value eval_io_jwt_verify_rs512(BuiltinContext& context, Args args) { return verify_by_key(context, args, "RS512"); }
Value eval_io_jwt_verify_ps256(BuiltinContext& context, Args args) { return verify_by_key(context, args, "PS256"); }
Value eval_io_jwt_verify_ps384(BuiltinContext& context, Args args) { return verify_by_key(context, args, "PS384"); }
Value eval_io_jwt_verify_ps512(BuiltinContext& context, Args args) { return verify_by_key(context, args, "PS512"); }
Value eval_io_jwt_verify_es256(BuiltinContext& context, Args args) { return verify_by_key(context, args, "ES256"); }
Value eval_io_jwt_verify_es384(BuiltinContext& context, Args args) { return verify_by_key(context, args, "ES384"); }
Value eval_io_jwt_verify_es512(BuiltinContext& context, Args args) { return verify_by_key(context, args, "ES512"); }
Value eval_io_jwt_verify_eddsa(BuiltinContext& context, Args args) { return verify_by_key(context, args, "EdDSA"); }
Value eval_io_jwt_verify_hs256(BuiltinContext& context, Args args) { return verify_by_secret(context, args, "HS256"); }
Value eval_io_jwt_verify_hs384(BuiltinContext& context, Args args) { return verify_by_secret(context, args, "HS384"); }
Value eval_io_jwt_verify_hs512(BuiltinContext& context, Args args) { return verify_by_secret(context, args, "HS512"); }

Value eval_io_jwt_decode_verify(BuiltinContext& context, Args args) {
  if (!check(context, args, 2, Type::kObject)) return Value();
  Constraints constraints;
  if (!read_constraints(context, args[1], constraints)) return Value();
  if (!check(context, args, 1, Type::kString)) return Value();
  const Value unverified = triple(context, Value::boolean(false), Value::empty_object(), Value::empty_object());
  std::string payload, signature, outer(args[0].text());
  Token token;
  for (bool nested = true; nested;) {
    Header header;
    if (!split_token(context, outer, token) || !decode_header(context, token) ||
        !read_header(context, token.decoded_header, header)) {
      return Value();
    }
    if (header.algorithm.empty() || header.unknown_critical) return unverified;
    if (!constraints.algorithm.empty() && constraints.algorithm != header.algorithm) return unverified;
    if (!decode_part(context, token.signature, "", signature)) return Value();
    if (!constraints_hold_signature(constraints, header, token.signed_part, signature)) return unverified;
    if (!decode_part(context, token.payload, kBadPayload, payload)) return Value();
    nested = is_jwt(header.content_type);
    if (nested) outer = payload;
  }
  Value claims;
  if (!json_object(context, payload, "", claims)) return Value();
  if (!claims_hold(context, constraints, claims)) return context.failed() ? Value() : unverified;
  return triple(context, Value::boolean(true), token.decoded_header, claims);
}

// ---- Signing -------------------------------------------------------------------------------------------------------

namespace {

// A member of the headers that is a text; false with the reason in `error`. What is made of a number's characters alone
// passes for a number there.
bool header_text(ValueArena& arena, std::string_view headers, std::string_view name, std::string& out,
                 std::string& error) {
  Value v;
  std::string why;
  const bool numeric = !headers.empty() && headers.find_first_not_of("0123456789.-+eE") == std::string_view::npos;
  if (!numeric && !policy::parse_json(arena, headers, v, why)) {
    error = "cannot parse JSON: " + why;
    return false;
  }
  const Value found = v.is_object() ? lookup(v, Value::string(name)) : Value();
  if (!found.defined()) {
    error = "jwsbb: header " + quoted(name) + " not found";
    return false;
  }
  if (!found.is_string()) {
    error = "value doesn't contain string; it contains ";
    error += found.is_boolean() ? to_json(found) : std::string(type_name(found.type()));
    return false;
  }
  out = found.text();
  return true;
}

// jwx's words for a key that is none for the algorithm.
std::string wrong_key(const TokenKey& key, KeyKind wanted) {
  const std::string type(key.go_type);
  const std::string form = wanted == KeyKind::kSecret ? "[]byte is required: keyconv: failed to produce []byte"
                           : wanted == KeyKind::kRsa  ? "*rsa.PrivateKey is required: failed to produce rsa.PrivateKey"
                           : wanted == KeyKind::kEc
                               ? "*ecdsa.PrivateKey is required: keyconv: failed to produce ecdsa.PrivateKey"
                               : "ed25519.PrivateKey is required: failed to produce ed25519.PrivateKey";
  return "jwsbb.Sign: invalid key type " + type + ". " + form + " from " + type +
         ": jwk.Export: no suitable exporter found for key type '" + type + "'";
}

Value encode_and_sign(BuiltinContext& context, std::string_view headers, std::string_view payload,
                      std::string_view jwk) {
  std::vector<TokenKey> keys;
  std::string error, name, type;
  if (!parse_jwks(context.arena(), jwk, keys, error)) return context.fail(error);
  if (keys.empty()) return context.fail("no keys found in JWK set");
  if (!header_text(context.arena(), headers, "alg", name, error)) {
    return context.fail("missing or invalid 'alg' header: " + error);
  }
  const JwsAlgorithm* algorithm = find_jws_algorithm(name);
  if (algorithm == nullptr) return context.fail("unknown JWS algorithm: " + name);
  Value parsed;
  if ((!header_text(context.arena(), headers, "typ", type, error) || type == "JWT") &&
      !policy::parse_json(context.arena(), payload, parsed, error)) {
    return context.fail("type is JWT but payload is not JSON");
  }
  std::string token = encode_base64(headers, true, false) + "." + encode_base64(payload, true, false), signature;
  const TokenKey& key = keys.front();
  if (key.kind != algorithm->kind || !key.is_private) return context.fail(wrong_key(key, algorithm->kind));
  if (!sign_token(key, *algorithm, token, signature)) return context.fail("jwsbb.Sign: the key cannot sign");
  return text(context, token + "." + encode_base64(signature, true, false));
}

}  // namespace

Value eval_io_jwt_encode_sign_raw(BuiltinContext& context, Args args) {
  if (!check(context, args, 3, Type::kString) || !check_all(context, args, {Type::kString, Type::kString})) {
    return Value();
  }
  return encode_and_sign(context, args[0].text(), args[1].text(), args[2].text());
}

Value eval_io_jwt_encode_sign(BuiltinContext& context, Args args) {
  return encode_and_sign(context, to_json(args[0]), to_json(args[1]), to_json(args[2]));
}

}  // namespace kubegate::rego

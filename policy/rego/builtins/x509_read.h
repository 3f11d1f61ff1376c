// The pieces of reading certificates: what x509_parse.cc, x509_keys.cc and x509_extensions.cc need of one another. Each
// function that reads is false with Go's message in `error`.
#pragma once

#include <string>
#include <string_view>

#include "policy/rego/builtins/der.h"
#include "policy/rego/builtins/x509.h"

namespace kubegate::rego {

inline bool fail(std::string& error, std::string_view message) {
  error = message;
  return false;
}

inline bool is(const Oid& oid, std::string_view text) { return dotted(oid) == text; }

// All of ASCII.
bool is_ia5(std::string_view text);

struct AlgorithmId {
  Oid oid;
  std::string_view parameters;  // a whole element, or empty
};
bool read_algorithm(Der der, AlgorithmId& out, std::string& error);
SignatureAlgorithm signature_algorithm(const AlgorithmId& algorithm);

bool read_extension(Der der, Extension& out, std::string& error);
// Those of a certificate, and what they say.
bool read_extensions(Der der, Certificate& out, std::string& error);
bool read_alternative_names(std::string_view value, AlternativeNames& out, std::string& error);

}  // namespace kubegate::rego

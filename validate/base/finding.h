// Findings: what is wrong with the user's input, and where.
//
// A Finding is made only on the cold path: the hot path answers pass or fail, and a failing document is walked again
// to collect findings. Everything here may therefore allocate.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kubegate {

// A run of bytes inside a document's source (Document::source()); lines and columns are computed from it when a
// finding is reported (document/position.h).
struct Span {
  std::uint32_t begin = 0;   // byte offset from the start of the document's source
  std::uint32_t length = 0;  // bytes; 0 is a position between two bytes
};

enum class Severity : std::uint8_t { kError, kWarning };

// The targets (Kubernetes versions) of a run, bit i for the i-th in the order of the command line.
using TargetMask = std::uint32_t;
inline constexpr int kMaxTargets = 32;
inline constexpr TargetMask kAllTargets = ~TargetMask{0};

struct Finding {
  std::string_view rule;  // stable id such as "schema/unknown-field"; static storage
  Severity severity = Severity::kError;
  std::string message;  // one sentence without a full stop: what is wrong, with the way out where there is one
  Span span;            // the bytes at fault
  std::string pointer;  // RFC 6901, from the root of the document; empty is the document itself
  std::string field;    // the API server's spelling, from the root of the object: spec.ports[1].name
  TargetMask targets = kAllTargets;  // for which targets it holds
};

}  // namespace kubegate

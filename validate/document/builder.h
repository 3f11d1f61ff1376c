// Builder: the one way into a Document.
//
// Readers (yaml-cpp's events, RapidJSON's SAX calls, later the block reader) tell the builder what they see in the
// order of the source; it resolves scalars and keys as the cluster does (resolve.h), finds duplicate keys, expands
// aliases and merge keys, and keeps the bounds. After a fault that ends the reading it ignores what follows, and
// finish() closes what is open, so the tree is always whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "validate/document/document.h"

namespace kubegate::document {

// A scalar as a reader saw it.
struct ScalarToken {
  Span span;                // source bytes of the scalar itself
  Style style = Style::kPlain;
  std::string_view text;    // after unescaping and folding; need only live during the call
  std::string_view tag;     // "" none, "!" non-specific, else resolved ("tag:yaml.org,2002:int")
};

class Builder {
 public:
  // Starts a new document in `out`.
  Builder(Document& out, std::string_view source, std::uint32_t first_line, const Limits& limits);

  // The next node (a value, a key, an item) gets this anchor.
  void anchor(std::string_view name);

  void scalar(const ScalarToken& token);
  void alias(std::string_view name, Span span);
  void begin_map(std::uint32_t begin, Style style, std::string_view tag = {});
  void begin_sequence(std::uint32_t begin, Style style, std::string_view tag = {});
  // Closes the innermost collection; `end` is the offset behind its last byte.
  void end_collection(std::uint32_t end);

  // Records a fault. `fatal` ends the reading: what follows is ignored.
  void fault(std::string_view rule, std::string message, Span span, bool fatal);
  bool stopped() const;

  // Closes what is open at `end` and hands the document over. Call once.
  void finish(std::uint32_t end);

 private:
  // A's room: filled in with the implementation.
};

}  // namespace kubegate::document

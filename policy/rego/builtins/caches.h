// What an evaluating thread keeps between calls of built-ins.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string>
#include <unordered_map>

#include "policy/rego/builtin.h"
#include "policy/rego/builtins/plain_glob.h"
#include "policy/rego/builtins/time_zone.h"

namespace kubegate::rego {

// Why http.send has no answer.
struct SendError {
  bool network = false;  // on the way, and not in the request
  bool operand = false;  // the operand is no request: an eval_type_error
  std::string message;   // as the result tells it where errors are not raised
  std::string raised;    // as the error tells it where they are
};

struct BuiltinCaches {
  static constexpr std::size_t kMaxPatterns = 100;  // of each kind; a full cache is emptied

  // So that a pattern is found by a view of its text, without a copy.
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Patterns = std::unordered_map<std::string, std::unique_ptr<re2::RE2>, TextHash, std::equal_to<>>;

  // Compiled regular expressions by their text, and what globs and templates are as such, by their text with
  // delimiters. Kept over queries.
  Patterns patterns, translated;
  // Globs by the same key; null where only the pattern in `translated` can match them.
  std::unordered_map<std::string, std::unique_ptr<PlainGlob>, TextHash, std::equal_to<>> globs;
  std::string scratch;  // a text that a built-in makes and forgets: kept for its memory
  // Time zones that were asked for. Kept over queries.
  std::unordered_map<std::string, std::unique_ptr<TimeZone>> zones;
  // Answers that must not change within a query, by built-in and argument.
  std::unordered_map<std::string, Value> answers;
  // What http.send answered to a request; of an undefined answer the error.
  struct Sent {
    Value answer;
    SendError error;
  };
  std::unordered_map<std::string, Sent> sent;
};

}  // namespace kubegate::rego

// Regular expressions and globs as the built-ins use them: compiled by RE2 and kept per thread.
#pragma once

#include <re2/re2.h>

#include <string>
#include <string_view>
#include <vector>

#include "policy/rego/builtin.h"

namespace kubegate::rego {

// Go's message for a pattern that does not compile: "error parsing regexp: missing closing ): `(`".
std::string regex_error(const re2::RE2& re);

// `pattern` compiled, or nullptr with the error set. Lives until the cache is emptied by another call.
const re2::RE2* compile_regex(BuiltinContext& context, std::string_view pattern);
// The same for a pattern in RE2's syntax made of something else, which is `key` in the cache.
const re2::RE2* compile_translated(BuiltinContext& context, std::string_view key, std::string_view pattern);
// A compiled pattern of the cache, or nullptr.
const re2::RE2* cached_pattern(BuiltinContext& context, std::string_view key);

// A glob in gobwas' syntax as a pattern for RE2 that matches whole texts. `separators`: the delimiters, one code point
// each, which `*` and `?` do not match. False with the error in `out` where the glob is broken.
bool translate_glob(std::string_view glob, std::string_view separators, std::string& out);

// Whether two of gintersect's globs (characters, `.`, `[sets]`, each with `+` or `*` behind it) have a text in common.
// False with the error set in `error` where one is broken.
bool globs_intersect(std::string_view a, std::string_view b, bool& result, std::string& error);

}  // namespace kubegate::rego

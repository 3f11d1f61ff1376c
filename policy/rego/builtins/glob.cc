// Globs. glob.match's are translated into a regular expression, which RE2 then matches in linear time; the syntax and
// its errors are gobwas/glob's. regex.globs_match asks whether two patterns of characters, dots and sets share a text:
// both run side by side as automata over pairs of positions.
#include <optional>

#include "policy/rego/builtins/patterns.h"
#include "policy/value/runes.h"

namespace kubegate::rego {
namespace {

using policy::append_rune;
using policy::decode_rune;

// A code point as itself inside or outside a class of RE2.
void append_literal(std::string& out, std::uint32_t code) {
  if (code < 0x80 && !((code | 32) >= 'a' && (code | 32) <= 'z') && !(code >= '0' && code <= '9')) {
    char hex[8];
    std::snprintf(hex, sizeof hex, "\\x%02x", code);
    out += hex;
  } else {
    append_rune(out, code);
  }
}

class GlobTranslator {
 public:
  GlobTranslator(std::string_view glob, std::string_view separators) : rest_(glob) {
    if (separators.empty()) {
      single_ = "(?s:.)";
    } else {
      single_ = "[^";
      while (!separators.empty()) append_literal(single_, take(separators));
      single_ += "]";
    }
  }

  bool translate(std::string& out) {
    int level = 0;  // of braces
    while (!rest_.empty()) {
      const std::uint32_t c = take(rest_);
      switch (c) {
        case '{':
          ++level;
          out_ += "(?:";
          break;
        case '}':
          out_ += level > 0 ? ")" : "\\}";
          level -= level > 0;
          break;
        case ',': out_ += level > 0 ? "|" : ","; break;
        case '?': out_ += single_; break;
        case '*':
          if (rest_.starts_with('*')) {
            rest_.remove_prefix(1);
            out_ += "(?s:.*)";
          } else {
            out_ += single_ + "*";
          }
          break;
        case '[':
          if (!range()) {
            out = error_;
            return false;
          }
          break;
        case '\\':
          if (!rest_.empty()) append_literal(out_, take(rest_));
          break;
        default: append_literal(out_, c);
      }
    }
    // An open brace ends with the pattern.
    for (; level > 0; --level) out_ += ")";
    out = out_;
    return true;
  }

 private:
  static std::uint32_t take(std::string_view& text) {
    const policy::Rune rune = decode_rune(text);
    text.remove_prefix(rune.size);
    return rune.code;
  }

  bool fail(std::string_view message) {
    error_ = message;
    return false;
  }

  // Behind `[`: an optional `!`, then either `lo-hi` or a list of characters.
  bool range() {
    std::string set = "[";
    if (rest_.starts_with('!')) {
      rest_.remove_prefix(1);
      set += '^';
    }
    if (rest_.empty()) return fail("unexpected end of input");
    std::string_view after = rest_;
    const std::uint32_t low = take(after);
    if (after.starts_with('-')) {
      after.remove_prefix(1);
      if (after.empty()) return fail("unexpected end of input");
      const std::uint32_t high = take(after);
      if (after.empty()) return fail("unexpected end of input");
      if (after[0] != ']') return fail("expected close range character");
      if (high < low) {
        error_ = "hi character '";
        append_rune(error_, high);
        error_ += "' should be greater than lo '";
        append_rune(error_, low);
        error_ += "'";
        return false;
      }
      append_literal(set, low);
      set += '-';
      append_literal(set, high);
    } else {
      after = rest_;
      bool any = false;
      while (!after.empty() && after[0] != ']') {
        std::uint32_t c = take(after);
        if (c == '\\') {
          if (after.empty()) break;
          c = take(after);
        }
        append_literal(set, c);
        any = true;
      }
      if (after.empty()) return fail("unexpected end of input");
      if (!any) return fail("could not parse range");
    }
    after.remove_prefix(1);
    rest_ = after;
    out_ += set + "]";
    return true;
  }

  std::string_view rest_;
  std::string single_;  // what `?` matches
  std::string out_ = "";
  std::string error_;
};

// ---- Intersection --------------------------------------------------------------------------------------------------

// One step of a pattern: a set of code points, and how often it may come.
struct Step {
  struct Range {
    std::uint32_t first, last;
  };
  std::vector<Range> ranges;
  bool any = false;       // `.`
  bool optional = false;  // `*`
  bool repeats = false;   // `*`, `+`

  bool meets(const Step& other) const {
    if (any || other.any) return true;
    for (const Range& a : ranges) {
      for (const Range& b : other.ranges) {
        if (a.first <= b.last && b.first <= a.last) return true;
      }
    }
    return false;
  }
};

class StepReader {
 public:
  explicit StepReader(std::string_view input) : input_(input) {
    while (!input.empty()) {
      const policy::Rune rune = decode_rune(input);
      runes_.push_back(rune.code);
      input.remove_prefix(rune.size);
    }
  }

  bool read(std::vector<Step>& out) {
    while (at_ < runes_.size()) {
      Step step;
      const auto c = next();
      if (!c) return false;
      if (c->escaped) {
        step.ranges.push_back({c->code, c->code});
      } else if (c->code == '.') {
        step.any = true;
      } else if (c->code == '[') {
        if (!set(step)) return false;
      } else if (c->code == ']') {
        return fail("set-close ']' with no preceding '['");
      } else if (c->code == '+' || c->code == '*') {
        return fail(std::string("flag '") + static_cast<char>(c->code) + "' must be preceded by a non-flag");
      } else {
        step.ranges.push_back({c->code, c->code});
      }
      if (at_ < runes_.size() && (runes_[at_] == '+' || runes_[at_] == '*')) {
        step.repeats = true;
        step.optional = runes_[at_] == '*';
        ++at_;
      }
      out.push_back(std::move(step));
    }
    return true;
  }

  const std::string& error() const { return error_; }

 private:
  struct Character {
    std::uint32_t code;
    bool escaped;
  };

  bool fail(std::string_view what) {
    error_ = "input:" + std::string(input_) + ", pos:" + std::to_string(at_) + ", " + std::string(what) +
             ": the input provided is invalid";
    return false;
  }

  std::optional<Character> next() {
    if (runes_[at_] != '\\') return Character{runes_[at_++], false};
    if (at_ + 1 == runes_.size()) {
      fail("input ends with a \\ (escape) character");
      return std::nullopt;
    }
    at_ += 2;
    return Character{runes_[at_ - 1], true};
  }

  bool set(Step& step) {
    std::uint32_t previous = 0;
    bool has_previous = false;
    while (at_ < runes_.size()) {
      const auto c = next();
      if (!c) return false;
      if (!c->escaped && c->code == ']') return true;
      if (c->escaped || c->code != '-') {
        step.ranges.push_back({c->code, c->code});
        previous = c->code;
        has_previous = true;
        continue;
      }
      if (!has_previous) return fail("range character '-' must be preceded by a Unicode character");
      if (at_ + 1 >= runes_.size()) return fail("range character '-' must be followed by a Unicode character");
      const auto high = next();
      if (!high) return false;
      if (!high->escaped && (high->code == ']' || high->code == '-')) {
        return fail("range character '-' cannot be followed by a special symbol");
      }
      if (high->code < previous) {
        std::string low_text, high_text;
        append_rune(low_text, previous);
        append_rune(high_text, high->code);
        return fail("range is out of order: '" + high_text + "' comes before '" + low_text + "' in Unicode");
      }
      step.ranges.push_back({previous, high->code});
      has_previous = false;
    }
    return fail("found [ without matching ]");
  }

  std::string_view input_;
  std::vector<std::uint32_t> runes_;
  std::size_t at_ = 0;
  std::string error_;
};

bool intersect(const std::vector<Step>& a, const std::vector<Step>& b) {
  // reached[j] of the row for position i in `a`: both can stand before a[i] and b[j] having read the same text. The
  // grid is walked in order, since every move goes right, down or both; a step that repeats may also stay.
  const std::size_t n = a.size(), m = b.size();
  std::vector<std::uint8_t> row(m + 1, 0), below(m + 1, 0);
  row[0] = 1;
  for (std::size_t i = 0; i <= n; ++i) {
    std::fill(below.begin(), below.end(), 0);
    for (std::size_t j = 0; j <= m; ++j) {
      if (!row[j]) continue;
      if (i < n && a[i].optional) below[j] = 1;
      if (j < m && b[j].optional) row[j + 1] = 1;
      if (i == n || j == m || !a[i].meets(b[j])) continue;
      below[j + 1] = 1;
      // One more of a[i] may follow: it stays as if it were optional from here on, and the same for b[j].
      if (a[i].repeats) row[j + 1] = 1;
      if (b[j].repeats) below[j] = 1;
    }
    if (i < n) std::swap(row, below);
  }
  return row[m];
}

}  // namespace

bool translate_glob(std::string_view glob, std::string_view separators, std::string& out) {
  return GlobTranslator(glob, separators).translate(out);
}

bool globs_intersect(std::string_view a, std::string_view b, bool& result, std::string& error) {
  std::vector<Step> x, y;
  StepReader read_a(a), read_b(b);
  if (!read_a.read(x)) {
    error = read_a.error();
    return false;
  }
  if (!read_b.read(y)) {
    error = read_b.error();
    return false;
  }
  result = intersect(x, y);
  return true;
}

}  // namespace kubegate::rego

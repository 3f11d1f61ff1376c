// Globs. glob.match's are translated into a regular expression, which RE2 then matches in linear time; the syntax and
// its errors are those of gobwas/glob 1.0, offsets included. regex.globs_match asks whether two patterns of characters,
// dots and sets share a text, as yashtewari/glob-intersection does.
#include <algorithm>
#include <optional>
#include <span>

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
  GlobTranslator(std::string_view glob, std::string_view separators) : glob_(glob) {
    if (separators.empty()) {
      single_ = "(?s:.)";
    } else {
      single_ = "[^";
      while (!separators.empty()) {
        const policy::Rune rune = decode_rune(separators);
        append_literal(single_, rune.code);
        separators.remove_prefix(rune.size);
      }
      single_ += "]";
    }
  }

  // Offsets of errors are where the reader stands then.
  bool translate(std::string& out) {
    if (tokens()) {
      out = std::move(out_);
      return true;
    }
    out = "glob: syntax error at " + std::to_string(at_) + ": " + std::string(error_);
    return false;
  }

 private:
  bool tokens() {
    int level = 0;  // of braces
    while (at_ < glob_.size()) {
      if (!valid()) return fail("invalid UTF-8 sequence");
      const std::uint32_t c = take();
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
          if (peek() == '*') {
            ++at_;
            out_ += "(?s:.*)";
          } else {
            out_ += single_ + "*";
          }
          break;
        case '[':
          if (!range()) return false;
          break;
        case '\\':
          if (at_ == glob_.size()) return fail("trailing backslash");
          if (!valid()) return fail("invalid UTF-8 sequence");
          append_literal(out_, take());
          break;
        default: append_literal(out_, c);
      }
    }
    return level == 0 || fail("unclosed `{`");
  }

  // Behind `[`: an optional `!`, then either `lo-hi` or a list of characters.
  bool range() {
    std::string set = "[";
    if (peek() == '!') {
      ++at_;
      set += '^';
    }
    if (at_ == glob_.size()) return fail("unexpected end of input");
    if (!valid()) return fail("invalid UTF-8 sequence");
    const std::size_t begin = at_;
    const std::uint32_t low = take();
    if (peek() == '-') {
      ++at_;
      if (at_ == glob_.size()) return fail("unexpected end of input");
      if (!valid()) return fail("invalid UTF-8 sequence");
      const std::uint32_t high = take();
      if (at_ == glob_.size()) return fail("unexpected end of input");
      const bool closed = peek() == ']';
      take();
      if (!closed) return fail("expected close range character");
      if (high < low) return fail("range hi character is less than lo");
      append_literal(set, low);
      set += '-';
      append_literal(set, high);
    } else {
      at_ = begin;
      bool any = false;
      while (at_ < glob_.size() && peek() != ']') {
        if (!valid()) return fail("invalid UTF-8 sequence");
        std::uint32_t c = take();
        if (c == '\\') {
          if (at_ == glob_.size()) return fail("trailing backslash");
          if (!valid()) return fail("invalid UTF-8 sequence");
          c = take();
        }
        append_literal(set, c);
        any = true;
      }
      if (at_ == glob_.size()) return fail("unexpected end of input");
      ++at_;
      if (!any) return fail("could not parse range");
    }
    out_ += set + "]";
    return true;
  }

  char peek() const { return at_ < glob_.size() ? glob_[at_] : '\0'; }
  bool valid() const { return decode_rune(glob_.substr(at_)).valid; }
  std::uint32_t take() {
    const policy::Rune rune = decode_rune(glob_.substr(at_));
    at_ += rune.size;
    return rune.code;
  }
  bool fail(std::string_view message) {
    error_ = message;
    return false;
  }

  std::string_view glob_;
  std::size_t at_ = 0;
  std::string single_;  // what `?` matches
  std::string out_;
  std::string_view error_;
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

  // Ranges in order, none touching another.
  void tidy() {
    std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
    std::vector<Range> merged;
    for (const Range& range : ranges) {
      if (!merged.empty() && range.first <= merged.back().last + 1) {
        merged.back().last = std::max(merged.back().last, range.last);
      } else {
        merged.push_back(range);
      }
    }
    ranges = std::move(merged);
  }

  bool same(const Step& other) const {
    return any == other.any &&
           std::equal(ranges.begin(), ranges.end(), other.ranges.begin(), other.ranges.end(),
                      [](const Range& a, const Range& b) { return a.first == b.first && a.last == b.last; });
  }

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
      step.tidy();
      // t*t+ is t+, t*t* is t*.
      if (!out.empty() && step.repeats && out.back().repeats && step.same(out.back())) {
        out.back().optional = out.back().optional && step.optional;
        continue;
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

// gintersect.NonEmpty: whether two patterns share a text, by its greedy walk. That walk does not see all shared texts
// (`a*` and `b*` share none to it, not even the empty one), and OPA answers as it does. Every question it asks is about
// what is left of both patterns from two positions on, so each is answered once.
class Intersection {
 public:
  static constexpr std::size_t kMaxSteps = 4000;

  Intersection(std::span<const Step> a, std::span<const Step> b)
      : a_(a), b_(b), answers_(kQuestions * (a.size() + 1) * (b.size() + 1), kUnknown) {}

  static bool non_empty(std::span<const Step> a, std::span<const Step> b) {
    // Steps in front, and then at the end, that are plain on both sides must match; one of each stays.
    std::size_t front = 0;
    for (; front < a.size() && front < b.size() && !a[front].repeats && !b[front].repeats; ++front) {
      if (!a[front].meets(b[front])) return false;
    }
    if (front > 0) --front;
    std::size_t back = 0;
    const auto plain_at_back = [&](std::span<const Step> steps) {
      return back + front < steps.size() && !steps[steps.size() - 1 - back].repeats;
    };
    for (; plain_at_back(a) && plain_at_back(b); ++back) {
      if (!a[a.size() - 1 - back].meets(b[b.size() - 1 - back])) return false;
    }
    if (back > 0) --back;
    a = a.subspan(front, a.size() - front - back);
    b = b.subspan(front, b.size() - front - back);
    return Intersection(a, b).normal(0, 0, false);
  }

 private:
  enum : std::uint8_t { kUnknown, kNo, kYes };
  static constexpr std::size_t kQuestions = 4;  // normal and star, either pattern first

  // `swapped`: which pattern is the first of the two.
  std::uint8_t& answer(bool star, bool swapped, std::size_t i, std::size_t j) {
    return answers_[((star * 2 + swapped) * (a_.size() + 1) + i) * (b_.size() + 1) + j];
  }
  std::span<const Step> side(bool b) const { return b ? b_ : a_; }

  // Both from i (of a) and j (of b) on, pairwise up to the first step that repeats.
  bool normal(std::size_t i, std::size_t j, bool swapped) {
    std::uint8_t& known = answer(false, swapped, i, j);
    if (known != kUnknown) return known == kYes;
    std::size_t p = i, q = j;
    bool result = true, decided = false;
    for (; p < a_.size() && q < b_.size() && !decided; ++p, ++q) {
      if (a_[p].repeats || b_[q].repeats) {
        result = special(p, q, swapped);
        decided = true;
      } else if (!a_[p].meets(b_[q])) {
        result = false;
        decided = true;
      }
    }
    if (!decided) result = p == a_.size() && q == b_.size();
    answer(false, swapped, i, j) = result ? kYes : kNo;
    return result;
  }

  bool special(std::size_t i, std::size_t j, bool swapped) {
    // The first pattern's step is asked first; the one that repeats then comes first.
    const Step& first = swapped ? b_[j] : a_[i];
    const bool turned = first.repeats ? swapped : !swapped;
    const Step& repeated = turned ? b_[j] : a_[i];
    return repeated.optional ? star(i, j, turned) : plus(i, j, turned);
  }

  bool plus(std::size_t i, std::size_t j, bool swapped) {
    if (!a_[i].meets(b_[j])) return false;
    if (swapped ? star(i + 1, j, true) : star(i, j + 1, false)) return true;
    const bool other_repeats = swapped ? a_[i].repeats : b_[j].repeats;
    return other_repeats && (swapped ? normal(i, j + 1, true) : normal(i + 1, j, false));
  }

  // The step in front of the first pattern takes steps of the other as long as they match it.
  bool star(std::size_t i, std::size_t j, bool swapped) {
    std::uint8_t& known = answer(true, swapped, i, j);
    if (known != kUnknown) return known == kYes;
    const std::span<const Step> starred = side(swapped), other = side(!swapped);
    const std::size_t at = swapped ? j : i;
    const Step* next = at + 1 < starred.size() ? &starred[at + 1] : nullptr;
    bool result = next == nullptr;
    for (std::size_t k = swapped ? i : j; k < other.size(); ++k) {
      if (next != nullptr && next->meets(other[k]) && (swapped ? normal(k, j + 1, true) : normal(i + 1, k, false))) {
        result = true;
        break;
      }
      if (!other[k].meets(starred[at])) {
        result = false;
        break;
      }
    }
    answer(true, swapped, i, j) = result ? kYes : kNo;
    return result;
  }

  std::span<const Step> a_, b_;
  std::vector<std::uint8_t> answers_;
};

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
  if (x.size() > Intersection::kMaxSteps || y.size() > Intersection::kMaxSteps) {
    error = "the pattern is too long";
    return false;
  }
  result = Intersection::non_empty(x, y);
  return true;
}

}  // namespace kubegate::rego

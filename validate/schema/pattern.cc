// The idea (Glushkov's): number the characters of the pattern. Which of them can be first, which last, and which can
// follow which is all that there is to know of it, and that can be read off while parsing. Matching keeps the set of
// places that the text so far may have led to: a word of 64 bits, so a pattern has at most 63 places.
//
// `x{2,4}` is `xxx?x?`, made by parsing x as often. Greed does not matter to the question whether there is a match.
//
// Tested in tests/validate/schema/pattern_test.cc against RE2: all built-in patterns, and patterns at random.
#include "validate/schema/pattern.h"

#include <bit>
#include <cstddef>

namespace kubegate::schema {

// Reads a pattern into its machine. Where it meets what the machine does not know, failed_ is set, and what is done from
// there on means nothing.
class PatternParser {
 public:
  PatternParser(std::string_view text, Pattern& out) : text_(text), out_(out) {}

  void parse() {
    if (take('^')) out_.from_start_ = true;
    // The last character is an anchor unless it is escaped: then whoever reads the escape takes it.
    anchored_ = text_.ends_with('$');
    out_.to_end_ = anchored_;
    const Part part = alternatives();
    if (anchored_) failed_ |= !take('$');
    if (failed_ || at_ != text_.size()) return;
    // `^a|b$` has an anchor for each alternative.
    if (split_ && (out_.from_start_ || out_.to_end_)) return;
    out_.follow_[0] = part.first;
    out_.last_ = part.last | (part.empty ? 1 : 0);
    out_.usable_ = true;
  }

 private:
  // A set of ASCII characters.
  struct Class {
    std::uint64_t bits[2] = {};

    void add(char c) { bits[c >> 6] |= std::uint64_t{1} << (c & 63); }
    void add(char first, char last) {
      for (int c = first; c <= last; ++c) add(static_cast<char>(c));
    }
    void add(const Class& other) {
      for (int i : {0, 1}) bits[i] |= other.bits[i];
    }
    void invert() {
      for (std::uint64_t& half : bits) half = ~half;
    }
  };

  // What a piece of the pattern begins and ends with, and whether it matches nothing at all.
  struct Part {
    std::uint64_t first = 0, last = 0;
    bool empty = true;
  };

  static constexpr int kDeepest = 32;
  static constexpr int kMostPlaces = 64;
  static constexpr int kMostAtoms = 1000;  // parsed: repetition of repetition multiplies

  bool ended() const { return at_ == text_.size() || (anchored_ && at_ + 1 == text_.size()); }
  bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool take(char c) {
    const bool is = next_is(c);
    at_ += is;
    return is;
  }
  Part fail() {
    failed_ = true;
    return {};
  }

  void link(std::uint64_t from, std::uint64_t to) {
    for (; from != 0; from &= from - 1) out_.follow_[static_cast<std::size_t>(std::countr_zero(from))] |= to;
  }

  Part joined(const Part& a, const Part& b) {
    link(a.last, b.first);
    return {a.first | (a.empty ? b.first : 0), b.last | (b.empty ? a.last : 0), a.empty && b.empty};
  }

  Part alternatives() {
    Part all = sequence();
    while (!failed_ && !ended() && take('|')) {
      split_ |= depth_ == 0;
      const Part one = sequence();
      all = {all.first | one.first, all.last | one.last, all.empty || one.empty};
    }
    return all;
  }

  Part sequence() {
    Part all;
    while (!failed_ && !ended() && !next_is('|') && !next_is(')')) all = joined(all, repeated());
    return all;
  }

  Part repeated() {
    const std::size_t begin = at_;
    Part part = atom();
    if (failed_ || ended()) return part;
    switch (text_[at_]) {
      case '*':
      case '+':
        link(part.last, part.first);
        part.empty |= text_[at_] == '*';
        ++at_;
        break;
      case '?':
        part.empty = true;
        ++at_;
        break;
      case '{': part = counted(begin, part); break;
      default: return part;
    }
    take('?');  // not greedy
    if (!ended() && std::string_view("*+?{").find(text_[at_]) != std::string_view::npos) return fail();
    return part;
  }

  // `{n}`, `{n,}` or `{n,m}` behind the atom that stands at `begin` and is parsed once.
  Part counted(std::size_t begin, const Part& atom_part) {
    ++at_;
    int least = 0, most = 0;
    if (!number(least)) return fail();
    most = least;
    bool endless = false;
    if (take(',')) {
      endless = next_is('}');
      if (!endless && !number(most)) return fail();
    }
    if (!take('}') || most < least) return fail();
    const std::size_t behind = at_;
    Part all;
    const int copies = endless ? (least > 0 ? least : 1) : most;
    for (int i = 0; i < copies && !failed_; ++i) {
      Part copy = atom_part;
      if (i > 0) {
        at_ = begin;
        copy = atom();
      }
      if (endless && i + 1 == copies) link(copy.last, copy.first);
      copy.empty |= i >= least;
      all = joined(all, copy);
    }
    at_ = behind;
    return all;
  }

  bool number(int& value) {
    const std::size_t begin = at_;
    for (value = 0; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9' && at_ - begin < 4; ++at_) {
      value = value * 10 + (text_[at_] - '0');
    }
    return at_ != begin;
  }

  Part atom() {
    if (++atoms_ > kMostAtoms) return fail();
    const char c = text_[at_++];
    Class set;
    switch (c) {
      case '(': return group();
      case '[':
        if (!bracket(set)) return fail();
        return place(set);
      case '.':
        set.add('\n');
        set.invert();
        return place(set);
      case '\\':
        if (!escape(set)) return fail();
        return place(set);
      case '^':
      case '$':
      case '*':
      case '+':
      case '?':
      case '{':
      case '}':
      case ']': return fail();
      default:
        if (static_cast<unsigned char>(c) >= 0x80) return fail();
        set.add(c);
        return place(set);
    }
  }

  Part group() {
    if (take('?') && !take(':')) return fail();
    if (++depth_ > kDeepest) return fail();
    const Part part = alternatives();
    --depth_;
    return take(')') ? part : fail();
  }

  // One character of a class.
  Part place(const Class& set) {
    if (places_ == kMostPlaces) return fail();
    const std::uint64_t bit = std::uint64_t{1} << places_++;
    for (std::size_t half : {0, 1}) {
      for (std::uint64_t members = set.bits[half]; members != 0; members &= members - 1) {
        out_.accepted_[64 * half + static_cast<std::size_t>(std::countr_zero(members))] |= bit;
      }
    }
    return {bit, bit, false};
  }

  // Behind a backslash: a class, or punctuation that stands for itself.
  bool escape(Class& set) {
    if (at_ == text_.size()) return false;
    const char c = text_[at_++];
    switch (c) {
      case 'd':
      case 'D': set.add('0', '9'); break;
      case 'w':
      case 'W':
        set.add('0', '9');
        set.add('a', 'z');
        set.add('A', 'Z');
        set.add('_');
        break;
      case 's':
      case 'S':
        for (const char space : {'\t', '\n', '\f', '\r', ' '}) set.add(space);
        break;
      default: {
        char literal = 0;
        --at_;
        if (!escaped_literal(literal)) return false;
        set.add(literal);
        return true;
      }
    }
    if (c < 'a') set.invert();
    return true;
  }

  bool escaped_literal(char& c) {
    if (at_ == text_.size()) return false;
    c = text_[at_++];
    const bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    return !word && c > ' ' && c < 0x7f;
  }

  // Behind a bracket. Named classes, and a bracket as the first of a class, are left to RE2.
  bool bracket(Class& set) {
    const bool negated = take('^');
    if (next_is(']')) return false;
    while (!next_is(']')) {
      if (at_ == text_.size() || next_is('[')) return false;
      if (next_is('\\') && at_ + 1 < text_.size() && std::string_view("dDwWsS").find(text_[at_ + 1]) != text_.npos) {
        ++at_;
        Class inner;
        if (!escape(inner)) return false;
        set.add(inner);
        if (next_is('-')) return false;
        continue;
      }
      char first = 0, last = 0;
      if (!member(first)) return false;
      last = first;
      if (next_is('-') && at_ + 1 < text_.size() && text_[at_ + 1] != ']') {
        ++at_;
        if (!member(last) || last < first) return false;
      }
      set.add(first, last);
    }
    ++at_;
    if (negated) set.invert();
    return true;
  }

  bool member(char& c) {
    if (at_ == text_.size()) return false;
    c = text_[at_++];
    return c == '\\' ? escaped_literal(c) : c >= ' ' && c < 0x7f && c != '[';
  }

  const std::string_view text_;
  Pattern& out_;
  std::size_t at_ = 0;
  int places_ = 1;
  int depth_ = 0;
  int atoms_ = 0;
  bool anchored_ = false;  // the last character is `$`
  bool split_ = false;     // alternatives outside of all groups
  bool failed_ = false;
};

Pattern::Pattern(std::string_view pattern) { PatternParser(pattern, *this).parse(); }

std::optional<bool> Pattern::matches(std::string_view text) const {
  std::uint64_t state = 1;
  const std::uint64_t start = from_start_ ? 0 : 1;
  for (const char c : text) {
    if (!to_end_ && (state & last_) != 0) return true;
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= accepted_.size()) return std::nullopt;
    std::uint64_t next = 0;
    for (std::uint64_t places = state; places != 0; places &= places - 1) {
      next |= follow_[static_cast<std::size_t>(std::countr_zero(places))];
    }
    state = (next & accepted_[byte]) | start;
    if (state == 0) return false;
  }
  return (state & last_) != 0;
}

}  // namespace kubegate::schema

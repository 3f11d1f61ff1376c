// The idea: a layout is a text in which certain pieces of the reference time (Mon Jan 2 15:04:05 MST 2006) stand for
// the parts of a time. next_piece() finds the first of them; formatting prints each part, parsing reads it, and both
// copy or expect what stands between. Rules: Go's time/format.go. Tested by cases/time.txt.
#include "policy/rego/builtins/go_time.h"

#include <array>
#include <cstdio>

namespace kubegate::rego {
namespace {

enum class Piece : std::uint8_t {
  kNone,
  kLongMonth,
  kMonth,
  kNumMonth,
  kZeroMonth,
  kLongWeekday,
  kWeekday,
  kDay,
  kUnderDay,
  kZeroDay,
  kUnderYearDay,
  kZeroYearDay,
  kHour,
  kHour12,
  kZeroHour12,
  kMinute,
  kZeroMinute,
  kSecond,
  kZeroSecond,
  kLongYear,
  kYear,
  kUpperPm,
  kLowerPm,
  kZoneName,
  kIso,
  kIsoSeconds,
  kIsoShort,
  kIsoColon,
  kIsoColonSeconds,
  kNum,
  kNumSeconds,
  kNumShort,
  kNumColon,
  kNumColonSeconds,
  kFraction0,
  kFraction9,
};

struct Found {
  Piece piece = Piece::kNone;
  std::size_t begin = 0, end = 0;  // in the layout
  int digits = 0;                  // of a fraction
};

constexpr std::array<std::string_view, 12> kMonths = {"January",   "February", "March",    "April",
                                                      "May",       "June",     "July",     "August",
                                                      "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> kWeekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};

bool is_digit(std::string_view text, std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; }

// The pieces by their text, longer ones before those they start with.
struct Name {
  std::string_view text;
  Piece piece;
};
constexpr Name kNames[] = {
    {"January", Piece::kLongMonth},
    {"Jan", Piece::kMonth},
    {"Monday", Piece::kLongWeekday},
    {"Mon", Piece::kWeekday},
    {"MST", Piece::kZoneName},
    {"002", Piece::kZeroYearDay},
    {"01", Piece::kZeroMonth},
    {"02", Piece::kZeroDay},
    {"03", Piece::kZeroHour12},
    {"04", Piece::kZeroMinute},
    {"05", Piece::kZeroSecond},
    {"06", Piece::kYear},
    {"15", Piece::kHour},
    {"1", Piece::kNumMonth},
    {"2006", Piece::kLongYear},
    {"2", Piece::kDay},
    {"__2", Piece::kUnderYearDay},
    {"_2", Piece::kUnderDay},
    {"3", Piece::kHour12},
    {"4", Piece::kMinute},
    {"5", Piece::kSecond},
    {"PM", Piece::kUpperPm},
    {"pm", Piece::kLowerPm},
    {"-070000", Piece::kNumSeconds},
    {"-07:00:00", Piece::kNumColonSeconds},
    {"-0700", Piece::kNum},
    {"-07:00", Piece::kNumColon},
    {"-07", Piece::kNumShort},
    {"Z070000", Piece::kIsoSeconds},
    {"Z07:00:00", Piece::kIsoColonSeconds},
    {"Z0700", Piece::kIso},
    {"Z07:00", Piece::kIsoColon},
    {"Z07", Piece::kIsoShort},
};

Found next_piece(std::string_view layout) {
  for (std::size_t i = 0; i < layout.size(); ++i) {
    const std::string_view rest = layout.substr(i);
    // "_2006" is an underscore and a year.
    if (rest.starts_with("_2006")) return {Piece::kLongYear, i + 1, i + 5, 0};
    for (const Name& name : kNames) {
      if (!rest.starts_with(name.text)) continue;
      // "Jan" and "Mon" are pieces only where no lower-case letter follows: "Month" is a word.
      const std::size_t end = i + name.text.size();
      if (name.piece == Piece::kMonth || name.piece == Piece::kWeekday) {
        if (end < layout.size() && layout[end] >= 'a' && layout[end] <= 'z') continue;
      }
      return {name.piece, i, end, 0};
    }
    if ((rest[0] == '.' || rest[0] == ',') && rest.size() > 1 && (rest[1] == '0' || rest[1] == '9')) {
      std::size_t end = i + 1;
      while (end < layout.size() && layout[end] == rest[1]) ++end;
      if (!is_digit(layout, end)) {
        return {rest[1] == '0' ? Piece::kFraction0 : Piece::kFraction9, i, end, static_cast<int>(end - i - 1)};
      }
    }
  }
  return {Piece::kNone, layout.size(), layout.size(), 0};
}

// ---- Formatting ----------------------------------------------------------------------------------------------------

void append_number(std::string& out, std::int64_t n, int width, char fill = '0') {
  std::string digits = std::to_string(n < 0 ? -n : n);
  if (n < 0) out += '-';
  if (static_cast<int>(digits.size()) < width) out.append(static_cast<std::size_t>(width) - digits.size(), fill);
  out += digits;
}

void append_offset(std::string& out, Piece piece, std::int32_t offset) {
  const bool iso = piece >= Piece::kIso && piece <= Piece::kIsoColonSeconds;
  if (iso && offset == 0) {
    out += 'Z';
    return;
  }
  const std::int32_t minutes = offset / 60;
  out += minutes < 0 || offset < 0 ? '-' : '+';
  const std::int32_t absolute = offset < 0 ? -offset : offset;
  append_number(out, absolute / 3600, 2);
  if (piece == Piece::kNumShort || piece == Piece::kIsoShort) return;
  const bool colon = piece == Piece::kIsoColon || piece == Piece::kNumColon || piece == Piece::kIsoColonSeconds ||
                     piece == Piece::kNumColonSeconds;
  if (colon) out += ':';
  append_number(out, absolute / 60 % 60, 2);
  const bool seconds = piece == Piece::kIsoSeconds || piece == Piece::kNumSeconds || piece == Piece::kIsoColonSeconds ||
                       piece == Piece::kNumColonSeconds;
  if (!seconds) return;
  if (colon) out += ':';
  append_number(out, absolute % 60, 2);
}

void append_fraction(std::string& out, char point, std::int32_t nanoseconds, int digits, bool trim) {
  std::string text;
  append_number(text, nanoseconds, 9);
  text.resize(static_cast<std::size_t>(std::min(digits, 9)));
  if (trim) text.erase(text.find_last_not_of('0') + 1);
  if (!text.empty()) (out += point) += text;
}

// ---- Parsing -------------------------------------------------------------------------------------------------------

// The quoting of time's errors: bytes that are not printable ASCII as \x.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto b = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (b < ' ' || b >= 0x80) {
      char hex[8];
      std::snprintf(hex, sizeof hex, "\\x%02x", b);
      out += hex;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

class Parser {
 public:
  Parser(std::string_view layout, std::string_view value)
      : all_layout_(layout), all_value_(value), layout_(layout), value_(value) {}

  bool parse(Instant& out, std::string& error) {
    for (;;) {
      const Found found = next_piece(layout_);
      const std::string_view prefix = layout_.substr(0, found.begin);
      const std::string_view piece = layout_.substr(found.begin, found.end - found.begin);
      if (!skip(prefix)) return cannot(value_, prefix, error);
      if (found.piece == Piece::kNone) {
        if (value_.empty()) break;
        error = "parsing time " + quoted(all_value_) + ": extra text: " + quoted(value_);
        return false;
      }
      layout_.remove_prefix(found.end);
      const std::string_view hold = value_;
      const bool read = take(found);
      if (!out_of_range_.empty()) {
        error = "parsing time " + quoted(all_value_) + ": " + std::string(out_of_range_) + " out of range";
        return false;
      }
      if (!read) return cannot(hold, piece, error);
    }
    return assemble(out, error);
  }

 private:
  bool cannot(std::string_view value, std::string_view piece, std::string& error) const {
    error = "parsing time " + quoted(all_value_) + " as " + quoted(all_layout_) + ": cannot parse " + quoted(value) +
            " as " + quoted(piece);
    return false;
  }

  // What stands between pieces; runs of spaces match runs of spaces.
  bool skip(std::string_view prefix) {
    while (!prefix.empty()) {
      if (prefix[0] == ' ') {
        if (!value_.empty() && value_[0] != ' ') return false;
        prefix.remove_prefix(std::min(prefix.find_first_not_of(' '), prefix.size()));
        value_.remove_prefix(std::min(value_.find_first_not_of(' '), value_.size()));
        continue;
      }
      if (value_.empty() || value_[0] != prefix[0]) return false;
      prefix.remove_prefix(1);
      value_.remove_prefix(1);
    }
    return true;
  }

  // One or two digits, two where `fixed`.
  static bool number(std::string_view& text, bool fixed, int& out) {
    if (!is_digit(text, 0) || (fixed && !is_digit(text, 1))) return false;
    const std::size_t n = is_digit(text, 1) ? 2 : 1;
    out = std::stoi(std::string(text.substr(0, n)));
    text.remove_prefix(n);
    return true;
  }

  template <std::size_t N>
  bool name(const std::array<std::string_view, N>& names, bool whole, int& out) {
    for (std::size_t i = 0; i < N; ++i) {
      const std::string_view wanted = whole ? names[i] : names[i].substr(0, 3);
      if (value_.size() < wanted.size()) continue;
      bool same = true;
      for (std::size_t j = 0; same && j < wanted.size(); ++j) same = (value_[j] | 32) == (wanted[j] | 32);
      if (!same) continue;
      value_.remove_prefix(wanted.size());
      out = static_cast<int>(i);
      return true;
    }
    return false;
  }

  bool in_range(int n, int low, int high, std::string_view what) {
    if (n < low || n > high) out_of_range_ = what;
    return true;
  }

  // The digits behind a point, `size` bytes with it.
  bool fraction(std::size_t size) {
    if (value_[0] != '.' && value_[0] != ',') return false;
    std::int32_t n = 0;
    for (std::size_t i = 1; i < 10; ++i) {
      if (i < size && !is_digit(value_, i)) return false;
      n = n * 10 + (i < size ? value_[i] - '0' : 0);
    }
    nanoseconds_ = n;
    value_.remove_prefix(size);
    return true;
  }

  bool take(const Found& found) {
    int ignored;
    switch (found.piece) {
      case Piece::kYear: {
        int n;
        if (value_.size() < 2 || !number(value_, true, n)) return false;
        year_ = n >= 69 ? n + 1900 : n + 2000;
        return true;
      }
      case Piece::kLongYear:
        for (std::size_t i = 0; i < 4; ++i) {
          if (!is_digit(value_, i)) return false;
        }
        year_ = std::stoi(std::string(value_.substr(0, 4)));
        value_.remove_prefix(4);
        return true;
      case Piece::kMonth:
      case Piece::kLongMonth:
        if (!name(kMonths, found.piece == Piece::kLongMonth, month_)) return false;
        ++month_;
        return true;
      case Piece::kNumMonth:
      case Piece::kZeroMonth:
        return number(value_, found.piece == Piece::kZeroMonth, month_) && in_range(month_, 1, 12, "month");
      case Piece::kWeekday: return name(kWeekdays, false, ignored);
      case Piece::kLongWeekday: return name(kWeekdays, true, ignored);
      case Piece::kDay:
      case Piece::kUnderDay:
      case Piece::kZeroDay:
        if (found.piece == Piece::kUnderDay && value_.starts_with(' ')) value_.remove_prefix(1);
        return number(value_, found.piece == Piece::kZeroDay, day_);
      case Piece::kUnderYearDay:
      case Piece::kZeroYearDay: return year_day(found.piece);
      case Piece::kHour: return number(value_, false, hour_) && in_range(hour_, 0, 23, "hour");
      case Piece::kHour12:
      case Piece::kZeroHour12:
        return number(value_, found.piece == Piece::kZeroHour12, hour_) && in_range(hour_, 0, 12, "hour");
      case Piece::kMinute:
      case Piece::kZeroMinute:
        return number(value_, found.piece == Piece::kZeroMinute, minute_) && in_range(minute_, 0, 59, "minute");
      case Piece::kSecond:
      case Piece::kZeroSecond: return second(found.piece);
      case Piece::kUpperPm:
      case Piece::kLowerPm: {
        const std::string_view mark = value_.substr(0, 2);
        const bool upper = found.piece == Piece::kUpperPm;
        if (mark == (upper ? "PM" : "pm")) {
          pm_ = true;
        } else if (mark == (upper ? "AM" : "am")) {
          am_ = true;
        } else {
          return false;
        }
        value_.remove_prefix(2);
        return true;
      }
      case Piece::kZoneName: return zone_name();
      case Piece::kFraction0: {
        const std::size_t size = 1 + static_cast<std::size_t>(found.digits);
        return value_.size() >= size && fraction(size);
      }
      case Piece::kFraction9: {
        if (value_.size() < 2 || (value_[0] != '.' && value_[0] != ',') || !is_digit(value_, 1)) return true;
        std::size_t size = 1;
        while (is_digit(value_, size)) ++size;
        return fraction(size);
      }
      default: return offset(found.piece);
    }
  }

  bool year_day(Piece piece) {
    for (int i = 0; i < 2; ++i) {
      if (piece == Piece::kUnderYearDay && value_.starts_with(' ')) value_.remove_prefix(1);
    }
    std::size_t n = 0;
    int day = 0;
    while (n < 3 && is_digit(value_, n)) day = day * 10 + (value_[n++] - '0');
    if (n == 0 || (piece == Piece::kZeroYearDay && n != 3)) return false;
    value_.remove_prefix(n);
    year_day_ = day;
    return true;
  }

  bool second(Piece piece) {
    if (!number(value_, piece == Piece::kZeroSecond, second_)) return false;
    in_range(second_, 0, 59, "second");
    // A fraction is taken even where the layout does not ask for one.
    if (value_.size() < 2 || (value_[0] != '.' && value_[0] != ',') || !is_digit(value_, 1)) return true;
    const Piece next = next_piece(layout_).piece;
    if (next == Piece::kFraction0 || next == Piece::kFraction9) return true;
    std::size_t size = 2;
    while (is_digit(value_, size)) ++size;
    return fraction(size);
  }

  bool offset(Piece piece) {
    const bool iso = piece >= Piece::kIso && piece <= Piece::kIsoColonSeconds;
    if (iso && value_.starts_with('Z')) {
      value_.remove_prefix(1);
      has_offset_ = true;
      return true;
    }
    std::string_view form;  // h, m, s digits and colons
    switch (piece) {
      case Piece::kIsoColon:
      case Piece::kNumColon: form = "hh:mm"; break;
      case Piece::kIsoShort:
      case Piece::kNumShort: form = "hh"; break;
      case Piece::kIsoColonSeconds:
      case Piece::kNumColonSeconds: form = "hh:mm:ss"; break;
      case Piece::kIsoSeconds:
      case Piece::kNumSeconds: form = "hhmmss"; break;
      default: form = "hhmm";
    }
    if (value_.size() < form.size() + 1) return false;
    const char sign = value_[0];
    std::string_view rest = value_.substr(1, form.size());
    int parts[3] = {0, 0, 0};
    for (int i = 0; !rest.empty(); ++i) {
      if (rest[0] == ':') rest.remove_prefix(1);
      const bool colon = form.size() == 5 || form.size() == 8;
      if (!number(rest, true, parts[i]) || (colon && !rest.empty() && rest[0] != ':')) return false;
    }
    if (sign != '+' && sign != '-') return false;
    if (parts[0] > 24) out_of_range_ = "time zone offset hour";
    if (parts[1] > 60) out_of_range_ = "time zone offset minute";
    if (parts[2] > 60) out_of_range_ = "time zone offset second";
    offset_ = (parts[0] * 60 + parts[1]) * 60 + parts[2];
    if (sign == '-') offset_ = -offset_;
    has_offset_ = true;
    value_.remove_prefix(form.size() + 1);
    return true;
  }

  // The length of a signed hour such as "+3" or "-14"; 0 when there is none.
  static std::size_t signed_hour(std::string_view text) {
    if (text.empty() || (text[0] != '+' && text[0] != '-')) return 0;
    std::size_t n = 1;
    int hour = 0;
    while (is_digit(text, n) && hour < 100) hour = hour * 10 + (text[n++] - '0');
    return n == 1 || hour > 23 ? 0 : n;
  }

  bool zone_name() {
    if (value_.starts_with("UTC")) {
      value_.remove_prefix(3);
      has_offset_ = true;
      return true;
    }
    if (value_.size() < 3) return false;
    std::size_t n = 0;
    if (value_.starts_with("ChST") || value_.starts_with("MeST")) {
      n = 4;
    } else if (value_.starts_with("GMT")) {
      n = 3 + signed_hour(value_.substr(3));
    } else if (value_[0] == '+' || value_[0] == '-') {
      n = signed_hour(value_);
    } else {
      std::size_t letters = 0;
      while (letters < 6 && letters < value_.size() && value_[letters] >= 'A' && value_[letters] <= 'Z') ++letters;
      if (letters == 3 || (letters == 4 && (value_[3] == 'T' || value_.starts_with("WITA"))) ||
          (letters == 5 && value_[4] == 'T')) {
        n = letters;
      }
    }
    if (n == 0) return false;
    value_.remove_prefix(n);
    return true;
  }

  bool assemble(Instant& out, std::string& error) {
    if (pm_ && hour_ < 12) {
      hour_ += 12;
    } else if (am_ && hour_ == 12) {
      hour_ = 0;
    }
    const auto range = [&](std::string_view what) {
      error = "parsing time " + quoted(all_value_) + ": " + std::string(what);
      return false;
    };
    if (year_day_ >= 0) {
      const int days = days_in_month(year_, 2) + 337;
      if (year_day_ < 1 || year_day_ > days) return range("day-of-year out of range");
      const Civil c = civil_of(days_of(year_, 1, year_day_) * 86400);
      if (month_ >= 0 && month_ != c.month) return range("day-of-year does not match month");
      if (day_ >= 0 && day_ != c.day) return range("day-of-year does not match day");
      month_ = c.month;
      day_ = c.day;
    }
    if (month_ < 0) month_ = 1;
    if (day_ < 0) day_ = 1;
    if (day_ < 1 || day_ > days_in_month(year_, month_)) return range("day out of range");
    out.seconds = days_of(year_, month_, day_) * 86400 + hour_ * 3600 + minute_ * 60 + second_ - offset_;
    out.nanoseconds = nanoseconds_;
    return true;
  }

  std::string_view all_layout_, all_value_;
  std::string_view layout_, value_;  // what is left
  std::string_view out_of_range_;
  int year_ = 0, month_ = -1, day_ = -1, year_day_ = -1;
  int hour_ = 0, minute_ = 0, second_ = 0;
  std::int32_t nanoseconds_ = 0, offset_ = 0;
  bool am_ = false, pm_ = false, has_offset_ = false;
};

}  // namespace

std::string format_time(const Instant& instant, const TimeZone& zone, std::string_view layout) {
  const TimeZone::Offset offset = zone.at(instant.seconds);
  const Civil c = civil_of(instant.seconds + offset.seconds);
  const auto month = static_cast<std::size_t>(c.month - 1);
  const auto weekday = static_cast<std::size_t>(c.weekday);
  const int hour12 = c.hour % 12 == 0 ? 12 : c.hour % 12;
  std::string out;
  for (;;) {
    const Found found = next_piece(layout);
    out += layout.substr(0, found.begin);
    switch (found.piece) {
      case Piece::kNone: return out;
      case Piece::kYear: append_number(out, c.year < 0 ? 0 : c.year % 100, 2); break;
      case Piece::kLongYear: append_number(out, c.year, 4); break;
      case Piece::kLongMonth: out += kMonths[month]; break;
      case Piece::kMonth: out += kMonths[month].substr(0, 3); break;
      case Piece::kNumMonth: append_number(out, c.month, 0); break;
      case Piece::kZeroMonth: append_number(out, c.month, 2); break;
      case Piece::kLongWeekday: out += kWeekdays[weekday]; break;
      case Piece::kWeekday: out += kWeekdays[weekday].substr(0, 3); break;
      case Piece::kDay: append_number(out, c.day, 0); break;
      case Piece::kUnderDay: append_number(out, c.day, 2, ' '); break;
      case Piece::kZeroDay: append_number(out, c.day, 2); break;
      case Piece::kUnderYearDay: append_number(out, c.year_day, 3, ' '); break;
      case Piece::kZeroYearDay: append_number(out, c.year_day, 3); break;
      case Piece::kHour: append_number(out, c.hour, 2); break;
      case Piece::kHour12: append_number(out, hour12, 0); break;
      case Piece::kZeroHour12: append_number(out, hour12, 2); break;
      case Piece::kMinute: append_number(out, c.minute, 0); break;
      case Piece::kZeroMinute: append_number(out, c.minute, 2); break;
      case Piece::kSecond: append_number(out, c.second, 0); break;
      case Piece::kZeroSecond: append_number(out, c.second, 2); break;
      case Piece::kUpperPm: out += c.hour >= 12 ? "PM" : "AM"; break;
      case Piece::kLowerPm: out += c.hour >= 12 ? "pm" : "am"; break;
      case Piece::kZoneName: out += offset.name; break;
      case Piece::kFraction0:
      case Piece::kFraction9:
        append_fraction(out, layout[found.begin], instant.nanoseconds, found.digits, found.piece == Piece::kFraction9);
        break;
      default: append_offset(out, found.piece, offset.seconds);
    }
    layout.remove_prefix(found.end);
  }
}

bool parse_time(std::string_view layout, std::string_view value, Instant& out, std::string& error) {
  return Parser(layout, value).parse(out, error);
}

bool parse_duration(std::string_view text, std::int64_t& out, std::string& error) {
  struct Unit {
    std::string_view name;
    std::uint64_t nanoseconds;
  };
  static constexpr Unit kUnits[] = {{"ns", 1},       {"us", 1000},      {"\xc2\xb5s", 1000}, {"\xce\xbcs", 1000},
                                    {"ms", 1000000}, {"s", 1000000000}, {"m", 60000000000},  {"h", 3600000000000}};
  constexpr std::uint64_t kMax = std::uint64_t{1} << 63;
  const auto fail = [&](std::string_view what) {
    error = "time: " + std::string(what) + " duration " + quoted(text);
    return false;
  };
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  out = 0;
  if (rest == "0") return true;
  if (rest.empty()) return fail("invalid");
  std::uint64_t total = 0;
  while (!rest.empty()) {
    if (rest[0] != '.' && !is_digit(rest, 0)) return fail("invalid");
    std::uint64_t whole = 0, part = 0;
    std::size_t i = 0;
    for (; is_digit(rest, i); ++i) {
      if (whole > kMax / 10) return fail("invalid");
      whole = whole * 10 + static_cast<std::uint64_t>(rest[i] - '0');
      if (whole > kMax) return fail("invalid");
    }
    bool digits = i > 0;
    double scale = 1;
    if (i < rest.size() && rest[i] == '.') {
      ++i;
      bool full = false;
      for (; is_digit(rest, i); ++i) {
        digits = true;
        // Digits beyond what fits are cut off.
        const std::uint64_t next = part * 10 + static_cast<std::uint64_t>(rest[i] - '0');
        full = full || part > (kMax - 1) / 10 || next > kMax;
        if (full) continue;
        part = next;
        scale *= 10;
      }
    }
    if (!digits) return fail("invalid");
    rest.remove_prefix(i);
    std::size_t n = 0;
    while (n < rest.size() && rest[n] != '.' && !is_digit(rest, n)) ++n;
    if (n == 0) return fail("missing unit in");
    const std::string_view name = rest.substr(0, n);
    rest.remove_prefix(n);
    const Unit* unit = nullptr;
    for (const Unit& u : kUnits) {
      if (u.name == name) unit = &u;
    }
    if (unit == nullptr) return fail("unknown unit " + quoted(name) + " in");
    if (whole > kMax / unit->nanoseconds) return fail("invalid");
    whole *= unit->nanoseconds;
    if (part > 0) {
      whole += static_cast<std::uint64_t>(static_cast<double>(part) * (static_cast<double>(unit->nanoseconds) / scale));
      if (whole > kMax) return fail("invalid");
    }
    total += whole;
    if (total > kMax) return fail("invalid");
  }
  if (!negative && total == kMax) return fail("invalid");
  out = static_cast<std::int64_t>(negative ? 0 - total : total);
  return true;
}

std::string_view named_layout(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> kLayouts[] = {
      {"ANSIC", "Mon Jan _2 15:04:05 2006"},          {"UnixDate", "Mon Jan _2 15:04:05 MST 2006"},
      {"RubyDate", "Mon Jan 02 15:04:05 -0700 2006"}, {"RFC822", "02 Jan 06 15:04 MST"},
      {"RFC822Z", "02 Jan 06 15:04 -0700"},           {"RFC850", "Monday, 02-Jan-06 15:04:05 MST"},
      {"RFC1123", "Mon, 02 Jan 2006 15:04:05 MST"},   {"RFC1123Z", "Mon, 02 Jan 2006 15:04:05 -0700"},
      {"RFC3339", "2006-01-02T15:04:05Z07:00"},       {"RFC3339Nano", "2006-01-02T15:04:05.999999999Z07:00"}};
  for (const auto& [known, layout] : kLayouts) {
    if (known == name) return layout;
  }
  return name;
}

}  // namespace kubegate::rego

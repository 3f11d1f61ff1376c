// Reading times by a layout, piece by piece, with the slips that Go forgives (fractions that no layout asks for, runs of
// spaces) and its messages. Rules: Go's time/format.go. Tested by cases/time.txt.
#include <algorithm>
#include <array>

#include "policy/rego/builtins/go_layout.h"
#include "policy/rego/builtins/go_time.h"

namespace kubegate::rego {
namespace {

class TimeParser {
 public:
  TimeParser(std::string_view layout, std::string_view value)
      : all_layout_(layout), all_value_(value), layout_(layout), value_(value) {}

  bool parse(Instant& out, std::string& error) {
    for (;;) {
      const FoundPiece found = next_piece(layout_);
      const std::string_view prefix = layout_.substr(0, found.begin);
      const std::string_view piece = layout_.substr(found.begin, found.end - found.begin);
      if (!skip(prefix)) return cannot(value_, prefix, error);
      if (found.piece == Piece::kNone) {
        if (value_.empty()) break;
        error = "parsing time " + quoted_time(all_value_) + ": extra text: " + quoted_time(value_);
        return false;
      }
      layout_.remove_prefix(found.end);
      const std::string_view hold = value_;
      const bool read = take(found);
      if (!out_of_range_.empty()) {
        error = "parsing time " + quoted_time(all_value_) + ": " + std::string(out_of_range_) + " out of range";
        return false;
      }
      if (!read) return cannot(hold, piece, error);
    }
    return assemble(out, error);
  }

 private:
  bool cannot(std::string_view value, std::string_view piece, std::string& error) const {
    error = "parsing time " + quoted_time(all_value_) + " as " + quoted_time(all_layout_) + ": cannot parse " +
            quoted_time(value) + " as " + quoted_time(piece);
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

  bool take(const FoundPiece& found) {
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
      error = "parsing time " + quoted_time(all_value_) + ": " + std::string(what);
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

bool parse_time(std::string_view layout, std::string_view value, Instant& out, std::string& error) {
  return TimeParser(layout, value).parse(out, error);
}

}  // namespace kubegate::rego

// The idea: a layout is a text in which certain pieces of the reference time (Mon Jan 2 15:04:05 MST 2006) stand for
// the parts of a time. next_piece() finds the first of them; formatting prints each part, parsing (go_time_parse.cc)
// reads it, and both copy or expect what stands between. Rules: Go's time/format.go. Tested by cases/time.txt.
#include "policy/rego/builtins/go_time.h"

#include <algorithm>

#include "policy/rego/builtins/go_layout.h"

namespace kubegate::rego {
namespace {

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

}  // namespace

FoundPiece next_piece(std::string_view layout) {
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

std::string format_time(const Instant& instant, const TimeZone& zone, std::string_view layout) {
  const TimeZone::Offset offset = zone.at(instant.seconds);
  const Civil c = civil_of(instant.seconds + offset.seconds);
  const auto month = static_cast<std::size_t>(c.month - 1);
  const auto weekday = static_cast<std::size_t>(c.weekday);
  const int hour12 = c.hour % 12 == 0 ? 12 : c.hour % 12;
  std::string out;
  for (;;) {
    const FoundPiece found = next_piece(layout);
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

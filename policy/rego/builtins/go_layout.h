// Layouts of Go's time package: texts in which pieces of the reference time (Mon Jan 2 15:04:05 MST 2006) stand for the
// parts of a time. Shared by formatting (go_time.cc) and parsing (go_time_parse.cc).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kubegate::rego {

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

struct FoundPiece {
  Piece piece = Piece::kNone;
  std::size_t begin = 0, end = 0;  // in the layout
  int digits = 0;                  // of a fraction
};

// The first piece in the layout.
FoundPiece next_piece(std::string_view layout);

inline constexpr std::array<std::string_view, 12> kMonths = {"January",   "February", "March",    "April",
                                                             "May",       "June",     "July",     "August",
                                                             "September", "October",  "November", "December"};
inline constexpr std::array<std::string_view, 7> kWeekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                              "Thursday", "Friday", "Saturday"};

inline bool is_digit(std::string_view text, std::size_t i) {
  return i < text.size() && text[i] >= '0' && text[i] <= '9';
}

// The quoting of time's errors: bytes that are not printable ASCII as \x.
std::string quoted_time(std::string_view text);

}  // namespace kubegate::rego

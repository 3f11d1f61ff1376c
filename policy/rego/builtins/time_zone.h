// Civil time and time zones.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kubegate::rego {

// Days since 1970-01-01 of a date in the proleptic Gregorian calendar; month and day may lie outside their ranges, as
// in Go's time.Date.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day);
int days_in_month(std::int64_t year, int month);

struct Civil {
  std::int64_t year;
  int month, day;  // from 1
  int hour, minute, second;
  int weekday;   // 0 is Sunday
  int year_day;  // from 1
};
// Of seconds since 1970 in local time.
Civil civil_of(std::int64_t local_seconds);

// A zone of the IANA database. The one without transitions is UTC.
class TimeZone {
 public:
  struct Offset {
    std::int32_t seconds = 0;  // east of Greenwich
    std::string_view name = "UTC";
    std::int64_t start = INT64_MIN, end = INT64_MAX;  // when it holds, in seconds since 1970
  };

  // The zone from the system's database; nullptr when there is none of that name.
  static std::unique_ptr<TimeZone> load(std::string_view name);
  // Reads a TZif file (RFC 8536, version 2 or later); nullptr when it is none.
  static std::unique_ptr<TimeZone> parse(std::string_view file);

  // At an instant, in seconds since 1970.
  Offset at(std::int64_t seconds) const;
  // The instant of a local time; of a time that comes twice or never, as Go's time.Date picks it.
  std::int64_t instant(std::int64_t local_seconds) const;

 private:
  struct Kind {
    std::int32_t seconds;
    bool summer;
    std::string name;
  };
  // When summer time begins or ends: the rule of a POSIX TZ text.
  struct Change {
    enum class Form : std::uint8_t { kJulian, kDay, kMonth } form = Form::kMonth;
    int month = 0, week = 0, day = 0;
    std::int32_t seconds = 7200;  // after local midnight
  };

  bool parse_footer(std::string_view text);
  Offset by_rule(std::int64_t seconds) const;
  std::int64_t change_in(std::int64_t year, const Change& change, std::int32_t offset) const;

  std::vector<std::int64_t> transitions_;
  std::vector<std::uint8_t> kind_at_;  // index of kinds_ from that transition on
  std::vector<Kind> kinds_;
  // Behind the last transition: none, one offset for ever, or two in turn.
  int rule_kinds_ = 0;
  Kind standard_, summer_;
  Change summer_begins_, summer_ends_;
};

}  // namespace kubegate::rego

// Go's time.Format, time.Parse and time.ParseDuration.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "policy/rego/builtins/time_zone.h"

namespace kubegate::rego {

// An instant: seconds since 1970 and nanoseconds from 0 to 999,999,999.
struct Instant {
  std::int64_t seconds = 0;
  std::int32_t nanoseconds = 0;
};

// The instant as `layout` (Go's reference time) shows it in the zone.
std::string format_time(const Instant& instant, const TimeZone& zone, std::string_view layout);

// The instant that `value` shows; false with Go's message in `error` ("parsing time "x" as "2006": cannot parse …").
// Without a zone the value is UTC; a zone's abbreviation alone is taken as UTC too, GMT+3 as what it says.
bool parse_time(std::string_view layout, std::string_view value, Instant& out, std::string& error);

// Nanoseconds of a duration such as "1h15m30.5s"; false with Go's message in `error`.
bool parse_duration(std::string_view text, std::int64_t& out, std::string& error);

// The layouts that OPA knows by name (RFC3339, RFC1123Z, …); other texts are layouts themselves.
std::string_view named_layout(std::string_view name);

}  // namespace kubegate::rego

// time.*. Rules: topdown/time.go. An operand is nanoseconds, or [nanoseconds, zone], or [nanoseconds, zone, layout].
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "policy/rego/builtins/caches.h"
#include "policy/rego/builtins/functions.h"
#include "policy/rego/builtins/go_time.h"
#include "policy/rego/builtins/operands.h"

namespace kubegate::rego {
namespace {

constexpr std::int64_t kSecond = 1000000000;

struct Moment {
  Instant instant;
  const TimeZone* zone;
  std::string_view layout;

  Civil civil() const { return civil_of(instant.seconds + zone->at(instant.seconds).seconds); }
};

// UTC and "" are UTC; so is "Local": what the machine's zone is must not change a verdict.
const TimeZone* find_zone(BuiltinContext& context, std::string_view name) {
  static const TimeZone kUtc{};
  if (name.empty() || name == "UTC" || name == "Local") return &kUtc;
  auto& zones = context.caches().zones;
  if (const auto at = zones.find(std::string(name)); at != zones.end()) return at->second.get();
  if (name.find("..") != std::string_view::npos || name[0] == '/' || name[0] == '\\' ||
      name.find('\0') != std::string_view::npos) {
    context.fail("time: invalid location name");
    return nullptr;
  }
  auto zone = TimeZone::load(name);
  if (zone == nullptr) {
    context.fail("unknown time zone " + std::string(name));
    return nullptr;
  }
  return (zones[std::string(name)] = std::move(zone)).get();
}

std::optional<Moment> moment_operand(BuiltinContext& context, Value v) {
  Moment moment{{}, find_zone(context, ""), ""};
  Value number = v;
  if (v.is_array() && count(v) > 0) {
    number = element(v, 0);
    if (!number.is_number()) {
      wrong_type(context, 1, number, {"number"});
      return std::nullopt;
    }
    for (std::uint32_t i = 1; i < 3 && i < count(v); ++i) {
      const Value part = element(v, i);
      if (!part.is_string()) {
        wrong_type(context, 1, part, {"string"});
        return std::nullopt;
      }
      if (i == 2) {
        moment.layout = part.text();
        continue;
      }
      moment.zone = find_zone(context, part.text());
      if (moment.zone == nullptr) return std::nullopt;
    }
  } else if (!v.is_number()) {
    wrong_type(context, 1, v, {"either number (ns) or [number (ns), string (tz)]"});
    return std::nullopt;
  }
  std::int64_t ns;
  if (!policy::number_integral(number, ns)) {
    context.fail("timestamp too big");
    return std::nullopt;
  }
  moment.instant.seconds = ns / kSecond - (ns % kSecond < 0);
  moment.instant.nanoseconds = static_cast<std::int32_t>((ns % kSecond + kSecond) % kSecond);
  return moment;
}

Value nanoseconds(BuiltinContext& context, const Instant& instant) {
  const __int128 ns = static_cast<__int128>(instant.seconds) * kSecond + instant.nanoseconds;
  if (ns < INT64_MIN || ns > INT64_MAX) return context.fail("time outside of valid range");
  return Value::integer(static_cast<std::int64_t>(ns));
}

Value numbers(BuiltinContext& context, std::initializer_list<std::int64_t> values) {
  std::vector<Value> items;
  for (const std::int64_t v : values) items.push_back(Value::integer(v));
  return make_array(context.arena(), items);
}

Value parse(BuiltinContext& context, std::string_view layout, std::string_view value) {
  Instant instant;
  std::string error;
  if (!parse_time(named_layout(layout), value, instant, error)) return context.fail(error);
  return nanoseconds(context, instant);
}

// Days, weeks and years of 365 days as hours; false where the text is no row of numbers and units.
bool rewrite_duration(std::string_view text, std::string& out) {
  out.clear();
  if (text.starts_with('-') || text.starts_with('+')) {
    out += text[0];
    text.remove_prefix(1);
  }
  if (text.empty()) return false;
  while (!text.empty()) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
    const std::size_t unit_end = std::min(text.find_first_of("0123456789.", digits), text.size());
    const std::string number(text.substr(0, digits));
    const std::string_view unit = text.substr(digits, unit_end - digits);
    text.remove_prefix(unit_end);
    if (number.empty() || unit.empty() || std::count(number.begin(), number.end(), '.') > 1 || number == ".")
      return false;
    const int hours = unit == "d" ? 24 : unit == "w" ? 7 * 24 : unit == "y" ? 365 * 24 : 0;
    if (hours == 0) {
      const bool known = unit == "ms" || unit == "us" || unit == "\xc2\xb5s" || unit == "ns";
      if (!known && (unit.size() != 1 || unit[0] < 'a' || unit[0] > 'z')) return false;
      (out += number) += unit;
      continue;
    }
    char buffer[400];
    const double product = std::strtod(number.c_str(), nullptr) * hours;
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, product, std::chars_format::fixed);
    if (end.ec != std::errc()) return false;
    out.append(buffer, end.ptr) += 'h';
  }
  return true;
}

}  // namespace

Value eval_time_now_ns(BuiltinContext& context, Args) { return Value::integer(context.now_ns()); }

Value eval_time_parse_ns(BuiltinContext& context, Args args) {
  if (!check_all(context, args, {Type::kString, Type::kString})) return Value();
  return parse(context, args[0].text(), args[1].text());
}

Value eval_time_parse_rfc3339_ns(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  return parse(context, "RFC3339", args[0].text());
}

Value eval_time_parse_duration_ns(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  const std::string_view duration = args[0].text();
  std::int64_t ns;
  std::string error;
  if (duration.find_first_of("dwy") == std::string_view::npos) {
    return parse_duration(duration, ns, error) ? Value::integer(ns) : context.fail(error);
  }
  std::string rewritten, shown;
  policy::append_quoted(shown, duration);
  if (!rewrite_duration(duration, rewritten)) return context.fail("time: invalid duration " + shown);
  if (parse_duration(rewritten, ns, error)) return Value::integer(ns);
  return context.fail(error.substr(0, error.rfind(' ')) + " " + shown);
}

Value eval_time_format(BuiltinContext& context, Args args) {
  const auto moment = moment_operand(context, args[0]);
  if (!moment) return Value();
  const std::string_view layout = named_layout(moment->layout.empty() ? "RFC3339Nano" : moment->layout);
  return text(context, format_time(moment->instant, *moment->zone, layout));
}

Value eval_time_date(BuiltinContext& context, Args args) {
  const auto moment = moment_operand(context, args[0]);
  if (!moment) return Value();
  const Civil c = moment->civil();
  return numbers(context, {c.year, c.month, c.day});
}

Value eval_time_clock(BuiltinContext& context, Args args) {
  const auto moment = moment_operand(context, args[0]);
  if (!moment) return Value();
  const Civil c = moment->civil();
  return numbers(context, {c.hour, c.minute, c.second});
}

Value eval_time_weekday(BuiltinContext& context, Args args) {
  const auto moment = moment_operand(context, args[0]);
  if (!moment) return Value();
  return text(context, format_time(moment->instant, *moment->zone, "Monday"));
}

Value eval_time_add_date(BuiltinContext& context, Args args) {
  const auto moment = moment_operand(context, args[0]);
  std::int64_t parts[3];
  if (!moment) return Value();
  for (int i = 0; i < 3; ++i) {
    if (!check_int(context, args, i + 2, parts[i])) return Value();
  }
  // No sum of these reaches a time that nanoseconds can hold.
  constexpr std::int64_t kFar = 1000000000;
  for (const std::int64_t part : parts) {
    if (part > kFar || part < -kFar) return context.fail("time outside of valid range");
  }
  const Civil c = moment->civil();
  const std::int64_t days = days_of(c.year + parts[0], c.month + parts[1], c.day + parts[2]);
  const std::int64_t local = days * 86400 + c.hour * 3600 + c.minute * 60 + c.second;
  return nanoseconds(context, {moment->zone->instant(local), moment->instant.nanoseconds});
}

Value eval_time_diff(BuiltinContext& context, Args args) {
  auto a = moment_operand(context, args[0]);
  if (!a) return Value();
  auto b = moment_operand(context, args[1]);
  if (!b) return Value();
  b->zone = a->zone;
  const auto later = [](const Instant& x, const Instant& y) {
    return x.seconds != y.seconds ? x.seconds > y.seconds : x.nanoseconds > y.nanoseconds;
  };
  if (later(a->instant, b->instant)) std::swap(*a, *b);
  const Civil from = a->civil(), to = b->civil();
  // Calendar parts subtracted one by one; what is negative borrows from the next. A borrowed month has the days of the
  // month in which the span starts.
  std::int64_t diff[] = {to.year - from.year, to.month - from.month,   to.day - from.day,
                         to.hour - from.hour, to.minute - from.minute, to.second - from.second};
  const int borrow[] = {0, 12, days_in_month(from.year, from.month), 24, 60, 60};
  for (int i = 5; i > 0; --i) {
    if (diff[i] >= 0) continue;
    diff[i] += borrow[i];
    --diff[i - 1];
  }
  return numbers(context, {diff[0], diff[1], diff[2], diff[3], diff[4], diff[5]});
}

}  // namespace kubegate::rego

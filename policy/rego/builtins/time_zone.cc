// The idea: a zone is a sorted list of instants at which its offset changes, read from the system's compiled database,
// and a rule for the time behind the last of them. Everything else about a local time is arithmetic on days.
// Tested by cases/time.txt.
#include "policy/rego/builtins/time_zone.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace kubegate::rego {
namespace {

constexpr std::int64_t kDay = 86400;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0); }

bool is_leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

// Big-endian numbers of a TZif file; zeros behind its end.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : rest_(bytes) {}
  std::int64_t number(int size) {
    std::uint64_t n = 0;
    for (int i = 0; i < size; ++i) n = n << 8 | static_cast<std::uint8_t>(take(1).front());
    return size == 4 ? static_cast<std::int32_t>(n) : static_cast<std::int64_t>(n);
  }
  std::string_view take(std::size_t n) {
    static constexpr std::string_view kZero("\0", 1);
    if (n > rest_.size()) {
      failed_ = true;
      rest_ = {};
      return kZero;
    }
    const std::string_view part = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return part;
  }
  std::string_view rest() const { return rest_; }
  bool failed() const { return failed_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

// Reads pieces of a POSIX TZ text from its front.
struct RuleText {
  std::string_view rest;

  bool number(int& out) {
    std::size_t n = 0;
    out = 0;
    while (n < rest.size() && n < 6 && rest[n] >= '0' && rest[n] <= '9') out = out * 10 + (rest[n++] - '0');
    rest.remove_prefix(n);
    return n > 0;
  }
  bool take(char c) {
    if (rest.empty() || rest[0] != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  bool name(std::string& out) {
    std::size_t n = 0;
    if (take('<')) {
      n = rest.find('>');
      if (n == std::string_view::npos) return false;
      out = rest.substr(0, n);
      rest.remove_prefix(n + 1);
      return true;
    }
    while (n < rest.size() && (rest[n] | 32) >= 'a' && (rest[n] | 32) <= 'z') ++n;
    out = rest.substr(0, n);
    rest.remove_prefix(n);
    return n >= 3;
  }
  // [+-]hh[:mm[:ss]] in seconds.
  bool time(std::int32_t& out) {
    const bool minus = take('-');
    if (!minus) take('+');
    int h = 0, m = 0, s = 0;
    if (!number(h)) return false;
    if (take(':') && (!number(m) || (take(':') && !number(s)))) return false;
    out = (h * 60 + m) * 60 + s;
    if (minus) out = -out;
    return true;
  }
};

}  // namespace

std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
  year += floor_div(month - 1, 12);
  month = month - 1 - floor_div(month - 1, 12) * 12;  // from 0
  static constexpr int kBefore[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  const std::int64_t before = year - 1;
  const std::int64_t days = before * 365 + floor_div(before, 4) - floor_div(before, 100) + floor_div(before, 400);
  return days - 719162 + kBefore[month] + (month > 1 && is_leap(year)) + day - 1;
}

int days_in_month(std::int64_t year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[month - 1] + (month == 2 && is_leap(year));
}

Civil civil_of(std::int64_t local_seconds) {
  Civil c{};
  const std::int64_t days = floor_div(local_seconds, kDay);
  auto rest = static_cast<int>(local_seconds - days * kDay);
  c.hour = rest / 3600;
  c.minute = rest / 60 % 60;
  c.second = rest % 60;
  c.weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
  // At most one year off: 400 years have 146,097 days.
  c.year = 1970 + floor_div(days * 400, 146097);
  while (days_of(c.year, 1, 1) > days) --c.year;
  while (days_of(c.year + 1, 1, 1) <= days) ++c.year;
  rest = static_cast<int>(days - days_of(c.year, 1, 1));
  c.year_day = rest + 1;
  c.month = 1;
  while (rest >= days_in_month(c.year, c.month)) rest -= days_in_month(c.year, c.month++);
  c.day = rest + 1;
  return c;
}

std::unique_ptr<TimeZone> TimeZone::load(std::string_view name) {
  for (const char* folder : {"/usr/share/zoneinfo/", "/usr/lib/zoneinfo/", "/etc/zoneinfo/"}) {
    std::ifstream in(folder + std::string(name), std::ios::binary);
    if (!in) continue;
    const std::string file{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (auto zone = parse(file)) return zone;
  }
  return nullptr;
}

std::unique_ptr<TimeZone> TimeZone::parse(std::string_view file) {
  Bytes bytes(file);
  struct Header {
    char version;
    std::size_t isut, isstd, leap, time, type, chars;
  };
  const auto header = [&](Header& h) {
    if (bytes.take(4) != "TZif") return false;
    h.version = bytes.take(16).front();
    for (std::size_t* n : {&h.isut, &h.isstd, &h.leap, &h.time, &h.type, &h.chars}) {
      *n = static_cast<std::size_t>(bytes.number(4)) & 0xffffff;
    }
    return !bytes.failed();
  };
  Header h;
  if (!header(h) || h.version < '2') return nullptr;
  // The first block has 32-bit times, the second the same with 64 bits.
  bytes.take(h.time * 5 + h.type * 6 + h.chars + h.leap * 8 + h.isstd + h.isut);
  if (bytes.failed() || !header(h)) return nullptr;
  auto zone = std::make_unique<TimeZone>();
  for (std::size_t i = 0; i < h.time && !bytes.failed(); ++i) zone->transitions_.push_back(bytes.number(8));
  for (const char c : bytes.take(h.time)) zone->kind_at_.push_back(static_cast<std::uint8_t>(c));
  std::vector<std::size_t> names;
  for (std::size_t i = 0; i < h.type && !bytes.failed(); ++i) {
    const auto seconds = static_cast<std::int32_t>(bytes.number(4));
    const bool summer = bytes.take(1).front() != 0;
    names.push_back(static_cast<std::uint8_t>(bytes.take(1).front()));
    zone->kinds_.push_back({seconds, summer, {}});
  }
  const std::string_view chars = bytes.take(h.chars);
  bytes.take(h.leap * 12 + h.isstd + h.isut);
  if (bytes.failed() || zone->kinds_.empty()) return nullptr;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] >= chars.size()) return nullptr;
    const std::string_view name = chars.substr(names[i]);
    zone->kinds_[i].name = name.substr(0, name.find('\0'));
  }
  zone->kind_at_.resize(zone->transitions_.size());
  for (const std::uint8_t kind : zone->kind_at_) {
    if (kind >= zone->kinds_.size()) return nullptr;
  }
  std::string_view footer = bytes.rest();
  if (footer.starts_with('\n') && footer.ends_with('\n') && footer.size() > 2) {
    zone->parse_footer(footer.substr(1, footer.size() - 2));
  }
  return zone;
}

// std offset [dst [offset] , start [/time] , end [/time]]
bool TimeZone::parse_footer(std::string_view text) {
  RuleText rule{text};
  if (!rule.name(standard_.name) || !rule.time(standard_.seconds)) return false;
  standard_.seconds = -standard_.seconds;
  standard_.summer = false;
  if (rule.rest.empty()) {
    rule_kinds_ = 1;
    return true;
  }
  if (!rule.name(summer_.name)) return false;
  summer_.summer = true;
  summer_.seconds = standard_.seconds + 3600;
  if (!rule.rest.starts_with(',')) {
    if (!rule.time(summer_.seconds)) return false;
    summer_.seconds = -summer_.seconds;
  }
  for (Change* change : {&summer_begins_, &summer_ends_}) {
    if (!rule.take(',')) return false;
    if (rule.take('M')) {
      change->form = Change::Form::kMonth;
      if (!rule.number(change->month) || !rule.take('.') || !rule.number(change->week) || !rule.take('.') ||
          !rule.number(change->day) || change->month < 1 || change->month > 12) {
        return false;
      }
    } else {
      change->form = rule.take('J') ? Change::Form::kJulian : Change::Form::kDay;
      if (!rule.number(change->day)) return false;
    }
    if (rule.take('/') && !rule.time(change->seconds)) return false;
  }
  rule_kinds_ = 2;
  return true;
}

// The instant of a change in a year, where `offset` holds before it.
std::int64_t TimeZone::change_in(std::int64_t year, const Change& change, std::int32_t offset) const {
  std::int64_t day = 0;
  switch (change.form) {
    case Change::Form::kJulian:
      // Days 1…365; the 29th of February has no number.
      day = days_of(year, 1, change.day) + (is_leap(year) && change.day >= 60);
      break;
    case Change::Form::kDay: day = days_of(year, 1, 1) + change.day; break;
    case Change::Form::kMonth: {
      const std::int64_t first = days_of(year, change.month, 1);
      const auto weekday = static_cast<int>(((first + 4) % 7 + 7) % 7);
      int in_month = (change.day - weekday + 7) % 7 + (change.week - 1) * 7;
      while (in_month >= days_in_month(year, change.month)) in_month -= 7;
      day = first + in_month;
    }
  }
  return day * kDay + change.seconds - offset;
}

TimeZone::Offset TimeZone::by_rule(std::int64_t seconds) const {
  const auto offset = [](const Kind& kind, std::int64_t start, std::int64_t end) {
    return Offset{kind.seconds, kind.name, start, end};
  };
  const std::int64_t last = transitions_.empty() ? INT64_MIN : transitions_.back();
  if (rule_kinds_ == 1) return offset(standard_, last, INT64_MAX);
  const std::int64_t year = civil_of(seconds + standard_.seconds).year;
  struct Edge {
    std::int64_t at;
    bool summer;
  };
  std::vector<Edge> edges;
  for (std::int64_t y = year - 1; y <= year + 1; ++y) {
    edges.push_back({change_in(y, summer_begins_, standard_.seconds), true});
    edges.push_back({change_in(y, summer_ends_, summer_.seconds), false});
  }
  std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) { return a.at < b.at; });
  for (std::size_t i = edges.size() - 1; i-- > 0;) {
    if (edges[i].at > seconds) continue;
    return offset(edges[i].summer ? summer_ : standard_, std::max(edges[i].at, last), edges[i + 1].at);
  }
  return offset(standard_, last, edges[0].at);
}

TimeZone::Offset TimeZone::at(std::int64_t seconds) const {
  if (kinds_.empty()) return {};
  const auto next = std::upper_bound(transitions_.begin(), transitions_.end(), seconds);
  if (next == transitions_.end() && rule_kinds_ > 0) return by_rule(seconds);
  const std::int64_t end = next == transitions_.end() ? INT64_MAX : *next;
  if (next == transitions_.begin()) {
    // Before the first change the first kind of standard time holds.
    const Kind* kind = &kinds_[0];
    for (const Kind& k : kinds_) {
      if (!k.summer) {
        kind = &k;
        break;
      }
    }
    return {kind->seconds, kind->name, INT64_MIN, end};
  }
  const Kind& kind = kinds_[kind_at_[static_cast<std::size_t>(next - transitions_.begin() - 1)]];
  return {kind.seconds, kind.name, *(next - 1), end};
}

std::int64_t TimeZone::instant(std::int64_t local_seconds) const {
  const Offset guess = at(local_seconds);
  const std::int64_t utc = local_seconds - guess.seconds;
  if (utc >= guess.start && utc < guess.end) return utc;
  return local_seconds - at(utc).seconds;
}

}  // namespace kubegate::rego

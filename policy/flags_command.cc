#include "policy/flags.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <utility>

#include "validate/command.h"

namespace kubegate {
namespace {

// False when it is no duration.
bool parse_duration(std::string_view text, std::chrono::nanoseconds& out) {
  double total = 0;
  if (text.empty()) return false;
  while (!text.empty()) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc() || number < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    static constexpr std::pair<std::string_view, double> kUnits[] = {{"ns", 1},  {"us", 1e3}, {"µs", 1e3},  {"ms", 1e6},
                                                                     {"s", 1e9}, {"m", 6e10}, {"h", 3.6e12}};
    const auto* unit = std::find_if(std::begin(kUnits), std::end(kUnits),
                                    [&](const auto& candidate) { return text.starts_with(candidate.first); });
    if (unit == std::end(kUnits)) return false;
    text.remove_prefix(unit->first.size());
    total += number * unit->second;
  }
  if (total > 9e18) return false;
  out = std::chrono::nanoseconds(static_cast<std::int64_t>(total));
  return true;
}

}  // namespace

CLI::Option* add_duration(CLI::App& command, const char* name, std::chrono::nanoseconds& out, const char* description) {
  return command
      .add_option_function<std::string>(
          name,
          [&out, name](const std::string& text) {
            if (!parse_duration(text, out)) {
              throw CLI::ValidationError(name,
                                         text + " is no duration: give a number with a unit, such as 200ms or 5s");
            }
          },
          description)
      ->type_name("DURATION");
}

int finish(const rego_tool::Report& report) {
  std::fwrite(report.err.data(), 1, report.err.size(), stderr);
  std::fwrite(report.out.data(), 1, report.out.size(), stdout);
  if (std::fflush(stdout) == 0) return report.exit_code;
  print_error("standard output: cannot be written");
  return 2;
}

void run_when_called(CLI::App& command, std::function<rego_tool::Report()> work, int& exit_code) {
  command.callback([work = std::move(work), &exit_code] {
    handle_signals();
    exit_code = finish(work());
  });
}

}  // namespace kubegate

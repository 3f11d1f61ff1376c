// The pages stand in the binary as the files that people edit, one behind the other, and are read when first asked for:
// a run that passes never looks at them. A page that could not be read would be a defect of the build, so a test reads
// them all; here it is passed over.
//
// Tested in tests/validate/report/rules_test.cc, which holds the pages to the rules that the sources know.
#include "validate/report/rules.h"

#include <algorithm>
#include <string>

extern "C" {
extern const char kubegate_rule_pages_begin[];
extern const char kubegate_rule_pages_end[];
}

namespace kubegate::report {

namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \n") - first + 1);
}

// Cuts the first line off `text`.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return line;
}

// What stands behind "name: " on the next line.
Result<std::string_view> take_field(std::string_view& text, std::string_view name, std::string_view id) {
  const std::string_view line = take_line(text);
  if (line.size() <= name.size() + 2 || !line.starts_with(name) || line.substr(name.size(), 2) != ": ") {
    return Error{ErrorCode::kData, std::string(id), "expected a line \"" + std::string(name) + ": …\""};
  }
  return line.substr(name.size() + 2);
}

std::vector<RulePage> read_pages() {
  std::vector<RulePage> pages;
  std::string_view rest(kubegate_rule_pages_begin,
                        static_cast<std::size_t>(kubegate_rule_pages_end - kubegate_rule_pages_begin));
  while (!rest.empty()) {
    const std::size_t end = rest.find('\0');
    auto page = parse_rule_page(rest.substr(0, end));
    if (page.ok()) pages.push_back(std::move(*page));
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
  std::sort(pages.begin(), pages.end(), [](const RulePage& a, const RulePage& b) { return a.id < b.id; });
  return pages;
}

}  // namespace

std::string_view section_of(const RulePage& page, std::string_view heading) {
  const std::string mark = "## " + std::string(heading) + "\n";
  for (std::size_t at = page.body.find(mark); at != page.body.npos; at = page.body.find(mark, at + 1)) {
    if (at > 0 && page.body[at - 1] != '\n') continue;
    const std::string_view rest = page.body.substr(at + mark.size());
    return trimmed(rest.substr(0, rest.find("\n## ")));
  }
  return {};
}

Result<RulePage> parse_rule_page(std::string_view text) {
  RulePage page;
  const std::string_view title = take_line(text);
  if (!title.starts_with("# ")) return Error{ErrorCode::kData, std::string(title), "expected a line \"# <rule>\""};
  page.id = title.substr(2);
  const auto level = take_field(text, "level", page.id);
  if (!level.ok()) return level.error();
  if (*level != "error" && *level != "warning") {
    return Error{ErrorCode::kData, std::string(page.id), "a level is error or warning"};
  }
  page.severity = *level == "error" ? Severity::kError : Severity::kWarning;
  auto tags = take_field(text, "tags", page.id);
  if (!tags.ok()) return tags.error();
  for (std::string_view rest = *tags; !rest.empty();) {
    const std::size_t comma = rest.find(',');
    page.tags.push_back(trimmed(rest.substr(0, comma)));
    rest.remove_prefix(comma == rest.npos ? rest.size() : comma + 1);
  }
  const auto link = take_field(text, "link", page.id);
  if (!link.ok()) return link.error();
  page.link = *link;
  text = trimmed(text);
  page.summary = take_line(text);
  page.body = trimmed(text);
  if (page.summary.empty()) return Error{ErrorCode::kData, std::string(page.id), "says nothing"};
  return page;
}

std::span<const RulePage> rule_pages() {
  static const std::vector<RulePage> pages = read_pages();
  return pages;
}

const RulePage* find_rule_page(std::string_view id) {
  const auto pages = rule_pages();
  const auto found = std::lower_bound(pages.begin(), pages.end(), id,
                                      [](const RulePage& page, std::string_view wanted) { return page.id < wanted; });
  return found != pages.end() && found->id == id ? &*found : nullptr;
}

}  // namespace kubegate::report

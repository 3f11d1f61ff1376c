#include "policy/gatekeeper/rule_library.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "validate/base/suggest.h"

extern "C" {
extern const char kubegate_rules_begin[];
extern const char kubegate_rules_end[];
}

namespace kubegate::gatekeeper {

namespace {

// The archive is a file behind the other: its path below rules/ and its size in bytes on a line, then its bytes. They
// come sorted by path (archive_main.cc).
std::vector<LibraryRule> read_archive(std::string_view archive) {
  std::vector<LibraryRule> rules;
  while (!archive.empty()) {
    const std::string_view line = archive.substr(0, archive.find('\n'));
    const std::size_t space = line.find(' ');
    std::size_t size = 0;
    std::from_chars(line.data() + space + 1, line.data() + line.size(), size);
    const std::string_view path = line.substr(0, space), text = archive.substr(line.size() + 1, size);
    archive.remove_prefix(line.size() + 1 + size);

    const std::size_t first = path.find('/'), second = path.find('/', first + 1);
    const std::string_view bundle = path.substr(0, first), name = path.substr(first + 1, second - first - 1);
    if (rules.empty() || rules.back().bundle != bundle || rules.back().name != name)
      rules.push_back({bundle, name, {}, {}, {}});
    const std::string_view file = path.substr(second + 1);
    (file == "template.yaml" ? rules.back().constraint_template
     : file == "README.md"   ? rules.back().page
                             : rules.back().constraints) = text;
  }
  return rules;
}

}  // namespace

const std::vector<LibraryRule>& rule_library() {
  static const std::vector<LibraryRule> rules =
      read_archive({kubegate_rules_begin, static_cast<std::size_t>(kubegate_rules_end - kubegate_rules_begin)});
  return rules;
}

std::vector<std::string_view> rule_bundles() {
  std::vector<std::string_view> bundles;
  for (const LibraryRule& rule : rule_library()) {
    if (bundles.empty() || bundles.back() != rule.bundle) bundles.push_back(rule.bundle);
  }
  return bundles;
}

Result<Done> add_library_rules(std::span<const std::string> bundles, PolicySet& set) {
  std::vector<bool> wanted(rule_library().size());
  for (const std::string& name : bundles) {
    bool found = false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const LibraryRule& rule = rule_library()[i];
      const std::string_view text = name;
      const bool is_this = text.size() == rule.bundle.size() + 1 + rule.name.size() && text.starts_with(rule.bundle) &&
                           text[rule.bundle.size()] == '/' && text.ends_with(rule.name);
      if (name != "all" && name != rule.bundle && !is_this) continue;
      wanted[i] = found = true;
    }
    if (found) continue;
    const std::vector<std::string_view> names = rule_bundles();
    std::string message = "there is no bundle of that name, only all";
    for (const std::string_view each : names) message += ", " + std::string(each);
    if (const std::string_view nearest = nearest_name(name, names); !nearest.empty()) {
      message += "; did you mean " + std::string(nearest) + "?";
    }
    return Error{ErrorCode::kArgument, "--rules " + name, std::move(message)};
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!wanted[i]) continue;
    const LibraryRule& rule = rule_library()[i];
    const std::string folder = "rules/" + std::string(rule.bundle) + "/" + std::string(rule.name) + "/";
    for (const auto& [file, text] :
         {std::pair{"template.yaml", rule.constraint_template}, std::pair{"constraint.yaml", rule.constraints}}) {
      for (const auto& document : keep_documents(folder + file, std::string(text), document::Syntax::kYaml, {})) {
        set.add(document);
      }
    }
  }
  return Done{};
}

}  // namespace kubegate::gatekeeper

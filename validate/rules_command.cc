#include "validate/rules_command.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/suggest.h"
#include "validate/command.h"
#include "validate/report/place.h"
#include "validate/report/rules.h"

namespace kubegate {
namespace {

using report::RulePage;

constexpr int kDone = 0, kFailed = 2;

int print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written ? kDone : kFailed;
}

int list_rules() {
  std::size_t width = 0;
  for (const RulePage& page : report::rule_pages()) width = std::max(width, page.id.size());
  std::string text;
  for (const RulePage& page : report::rule_pages()) {
    text += page.id;
    text.append(width + 2 - page.id.size(), ' ');
    text += report::name_of_severity(page.severity);
    text.append(page.severity == Severity::kError ? 4 : 2, ' ');
    text += page.summary;
    text += '\n';
  }
  return print(text);
}

// "unknown-field" is enough where only one family has it; of several, that of manifests is meant.
const RulePage* find_rule(std::string_view name) {
  if (const RulePage* page = report::find_rule_page(name)) return page;
  const RulePage* only = nullptr;
  for (const RulePage& page : report::rule_pages()) {
    if (page.id.substr(page.id.find('/') + 1) != name) continue;
    if (only != nullptr) return report::find_rule_page("schema/" + std::string(name));
    only = &page;
  }
  return only;
}

int show_rule(const std::string& name) {
  const RulePage* page = find_rule(name);
  if (page == nullptr) {
    if (name.starts_with("policy/")) {
      print_error(name + " is a policy of your own: its ConstraintTemplate describes it");
      return kFailed;
    }
    std::vector<std::string_view> ids, tails;
    for (const RulePage& known : report::rule_pages()) {
      ids.push_back(known.id);
      tails.push_back(known.id.substr(known.id.find('/') + 1));
    }
    std::string_view nearest = nearest_name(name, ids);
    if (nearest.empty()) nearest = nearest_name(name, tails);
    const RulePage* meant = nearest.empty() ? nullptr : find_rule(nearest);
    print_error("there is no rule " + name +
                (meant == nullptr ? " (kubegate rules list names them all)"
                                  : ", did you mean " + std::string(meant->id) + "?"));
    return kFailed;
  }
  std::string text(page->id);
  text += " (";
  text += report::name_of_severity(page->severity);
  text += ")\n\n";
  for (const std::string_view part : {page->summary, page->body}) {
    text += part;
    text += "\n\n";
  }
  text += "More: ";
  text += page->link;
  return print(text + "\n");
}

}  // namespace

void add_rules_command(CLI::App& app, int& exit_code) {
  CLI::App* rules = app.add_subcommand("rules", "Tell what each rule says, why, and how to mend");
  rules->require_subcommand(1);
  rules->add_subcommand("list", "All rules, a line each")->callback([&exit_code] { exit_code = list_rules(); });
  CLI::App* show = rules->add_subcommand("show", "The page of one rule");
  const auto name = std::make_shared<std::string>();
  show->add_option("RULE", *name, "Its id as findings tell it: schema/unknown-field")->required();
  show->callback([name, &exit_code] { exit_code = show_rule(*name); });
}

}  // namespace kubegate

// Rules by one value: where most rules of a document compare the same thing with a constant (an argument of a function,
// a path of input), the rules that can hold for its value are found by a search among the constants, and only they are
// tried. Rules that do not compare it are in every list; a list keeps the order of the rules.
#include <algorithm>
#include <map>

#include "policy/rego/compile_program.h"

namespace kubegate::rego {
namespace {

// Fewer are tried as fast one by one.
constexpr std::size_t kMinIndexed = 4;
// Rules that are in every list may make the lists this many times as long as there are rules, not more.
constexpr std::size_t kMaxRepeated = 64;

// The constant that a rule compares argument i with, in all its branches; null when it does not.
const Term* constant_argument(const Rule* rule, std::size_t i) {
  const Term* value = nullptr;
  for (const Rule* branch = rule; branch != nullptr; branch = branch->otherwise) {
    if (i >= branch->head.args.size() || !branch->head.args[i]->is_scalar()) return nullptr;
    if (value != nullptr && !equal(value, branch->head.args[i])) return nullptr;
    value = branch->head.args[i];
  }
  return value;
}

bool is_input_path(const Term* term) {
  if (!term->is_ref() || !term->terms[0]->is_var() || term->terms[0]->text != "input" || term->terms.size() > 12) {
    return false;
  }
  return std::all_of(term->terms.begin() + 1, term->terms.end(), [](const Term* step) { return step->is_string(); });
}

// The comparisons of paths of input with constants that a rule cannot hold without.
std::vector<std::pair<const Term*, const Term*>> comparisons(const Rule* rule) {
  std::vector<std::pair<const Term*, const Term*>> out;
  if (rule->otherwise != nullptr) return out;
  for (const Expr* expr : rule->body) {
    if (expr->negated || !expr->with.empty() || !expr->is_call_of("eq") || expr->terms.size() != 3) continue;
    const Term *a = expr->terms[1], *b = expr->terms[2];
    if (is_input_path(b)) std::swap(a, b);
    if (is_input_path(a) && b->is_scalar()) out.emplace_back(a, b);
  }
  return out;
}

}  // namespace

// Emits the search, where it pays; then rule i is to begin at rule_entries_[i], and to end with next_rule().
bool BlockBuilder::index_rules(const std::vector<const Rule*>& rules) {
  if (!program_.optimisations().indexes || rules.size() < kMinIndexed || program_.options_.coverage) return false;
  // Which rules compare it with which constants, in the order of the rules.
  using Compared = std::vector<std::pair<std::size_t, const Term*>>;
  Compared best;
  Operand value = kNoOperand;
  const Term* path = nullptr;
  const auto consider = [&](const Compared& compared) {
    if (compared.size() < kMinIndexed || compared.size() <= best.size()) return false;
    best = compared;
    return true;
  };
  const std::size_t arity = rules[0]->head.args.size();
  for (std::size_t i = 0; i < arity; ++i) {
    Compared compared;
    for (std::size_t r = 0; r < rules.size(); ++r) {
      if (const Term* constant = constant_argument(rules[r], i)) compared.emplace_back(r, constant);
    }
    if (consider(compared)) value = static_cast<Operand>(i);
  }
  if (arity == 0) {
    std::map<std::string, std::pair<const Term*, Compared>> by_path;
    for (std::size_t r = 0; r < rules.size(); ++r) {
      for (const auto& [term, constant] : comparisons(rules[r])) {
        if (std::size_t i = 0; program_.constant_input(term, i) != nullptr) continue;
        auto& [place, compared] = by_path[to_string(term)];
        place = term;
        if (compared.empty() || compared.back().first != r) compared.emplace_back(r, constant);
      }
    }
    for (const auto& [text, entry] : by_path) {
      if (consider(entry.second)) path = entry.first;
    }
  }
  // Rules by their constants' values, and those that compare nothing.
  std::vector<std::pair<Value, std::size_t>> by_value;
  std::vector<std::size_t> everywhere;
  for (std::size_t r = 0, next = 0; r < rules.size(); ++r) {
    if (next < best.size() && best[next].first == r) {
      by_value.emplace_back(program_.constant_value(best[next++].second), r);
    } else {
      everywhere.push_back(r);
    }
  }
  std::stable_sort(by_value.begin(), by_value.end(),
                   [](const auto& a, const auto& b) { return policy::compare(a.first, b.first) < 0; });
  if (best.empty() || everywhere.size() * best.size() > kMaxRepeated * rules.size()) return false;

  scope_ = {};
  open_region(label());
  if (path != nullptr) {
    if (reads_ != nullptr) reads_->input = true;
    std::size_t i = 1;
    value = base_path(path, 0, i, true);
  }
  regions_.pop_back();
  scope_ = {};

  std::vector<Label> entries;
  for (std::size_t r = 0; r <= rules.size(); ++r) entries.push_back(label());
  std::vector<std::uint32_t>& lists = program_.program_->rule_lists_;
  if (rule_labels_.empty()) first_rule_label_ = lists.size();
  const auto add_list = [&](std::size_t begin, std::size_t end) {
    const auto list = static_cast<std::uint32_t>(first_rule_label_ + rule_labels_.size());
    auto other = everywhere.begin();
    for (; begin < end; ++begin) {
      const std::size_t rule = by_value[begin].second;
      for (; other != everywhere.end() && *other < rule; ++other) rule_labels_.push_back(entries[*other]);
      rule_labels_.push_back(entries[rule]);
    }
    for (; other != everywhere.end(); ++other) rule_labels_.push_back(entries[*other]);
    rule_labels_.push_back(entries.back());
    return list;
  };
  RuleIndex index;
  for (std::size_t begin = 0, end = 0; begin < by_value.size(); begin = end) {
    while (end < by_value.size() && policy::equal(by_value[end].first, by_value[begin].first)) ++end;
    index.entries.push_back({by_value[begin].first, add_list(begin, end)});
  }
  index.others = add_list(0, 0);
  lists.resize(first_rule_label_ + rule_labels_.size());

  Instruction& jump_to = emit(Op::kSwitch);
  jump_to.a = value;
  jump_to.imm = static_cast<std::uint32_t>(program_.program_->indexes_.size());
  const Operand list = reg(0);
  code_.back().dst = list;
  program_.program_->indexes_.push_back(std::move(index));
  rule_entries_ = std::move(entries);
  rule_list_ = list;
  return true;
}

// The end of a rule; behind the last, that of all.
void BlockBuilder::next_rule(std::size_t rule) {
  emit(Op::kNextRule).a = rule_list_;
  if (rule + 2 == rule_entries_.size()) bind(rule_entries_.back());
}

}  // namespace kubegate::rego

// The inside of compile_program: the tables of a Program under construction, and the builder of one block.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "policy/rego/program.h"
#include "policy/rego/scoped_map.h"

namespace kubegate::rego {

// What a document reads directly, for the question which documents a `with` concerns.
struct Reads {
  bool input = false;
  std::set<std::uint32_t> documents;
  std::set<std::uint32_t> mocks;
  std::vector<Ref> base;  // constant prefixes of references to base documents
};

// Whether a built-in's result depends on its arguments alone, and is all that it does.
bool is_pure(const BuiltinDeclaration& builtin);

class BlockBuilder;

class ProgramBuilder {
 public:
  ProgramBuilder(const CompiledModules& modules, const ProgramOptions& options, RegoErrors& errors);
  std::shared_ptr<const Program> build(const CompiledQuery* query, const std::vector<std::string>& entrypoints);

 private:
  friend class BlockBuilder;

  Value constant_value(const Term* term);
  Operand fold(const BuiltinDeclaration& builtin, const std::vector<Value>& args);
  Operand constant(Value value);
  Value constant_of(Operand operand) const { return program_->constants_[static_cast<std::size_t>(~operand)]; }
  // What a document merely stands for: a constant or a constant path of input; null when it is more, or when some
  // `with` may replace it.
  const Term* alias(const RuleNode& node);
  const Term* find_alias(const RuleNode& node);
  // The value of a constant part of input that a reference begins with; `i` moves behind it. Null when there is none.
  const Value* constant_input(const Term* ref, std::size_t& i) const;
  // compile_program_fold.cc: the value of a comprehension that depends on constants alone; kNoOperand when it does not.
  Operand closed(const Term* comprehension, const BlockBuilder& block);
  bool is_closed(const Term* term, const BlockBuilder& block);
  bool is_closed(const Expr* expr, const BlockBuilder& block);
  void too_large();                   // an error: more parts in one expression than an instruction takes
  Operand unbound(const Term* term);  // an internal error: the tree was not in order
  std::uint32_t key(std::string_view text);
  std::uint32_t path(std::uint32_t parent, std::string_view text);
  std::uint32_t shape(Shape shape);
  std::uint32_t builtin(const BuiltinDeclaration* declaration);
  std::uint32_t place(const Location& location);
  std::uint32_t document(const RuleNode& node);  // plans it later
  // The function that gives the value of one key of a partial document; planned later.
  std::uint32_t member(std::uint32_t document);
  void choose_members();
  std::uint32_t node_number(const RuleNode& node) const { return node_numbers_.at(&node); }
  void require_below(const RuleNode& node, Reads* reads);
  // The number of the mock of a function that some `with` replaces, by its name; -1 when none does.
  int mock(const Term* op);

  void find_targets(const CompiledQuery* query);
  void number_nodes(const RuleNode& node);
  void plan(std::uint32_t document);
  void plan_entrypoint(const std::string& path);
  void plan_query(const CompiledQuery& query);
  void find_affected();
  bool expensive(std::uint32_t document, std::vector<std::int8_t>& known) const;
  bool pure(std::uint32_t document, std::vector<std::int8_t>& known) const;

  const CompiledModules& modules_;
  const Optimisations& optimisations() const { return options_.optimisations; }

  const ProgramOptions options_;
  RegoErrors& errors_;
  std::shared_ptr<Program> program_;

  struct Less {
    bool operator()(Value a, Value b) const;
  };
  std::map<Value, Operand, Less> constants_;
  std::map<std::string, std::uint32_t, std::less<>> keys_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> paths_;  // parent, key
  std::unordered_map<const BuiltinDeclaration*, std::uint32_t> builtins_;
  std::unordered_map<const RuleNode*, std::uint32_t> documents_, node_numbers_;
  std::vector<const RuleNode*> document_nodes_;     // of documents, by number
  std::vector<Reads> reads_;                        // of documents, by number
  std::map<std::uint32_t, std::uint32_t> members_;  // functions of one key, by document
  std::vector<std::uint32_t> ends_;                 // of documents' blocks, by number
  std::vector<const Expr*> with_exprs_;             // of modifiers, by number
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, std::uint32_t> places_;
  std::map<std::string, int> mocks_;
  std::vector<Ref> data_targets_;  // of any `with`
  bool input_targets_ = false;     // some `with` replaces parts of input
  std::vector<ConstantInput> constants_input_;
  bool folds_ = true;
  std::unordered_map<const RuleNode*, const Term*> aliases_;
};

// Plans one block. See compile_program_body.cc for loops, regions and levels.
class BlockBuilder {
  friend class ProgramBuilder;

 public:
  using Label = std::uint32_t;

  // `reads` may be null.
  BlockBuilder(ProgramBuilder& program, Reads* reads) : program_(program), reads_(reads) {}

  // compile_program_rules.cc
  void complete(const RuleNode& node, std::uint32_t document);  // functions too
  void partial(const RuleNode& node, VirtualDocument::Kind kind);
  void member(const RuleNode& node, VirtualDocument::Kind kind);
  void query(const CompiledQuery& query, std::vector<std::string>& variables,
             const std::function<std::string(const Expr*)>& text, std::vector<QueryExpression>& expressions);
  void path(const Term* path);
  void value(const Term* closed);
  // compile_program_layout.cc: appends the block to the program.
  Block finish();

 private:
  // Where failures of a stretch of code go that loops inside it cannot help.
  struct Region {
    Label fail;
    std::uint32_t base;      // loops open outside
    std::uint32_t used = 0;  // the innermost of these that something inside depends on
  };
  struct Loop {
    Label next;               // where another choice is made
    std::size_t instruction;  // its kNext
    std::uint32_t used = 0;   // the innermost loop around it that something behind it depends on
    bool ordered = false;     // its end goes to the loop before it whatever depends on what
  };
  using Known = std::tuple<Op, Operand, std::uint32_t>;  // a step: what it does, from where, to where
  // What is known at a point of the code and forgotten at the end of its region.
  struct Scope {
    ScopedMap<std::string, Operand, std::less<>> vars;
    ScopedMap<Known, Operand> values;  // steps that are in registers already

    std::pair<std::size_t, std::size_t> mark() const { return {vars.mark(), values.mark()}; }
    void rewind(std::pair<std::size_t, std::size_t> mark) {
      vars.rewind(mark.first);
      values.rewind(mark.second);
    }
  };

  // ---- compile_program_body.cc
  Instruction& emit(Op op);
  Operand reg(std::uint32_t level);
  Operand registers(std::uint32_t count, std::uint32_t level);
  std::uint32_t level(Operand operand) const { return operand < 0 ? 0 : levels_[static_cast<std::size_t>(operand)]; }
  // Notes that what follows depends on loops up to `level`.
  std::uint32_t depend(std::uint32_t level);
  std::uint32_t depend_on(Operand operand) { return depend(level(operand)); }
  Label label();
  void bind(Label label) { labels_[label] = static_cast<std::uint32_t>(code_.size()); }
  Label fail_for(std::uint32_t level) const;
  Label last_choice() const;
  void jump(Label to);
  void labels_jump(Label at, Label to);
  void solution(std::uint32_t level);
  void every_solution();
  void open_region(Label fail);
  std::uint32_t close_region();  // gives what the region depends on
  Region& region() { return regions_.back(); }
  void count_vars(const Term* term);
  void count_vars(const Expr* expr);

  void body(const Body& body);
  void expression(const Expr* expr);
  void positive(const Expr* expr);
  void plain(const Expr* expr);
  void with(const Expr* expr);
  void every(const Expr* expr);
  void holds_any(const Expr* expr);
  void call(const Expr* expr);
  Operand call_value(const Expr* expr, std::size_t arity);
  Operand fold(const Expr* expr, const std::vector<Operand>& args);
  bool capture(const Expr* expr, Operand value);
  void visit(const Location& location);

  // ---- compile_program_terms.cc
  bool ground(const Term* term) const;
  Operand term(const Term* term);
  Operand collection(const Term* term);
  Operand comprehension(const Term* term);
  Instruction with_list(Op op, const std::vector<Operand>& parts);
  Operand pair(Operand first, Operand second);

  // ---- compile_program_references.cc
  Operand reference(const Term* term);
  Operand data(const Term* term);
  Operand data_dynamic(const Term* term, const RuleNode& node, Operand base, std::size_t i);
  Operand steps(const Term* term, std::size_t i, Operand value, bool stored = false);
  Operand in_register(const Known& step) const;
  Operand base_path(const Term* term, std::uint32_t root, std::size_t& i, bool soft, std::size_t last = SIZE_MAX);
  Operand soft_step(Operand value, const Term* key);
  Operand never();  // fails, whatever is chosen
  Operand unbound(const Term* term);
  Operand document(std::uint32_t number);
  Operand member_of(std::uint32_t number, const Term* key);
  Operand step(Operand value, const Term* key, bool stored = false);
  Operand scan(Operand collection, const Term* key);
  Operand open_scan(Operand collection, bool with_value, Operand* key);

  // ---- compile_program_unify.cc
  void unify(const Term* a, const Term* b);
  void match(const Term* pattern, Operand value);
  void check(Op op, Operand a, Operand b);

  // ---- compile_program_once.cc
  std::size_t begin_once();
  void end_once(std::size_t guard, Operand result, std::uint32_t level);
  void end_once(std::size_t guard, std::uint32_t level);  // of checks
  bool worth_once(std::size_t guard, std::uint32_t level) const;
  void insert();

  // ---- compile_program_format.cc
  Operand formatted(const Expr* expr);

  // ---- compile_program_join.cc
  const Instruction* writer(Operand reg, std::size_t from) const;
  bool narrow_scan(Operand item_part, Operand wanted);
  bool part_of_item(Operand part, std::size_t next, std::vector<Value>& steps) const;
  bool known_before(Operand operand, std::size_t scan, std::uint32_t own) const;
  void move_before(Operand operand, std::size_t scan);

  // ---- compile_program_rules.cc
  void chain(const Rule* rule, std::uint32_t document, Operand result, bool returns, bool only);
  void partial_rule(const Rule* rule, std::size_t depth, VirtualDocument::Kind kind);
  void partial_below(const RuleNode& node, std::vector<const Term*>& keys, std::size_t depth);
  void add_path(const std::vector<Operand>& parts, PathLeaf leaf);
  void begin_rule(const Rule* rule);
  // compile_program_index.cc
  bool index_rules(const std::vector<const Rule*>& rules);
  void next_rule(std::size_t rule);

  ProgramBuilder& program_;
  Reads* reads_;
  bool chronological_ = false;  // loops go back one by one: what is tried, and in which order, is seen
  std::vector<Instruction> code_;
  std::vector<std::uint32_t> labels_;
  std::vector<std::uint32_t> levels_;                            // of registers
  std::vector<std::pair<std::size_t, Instruction>> insertions_;  // what is to stand before an instruction
  std::vector<Loop> loops_;
  std::vector<Region> regions_;
  bool never_ = false;             // something in the rule fails whatever is chosen
  std::uint32_t world_level_ = 0;  // of the world: what the modifiers of the enclosing `with` depend on
  Scope scope_;
  std::map<std::string, int, std::less<>> var_counts_;
  // Of rules that have an index: the labels in rule_lists_ from first_rule_label_ on, those of the rules themselves,
  // and the register of the list.
  std::vector<Label> rule_labels_, rule_entries_;
  std::size_t first_rule_label_ = 0;
  Operand rule_list_ = kNoOperand;
  const Expr* captured_ = nullptr;  // an expression of a query whose value is part of its rows
  Operand captured_value_ = kNoOperand;
};

}  // namespace kubegate::rego

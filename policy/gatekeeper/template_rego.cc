// The Rego of a template, as Gatekeeper's driver compiles it: the main module becomes the package `template` whatever
// its author called it, libraries live below data.lib, and a hook that Gatekeeper puts beside them reads the results.
// The hook is compiled here for what the type checker says of it, though programs do without it: a `violation` that is
// no set of objects is refused by the types of `r.msg`, in OPA's words.
//
// Errors stand at rows and columns of a text inside a YAML document; they are told at the place in the file.
//
// Rules: drivers/rego/{compilers,rego}.go and regorewriter of open-policy-agent/frameworks.
#include <algorithm>

#include "policy/gatekeeper/template.h"
#include "policy/rego/parser.h"
#include "policy/rego/visit.h"

namespace kubegate::gatekeeper {

using document::Document;
using document::NodeIndex;
using rego::Import;
using rego::Module;
using rego::Ref;
using rego::Rule;
using rego::Term;

namespace {

constexpr const char* kHook = R"(package hooks

violation[response] {
  data.template.violation[r] with input as {"review": input.review, "parameters": input.parameters}
  response := {"details": object.get(r, "details", {}), "msg": r.msg}
}
)";

bool is_var(const Term* term, std::string_view name) { return term->is_var() && term->text == name; }
bool is_text(const Ref& ref, std::size_t step, std::string_view text) {
  return step < ref.size() && ref[step]->is_string() && ref[step]->text == text;
}

// Whether a template may read this place of data. Rule: RegoRewriter.checkRef.
bool is_allowed(const Ref& ref) {
  return !is_var(ref[0], "data") || is_text(ref, 1, "inventory") || is_text(ref, 1, "lib");
}

// Whether a template may import this. Rule: RegoRewriter.checkImport.
bool is_allowed(const Import& import) {
  const Ref& path = import.path;
  return (is_var(path[0], "data") && is_text(path, 1, "lib")) || is_var(path[0], "future");
}

class RegoCompiler {
 public:
  RegoCompiler(const Template& policy, std::vector<PolicyFinding>& findings)
      : template_(policy), document_(policy.source->document), findings_(findings),
        result_(std::make_unique<TemplateRego>()) {}

  std::unique_ptr<TemplateRego> compile(bool print) {
    std::vector<Module*> modules;
    for (std::size_t i = 0; i < template_.modules.size(); ++i) {
      // The names by which Gatekeeper's messages of evaluation errors know them.
      std::string name = i == 0 ? "template" : "libs[\"lib_" + std::to_string(i - 1) + "\"]";
      rego::RegoErrors errors;
      const std::string text(document_.text(template_.modules[i]));
      Module* module = rego::parse_module(result_->ast, std::move(name), text, template_.version, errors);
      for (const rego::RegoError& error : errors) fault(error);
      if (module == nullptr) continue;
      check_module(*module, i == 0);
      modules.push_back(module);
    }
    if (failed_) return nullptr;
    Ref& package = modules.front()->package;
    package = {package.front(), result_->ast.string("template", modules.front()->package_location)};
    rego::RegoErrors errors;
    modules.push_back(rego::parse_module(result_->ast, "hooks.hooks_builtin", kHook, rego::RegoVersion::kV0, errors));
    // Gatekeeper has no setting that lets a policy look into the network; http.send is left out of its chart's.
    rego::CompileOptions options;
    options.enable_print = print;
    result_->modules = rego::compile_modules(result_->ast, std::move(modules), options, errors);
    for (const rego::RegoError& error : errors) fault(error);
    return failed_ || result_->modules == nullptr ? nullptr : std::move(result_);
  }

 private:
  void fault(const rego::RegoError& error) {
    std::string message = std::string(error.code) + ": " + error.message;
    for (const std::string& detail : error.details) message += "; " + detail;
    fault(error.location, std::move(message));
  }

  void fault(const rego::Location& location, std::string message) {
    failed_ = true;
    // The hook's own errors are about what it reads: the results of the main module.
    const bool ours = location.row > 0 && location.file < template_.modules.size();
    const NodeIndex module = template_.modules[ours ? location.file : 0];
    PolicyFinding finding = policy_finding(template_.source, template_.node, module, "policy/rego", std::move(message));
    if (ours) {
      finding.finding.span = place_in_text(document_, module, location.row, location.column, location.length);
    }
    findings_.push_back(std::move(finding));
  }

  void check_module(Module& module, bool is_main) {
    for (const Import* import : module.imports) {
      if (!is_allowed(*import)) {
        fault(import->location, "a template imports nothing but data.lib.* and future.*");
      }
    }
    if (is_main) {
      const bool found = std::any_of(module.rules.begin(), module.rules.end(), [](const Rule* rule) {
        return is_var(rule->head.reference.front(), "violation");
      });
      if (!found) fault(module.package_location, "the rule `violation` is missing");
    } else if (!is_text(module.package, 1, "lib") || module.package.size() < 3) {
      fault(module.package_location, "the package of a library is lib.<name>");
    }
    rego::Walk walk;
    walk.term = [&](Term* term) {
      if (!term->is_ref()) return is_var(term, "data") && (disallow(term), true);
      if (!is_allowed(term->terms)) {
        disallow(term);
      } else if (is_var(term->terms[0], "data") && is_text(term->terms, 1, "inventory")) {
        note_inventory(term->terms);
      }
      return !is_var(term->terms[0], "data") ? false : true;
    };
    for (Rule* rule : module.rules) {
      for (; rule != nullptr; rule = rule->otherwise) {
        walk(rule->head);
        walk(rule->body);
      }
    }
  }

  void disallow(const Term* term) {
    fault(term->location, "a template reads nothing of data but data.lib and data.inventory");
  }

  // data.inventory.cluster[groupVersion][kind][name], data.inventory.namespace[namespace][groupVersion][kind][name].
  void note_inventory(const Ref& ref) {
    const std::size_t kind = is_text(ref, 2, "cluster") ? 4 : 5;
    if (kind < ref.size() && ref[2]->is_string() && ref[kind]->is_string()) {
      result_->inventory.kinds.insert(ref[kind]->text);
    } else {
      result_->inventory.all = true;
    }
  }

  const Template& template_;
  const Document& document_;
  std::vector<PolicyFinding>& findings_;
  std::unique_ptr<TemplateRego> result_;
  bool failed_ = false;
};

}  // namespace

Span place_in_text(const Document& document, NodeIndex scalar, std::uint32_t row, std::uint32_t column,
                   std::uint32_t length) {
  const document::Node& node = document[scalar];
  if (node.style != document::Style::kLiteral) return node.span();
  // Row n is the n-th line behind the block's header. All have the block's indentation, which its text lacks.
  const std::string_view source = document.source();
  std::size_t at = node.begin;
  for (std::uint32_t i = 0; i < row && at != source.npos; ++i) {
    at = source.find('\n', at);
    if (at != source.npos) ++at;
  }
  std::string_view text = document.text(scalar);
  for (std::uint32_t i = 1; i < row && !text.empty(); ++i) {
    const std::size_t end = text.find('\n');
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  if (at == source.npos || at > node.begin + node.length) return node.span();
  const std::string_view line = text.substr(0, text.find('\n'));
  const std::size_t source_end = std::min(source.find('\n', at), source.size());
  std::size_t end = source_end;
  if (end > at && source[end - 1] == '\r') --end;
  if (end - at < line.size()) return node.span();
  at = end - line.size();
  for (std::uint32_t i = 1; i < column && at < end; ++i) {
    do ++at;
    while (at < end && (source[at] & 0xc0) == 0x80);
  }
  return {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(std::min<std::size_t>(length, end - at))};
}

std::unique_ptr<TemplateRego> compile_rego(const Template& policy, std::vector<PolicyFinding>& findings, bool print) {
  return RegoCompiler(policy, findings).compile(print);
}

}  // namespace kubegate::gatekeeper

// gator's JSON is that of Go's structures, in the order of their fields; its YAML is that of the same structures where
// nobody has said how their fields are called, so the names differ (enforcementaction, constraint.object). Both are made
// here from one list of fields.
//
// Rules: cmd/gator/test, pkg/gator/test/types.go and types.Result of frameworks. Tested in
// tests/policy/policy_tool/gator_form_test.cc against gator's own output.
#include "policy/policy_tool/gator_form.h"

#include <algorithm>

#include "policy/policy_tool/json_text.h"
#include "policy/rego_tool/present.h"
#include "policy/value/value.h"

namespace kubegate::policy_tool {

using policy::Value;

namespace {

constexpr std::string_view kTarget = "admission.k8s.gatekeeper.sh";

std::string json_of(Value value) { return policy::to_json(value, {.escape_html = true}); }

Value value_of(const Object& object) { return object.document->value(object.node); }

enum class Names { kJson, kYaml };

void append_result(JsonText& out, const GatorResult& result, Names names) {
  const gatekeeper::Constraint& constraint = *result.constraint;
  const bool yaml = names == Names::kYaml;
  out.open('{');
  if (yaml) {
    out.key("result");
    out.open('{');
  }
  out.member("target", kTarget);
  if (yaml || !result.message.empty()) out.member("msg", result.message);
  out.key("metadata");
  out.raw("{\"details\":" + result.details + "}");
  out.key("constraint");
  out.raw(yaml ? "{\"object\":" + json_of(constraint.value()) + "}" : json_of(constraint.value()));
  out.member(yaml ? "enforcementaction" : "enforcementAction", result.action);
  if (yaml || !constraint.scoped_actions.empty()) {
    out.key(yaml ? "scopedenforcementactions" : "scopedActions");
    out.open('[');
    for (const std::string& action : constraint.scoped_actions) out.text(action);
    out.close(']');
  }
  if (yaml) out.close('}');
  out.key("violatingObject");
  out.raw(json_of(value_of(*result.object)));
  out.key("trace");
  out.raw("null");
  out.close('}');
}

void append_cost(JsonText& out, const GatorCost& cost, Names names) {
  const auto stat = [&](std::string_view name, std::uint64_t value) {
    out.open('{');
    out.member("name", name);
    out.key("value");
    out.raw(std::to_string(value));
    out.key("source");
    out.raw(R"({"type":"engine","value":"Rego"})");
    out.close('}');
  };
  const auto label = [&](std::string_view name, std::string_view value) {
    out.open('{');
    out.member("name", name);
    out.key("value");
    out.raw(value);
    out.close('}');
  };
  out.open('{');
  out.member("scope", "template");
  out.member(names == Names::kYaml ? "statsfor" : "statsFor", cost.constraint->kind);
  out.key("stats");
  out.open('[');
  stat("templateRunTimeNS", static_cast<std::uint64_t>(cost.time.count()));
  stat("constraintCount", cost.constraints);
  out.close(']');
  out.key("labels");
  out.open('[');
  label("TracingEnabled", "false");
  label("PrintEnabled", "false");
  label("target", rego_tool::json_text(kTarget));
  out.close(']');
  out.close('}');
}

std::string compact(const std::vector<GatorResult>& results, const std::vector<GatorCost>* costs, Names names) {
  JsonText out;
  const auto append_results = [&] {
    if (results.empty()) return out.raw(names == Names::kYaml ? "[]" : "null");
    out.open('[');
    for (const GatorResult& result : results) append_result(out, result, names);
    out.close(']');
  };
  if (costs == nullptr) {
    append_results();
    return out.take();
  }
  out.open('{');
  out.key("results");
  append_results();
  out.key("stats");
  out.open('[');
  for (const GatorCost& cost : *costs) append_cost(out, cost, names);
  out.close(']');
  out.close('}');
  return out.take();
}

}  // namespace

void sort_results(std::vector<GatorResult>& results) {
  std::stable_sort(results.begin(), results.end(), [](const GatorResult& a, const GatorResult& b) {
    const int action = a.action.compare(b.action);
    return action != 0 ? action < 0 : a.message < b.message;
  });
}

std::string gator_lines(const std::vector<GatorResult>& results) {
  std::string out;
  for (const GatorResult& result : results) {
    const schema::ObjectIdentity& object = result.object->identity;
    out.append(object.api_version).append("/").append(object.kind).append(" ");
    if (!object.namespace_.empty()) out.append(object.namespace_).append("/");
    out.append(object.name).append(": [");
    policy::append_quoted(out, result.constraint->name);
    out += "] Message: ";
    policy::append_quoted(out, result.message);
    out += '\n';
  }
  return out;
}

std::string gator_json(const std::vector<GatorResult>& results, const std::vector<GatorCost>* costs) {
  return indented_json(compact(results, costs, Names::kJson), 4);
}

std::string gator_yaml(const std::vector<GatorResult>& results, const std::vector<GatorCost>* costs) {
  return yaml_of_json(compact(results, costs, Names::kYaml));
}

}  // namespace kubegate::policy_tool

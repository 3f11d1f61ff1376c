// What tells someone something: print, trace, template strings, test cases, and opa.runtime. Rules: topdown/print.go,
// trace.go, template_string.go, test.go, runtime.go.
#include "policy/rego/builtins/caches.h"
#include "policy/rego/builtins/functions.h"
#include "policy/rego/builtins/operands.h"

namespace kubegate::rego {
namespace {

std::string shown(Value v) { return v.is_string() ? std::string(v.text()) : to_term(v); }

// Each operand is a scalar, or the set of an expression's values, empty where it is undefined. Tells `tell` every
// combination; false with the error set for any other operand.
template <class Tell>
bool each_combination(BuiltinContext& context, const std::vector<Value>& operands, std::size_t i,
                      std::vector<std::string>& texts, Tell tell) {
  if (i == operands.size()) return tell();
  const Value v = operands[i];
  if (v.is_array() || v.is_object()) {
    context.halt(kEvalInternalError, "illegal argument type: " + std::string(type_name(v.type())));
    return false;
  }
  if (!v.is_set() || count(v) == 0) {
    texts[i] = v.is_set() ? "<undefined>" : shown(v);
    return each_combination(context, operands, i + 1, texts, tell);
  }
  for (Cursor c(v); c.next();) {
    texts[i] = shown(c.value());
    if (!each_combination(context, operands, i + 1, texts, tell)) return false;
  }
  return true;
}

std::string joined(const std::vector<std::string>& texts, std::string_view separator) {
  std::string out;
  for (const std::string& text : texts) {
    if (&text != &texts.front()) out += separator;
    out += text;
  }
  return out;
}

// The text of a template whose operands have one value each, which is nearly every one; undefined of others.
Value only_output(BuiltinContext& context, Value operands) {
  std::string& out = context.caches().scratch;
  out.clear();
  for (Cursor c(operands); c.next();) {
    Value v = c.value();
    if (v.is_set()) {
      if (count(v) > 1) return Value();
      if (count(v) == 0) {
        out += "<undefined>";
        continue;
      }
      v = policy::element(v, 0);
    } else if (v.is_collection()) {
      return Value();
    }
    if (v.is_string()) {
      if (out.size() + v.text().size() > policy::kMaxText) throw policy::MemoryLimitReached();
      out += v.text();
    } else {
      policy::append_term(out, v);
    }
  }
  return text(context, out);
}

}  // namespace

Value eval_print(BuiltinContext& context, Args args) {
  if (!context.print_hook) return Value::boolean(true);
  if (!check(context, args, 1, Type::kArray)) return Value();
  const std::vector<Value> operands = items_of(args[0]);
  std::vector<std::string> texts(operands.size());
  const bool done = each_combination(context, operands, 0, texts, [&] {
    context.print_hook(joined(texts, " "));
    return true;
  });
  return done ? Value::boolean(true) : Value();
}

Value eval_template_string(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kArray)) return Value();
  if (const Value one = only_output(context, args[0]); one.defined()) return one;
  const std::vector<Value> operands = items_of(args[0]);
  std::vector<std::string> texts(operands.size());
  int outputs = 0;
  const bool done = each_combination(context, operands, 0, texts, [&] {
    if (++outputs == 1) return true;
    context.halt(kEvalConflictError, "template-strings must not produce multiple outputs");
    return false;
  });
  return done ? text(context, joined(texts, "")) : Value();
}

Value eval_trace(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  if (context.trace_hook) context.trace_hook(args[0].text());
  return Value::boolean(true);
}

Value eval_test_case(BuiltinContext& context, Args args) {
  if (context.test_case_hook) context.test_case_hook(args[0]);
  return Value::boolean(true);
}

Value eval_opa_runtime(BuiltinContext& context, Args) {
  return context.runtime.defined() ? context.runtime : Value::empty_object();
}

}  // namespace kubegate::rego

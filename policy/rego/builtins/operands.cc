#include "policy/rego/builtins/operands.h"

namespace kubegate::rego {
namespace {

std::string joined(std::initializer_list<std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) {
    if (!out.empty()) out += ", ";
    out += word;
  }
  return out;
}

}  // namespace

Value bad_operand(BuiltinContext& context, int position, std::string_view message) {
  return context.fail_operand("operand " + std::to_string(position) + " " + std::string(message));
}

Value wrong_type(BuiltinContext& context, int position, Value got, std::initializer_list<std::string_view> expected) {
  const std::string got_name(type_name(got.type()));
  return bad_operand(
      context, position,
      (expected.size() == 1 ? "must be " + joined(expected) : "must be one of {" + joined(expected) + "}") +
          " but got " + got_name);
}

Value wrong_element(BuiltinContext& context, int position, Value collection, Value got,
                    std::initializer_list<std::string_view> expected) {
  const std::string name(type_name(collection.type()));
  std::string message = "must be " + name + " of ";
  message += expected.size() == 1 ? joined(expected) + "s" : "(any of) {" + joined(expected) + "}";
  message += " but got " + name + " containing ";
  message += type_name(got.type());
  return bad_operand(context, position, message);
}

Value wrong_choice(BuiltinContext& context, int position, std::initializer_list<std::string_view> expected) {
  return bad_operand(
      context, position,
      expected.size() == 1 ? "must be " + joined(expected) : "must be one of {" + joined(expected) + "}");
}

bool check(BuiltinContext& context, Args args, int position, Type type) {
  const Value v = args[static_cast<std::size_t>(position - 1)];
  if (v.type() == type) return true;
  wrong_type(context, position, v, {type_name(type)});
  return false;
}

bool check_all(BuiltinContext& context, Args args, std::initializer_list<Type> types) {
  int position = 0;
  for (const Type type : types) {
    if (!check(context, args, ++position, type)) return false;
  }
  return true;
}

bool check_int(BuiltinContext& context, Args args, int position, std::int64_t& out) {
  if (!check(context, args, position, Type::kNumber)) return false;
  if (policy::number_to_int64(args[static_cast<std::size_t>(position - 1)], out)) return true;
  bad_operand(context, position, "must be integer number but got floating-point number");
  return false;
}

bool check_texts(BuiltinContext& context, Args args, int position, std::vector<std::string_view>& out) {
  const Value v = args[static_cast<std::size_t>(position - 1)];
  if (!v.is_array() && !v.is_set()) {
    wrong_type(context, position, v, {"array", "set"});
    return false;
  }
  out.reserve(out.size() + count(v));
  for (Cursor c(v); c.next();) {
    if (!c.value().is_string()) {
      wrong_element(context, position, v, c.value(), {"string"});
      return false;
    }
    out.push_back(c.value().text());
  }
  return true;
}

}  // namespace kubegate::rego

#include "policy/policy_tool/admission.h"

#include <algorithm>
#include <vector>

namespace kubegate::policy_tool {

using gatekeeper::at;
using policy::Cursor;
using policy::Member;
using policy::Value;

namespace {

constexpr std::string_view kInvalid = "not a valid AdmissionReview object: ";
constexpr std::string_view kUnmarshal = "object or oldObject cannot be unmarshalled: ";

// The first key of an object that is none of these; "" where all are.
template <std::size_t n>
std::string_view unknown_key(Value object, const std::string_view (&known)[n]) {
  for (Cursor field(object); field.next();) {
    const std::string_view name = gatekeeper::text_of(field.key());
    if (std::find(std::begin(known), std::end(known), name) == std::end(known)) return name;
  }
  return {};
}

bool given(Value value) { return value.defined() && !value.is_null(); }

// The three texts of a GroupVersionKind or GroupVersionResource, empty where they are not given.
Value with_blanks(policy::ValueArena& arena, Value value, std::string_view third) {
  std::vector<Member> members;
  for (const std::string_view key : {std::string_view("group"), std::string_view("version"), third}) {
    members.push_back({Value::string(key), Value::string(gatekeeper::text_of(at(value, key)))});
  }
  return policy::make_object(arena, members, policy::EqualKeys::kLast);
}

}  // namespace

bool is_admission_review(const gatekeeper::Subject& object) {
  return object.kind == "AdmissionReview" && object.group == "admission.k8s.io";
}

std::string read_admission_review(policy::ValueArena& arena, Value review, gatekeeper::Review& out) {
  static constexpr std::string_view kReview[] = {"apiVersion", "kind", "request", "response"};
  static constexpr std::string_view kRequest[] = {
      "uid",    "kind",      "resource",  "subResource", "requestKind", "requestResource", "requestSubResource",
      "name",   "namespace", "operation", "userInfo",    "object",      "oldObject",       "dryRun",
      "options"};
  const Value request = at(review, "request");
  if (const auto key = unknown_key(review, kReview); !key.empty()) {
    return std::string(kInvalid) + "unknown field \"" + std::string(key) + "\"";
  }
  if (!given(request)) {
    return "missing an AdmissionRequest object: request did not actually pass in an AdmissionRequest";
  }
  if (!request.is_object()) return std::string(kInvalid) + "request must be a mapping";
  if (const auto key = unknown_key(request, kRequest); !key.empty()) {
    return std::string(kInvalid) + "unknown field \"request." + std::string(key) + "\"";
  }
  Value object = at(request, "object");
  const Value old_object = at(request, "oldObject");
  if (!given(object) && !given(old_object)) {
    return "no object or oldObject found to review: AdmissionRequest does not contain an \"object\" or \"oldObject\" "
           "to review";
  }
  for (const Value each : {object, old_object}) {
    if (given(each) && gatekeeper::text_of(at(each, "kind")).empty()) {
      return std::string(kUnmarshal) + "Object 'Kind' is missing in '" + policy::to_json(each) + "'";
    }
  }
  // What is deleted is the object too.
  if (gatekeeper::text_of(at(request, "operation")) == "DELETE") {
    if (!given(old_object)) return "oldObject cannot be nil for DELETE operations";
    object = old_object;
  }
  const auto or_null = [](Value value) { return value.defined() ? value : Value::null(); };
  std::vector<Member> members = {{Value::string("uid"), Value::string("")},
                                 {Value::string("operation"), Value::string("")},
                                 {Value::string("userInfo"), Value::empty_object()},
                                 {Value::string("options"), Value::null()}};
  for (Cursor field(request); field.next();) {
    if (given(field.value())) members.push_back({field.key(), field.value()});
  }
  members.push_back({Value::string("kind"), with_blanks(arena, at(request, "kind"), "kind")});
  members.push_back({Value::string("resource"), with_blanks(arena, at(request, "resource"), "resource")});
  members.push_back({Value::string("object"), or_null(object)});
  members.push_back({Value::string("oldObject"), or_null(old_object)});
  out.request = policy::make_object(arena, members, policy::EqualKeys::kLast);
  if (given(object)) out.object = gatekeeper::subject_of(object);
  if (given(old_object)) out.old_object = gatekeeper::subject_of(old_object);
  return {};
}

}  // namespace kubegate::policy_tool

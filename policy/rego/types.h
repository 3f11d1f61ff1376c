// Types of Rego, for the checker alone: what a term may be.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "policy/rego/ast.h"

namespace kubegate::rego {

struct BuiltinDeclaration;

enum class TypeKind : std::uint8_t { kNull, kBoolean, kNumber, kString, kArray, kObject, kSet, kUnion, kFunction };

// Immutable; owned by TypeTable, which makes each type once: equal types are one pointer. Types may share their parts to
// any depth (`p1 := [p0, p0]`, `p2 := [p1, p1]`, …), so nothing may walk a type as if it were a tree. A null pointer is
// "not known to have a type", which no check passes; `any` is the union of nothing. Rule: OPA's package types.
struct RegoType {
  TypeKind kind = TypeKind::kUnion;
  // kArray: fixed items; kUnion: alternatives, sorted; kFunction: arguments; kObject: the values of `keys`.
  std::vector<const RegoType*> parts;
  std::vector<const Term*> keys;      // kObject: fixed keys, constants, sorted
  const RegoType* key = nullptr;      // kObject: of further keys; null: there are none
  const RegoType* element = nullptr;  // kArray: further items; kSet: members; kObject: values of further keys;
                                      // kFunction: result
  int depth = 0;
  bool unknown = false;  // has_unknown()
  bool is_any() const { return kind == TypeKind::kUnion && parts.empty(); }
};

int compare(const RegoType* a, const RegoType* b);
// As OPA prints it: `any<number, string>`, `array[any]`, `object<a: number>[string: any]`; "???" for null. What would
// be longer than a few thousand characters ends in "…".
std::string to_string(const RegoType* type);
// Whether the type, or one inside it, is not known.
bool has_unknown(const RegoType* type);
// Whether some value may be of both.
bool unifies(const RegoType* a, const RegoType* b);

// Makes types and holds them.
class TypeTable {
 public:
  TypeTable();
  TypeTable(const TypeTable&) = delete;
  TypeTable& operator=(const TypeTable&) = delete;

  const RegoType* any() const { return any_; }
  const RegoType* null() const { return null_; }
  const RegoType* boolean() const { return boolean_; }
  const RegoType* number() const { return number_; }
  const RegoType* string() const { return string_; }
  const RegoType* array(std::vector<const RegoType*> items, const RegoType* rest);
  const RegoType* set(const RegoType* element);
  const RegoType* object(std::vector<std::pair<const Term*, const RegoType*>> fixed, const RegoType* key,
                         const RegoType* value);
  const RegoType* function(std::vector<const RegoType*> args, const RegoType* result);
  // The union; null counts as nothing. Rule: types.Or.
  const RegoType* either(const RegoType* a, const RegoType* b);

  // Of a collection: its keys and its values, found once; null for what is none. Rules: types.Keys, types.Values.
  const RegoType* keys(const RegoType* type);
  const RegoType* values(const RegoType* type);
  // The type at a constant key; null when there cannot be one. Rule: types.Select.
  const RegoType* select(const RegoType* type, const Term* key);
  // The type of a constant.
  const RegoType* of_constant(const Term* term);
  // The function type of a built-in; its result is null for what yields nothing.
  const RegoType* of_builtin(const BuiltinDeclaration& builtin);

 private:
  const RegoType* make(RegoType type);
  const RegoType* find_keys(const RegoType* type);
  const RegoType* find_values(const RegoType* type);

  std::deque<RegoType> types_;
  std::unordered_multimap<std::size_t, const RegoType*> made_;  // by a hash of what they are made of
  std::deque<Term> keys_;                                       // fixed keys of declared objects
  std::unordered_map<const RegoType*, const RegoType*> keys_of_, values_of_;
  const RegoType *any_, *null_, *boolean_, *number_, *string_;

  const RegoType* declared(const struct DeclaredType& type);
};

}  // namespace kubegate::rego

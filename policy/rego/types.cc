#include "policy/rego/types.h"

#include <algorithm>
#include <cstdint>
#include <map>

#include "policy/rego/builtin.h"

namespace kubegate::rego {
namespace {

template <class T>
int compare_lists(const std::vector<T>& a, const std::vector<T>& b) {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (const int order = compare(a[i], b[i])) return order;
  }
  return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

}  // namespace

int compare(const RegoType* a, const RegoType* b) {
  if (a == b) return 0;
  if (a == nullptr || b == nullptr) return a == nullptr ? -1 : 1;
  if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
  if (const int order = compare_lists(a->keys, b->keys)) return order;
  if (const int order = compare_lists(a->parts, b->parts)) return order;
  if (const int order = compare(a->key, b->key)) return order;
  return compare(a->element, b->element);
}

namespace {

constexpr std::size_t kMaxShown = 4000;
// Deeper types say nothing: they are any.
constexpr int kMaxTypeDepth = 400;

void append(std::string& out, const RegoType* type);

void append_list(std::string& out, const RegoType* type) {
  for (std::size_t i = 0; i < type->parts.size() && out.size() < kMaxShown; ++i) {
    if (i > 0) out += ", ";
    if (type->kind == TypeKind::kObject) {
      const Term* key = type->keys[i];
      out += (key->is_string() ? key->text : to_string(key)) + ": ";
    }
    append(out, type->parts[i]);
  }
}

void append(std::string& out, const RegoType* type) {
  if (out.size() >= kMaxShown) return;
  if (type == nullptr) {
    out += "???";
    return;
  }
  switch (type->kind) {
    case TypeKind::kNull: out += "null"; return;
    case TypeKind::kBoolean: out += "boolean"; return;
    case TypeKind::kNumber: out += "number"; return;
    case TypeKind::kString: out += "string"; return;
    case TypeKind::kSet:
      out += "set[";
      append(out, type->element);
      out += "]";
      return;
    case TypeKind::kFunction:
      out += "(";
      append_list(out, type);
      out += ") => ";
      append(out, type->element);
      return;
    case TypeKind::kUnion: out += "any"; break;
    case TypeKind::kArray: out += "array"; break;
    case TypeKind::kObject: out += "object"; break;
  }
  if (!type->parts.empty()) {
    out += "<";
    append_list(out, type);
    out += ">";
  }
  if (type->kind == TypeKind::kUnion || (type->element == nullptr && type->key == nullptr)) return;
  out += "[";
  if (type->kind == TypeKind::kObject) {
    append(out, type->key);
    out += ": ";
  }
  append(out, type->element);
  out += "]";
}

}  // namespace

std::string to_string(const RegoType* type) {
  std::string out;
  append(out, type);
  if (out.size() < kMaxShown) return out;
  std::size_t end = kMaxShown;
  while ((out[end - 1] & 0xc0) == 0x80) --end;
  return out.substr(0, end - 1) + "…";
}

bool has_unknown(const RegoType* type) { return type == nullptr || type->unknown; }

namespace {

// Whether a type made of known and unknown ones is known.
bool finds_unknown(const RegoType& type) {
  if (std::any_of(type.parts.begin(), type.parts.end(), has_unknown)) return type.kind != TypeKind::kUnion;
  switch (type.kind) {
    case TypeKind::kSet:
    case TypeKind::kFunction: return has_unknown(type.element);
    case TypeKind::kArray: return type.element != nullptr && type.element->unknown;
    case TypeKind::kObject: return type.key != nullptr && (has_unknown(type.key) || has_unknown(type.element));
    default: return false;
  }
}

std::size_t hash(const RegoType& type) {
  std::size_t out = static_cast<std::size_t>(type.kind);
  const auto mix = [&](std::size_t value) { out = (out ^ value) * 0x9e3779b97f4a7c15 + (out >> 29); };
  for (const RegoType* part : type.parts) mix(reinterpret_cast<std::uintptr_t>(part));
  // Numbers are equal by value.
  for (const Term* key : type.keys) mix(key->is_string() ? std::hash<std::string>()(key->text) : 0);
  mix(reinterpret_cast<std::uintptr_t>(type.key));
  mix(reinterpret_cast<std::uintptr_t>(type.element));
  return out;
}

bool same(const RegoType& a, const RegoType& b) {
  return a.kind == b.kind && a.parts == b.parts && a.key == b.key && a.element == b.element &&
         std::equal(a.keys.begin(), a.keys.end(), b.keys.begin(), b.keys.end(),
                    [](const Term* x, const Term* y) { return equal(x, y); });
}

}  // namespace

namespace {

// What was found out about pairs of collections: types that share their parts meet the same pair again and again.
using Known = std::map<std::pair<const RegoType*, const RegoType*>, bool>;

bool unifies(const RegoType* a, const RegoType* b, Known& known);

bool unifies_any(const RegoType* any, const RegoType* other, Known& known) {
  if (other->kind == TypeKind::kFunction) return false;
  if (any->parts.empty()) return true;
  return std::any_of(any->parts.begin(), any->parts.end(),
                     [&](const RegoType* part) { return unifies(part, other, known); });
}

const RegoType* item(const RegoType* array, std::size_t i) {
  return i < array->parts.size() ? array->parts[i] : array->element;
}

const RegoType* type_of_scalar_kind(const Term* key, const RegoType* candidate) {
  // Whether `candidate` names the type of the constant `key`.
  if (candidate == nullptr) return nullptr;
  if (candidate->kind == TypeKind::kUnion) {
    if (candidate->parts.empty()) return candidate;
    for (const RegoType* part : candidate->parts) {
      if (type_of_scalar_kind(key, part) != nullptr) return part;
    }
    return nullptr;
  }
  switch (key->kind) {
    case TermKind::kNull: return candidate->kind == TypeKind::kNull ? candidate : nullptr;
    case TermKind::kBool: return candidate->kind == TypeKind::kBoolean ? candidate : nullptr;
    case TermKind::kNumber: return candidate->kind == TypeKind::kNumber ? candidate : nullptr;
    case TermKind::kString: return candidate->kind == TypeKind::kString ? candidate : nullptr;
    case TermKind::kArray: return candidate->kind == TypeKind::kArray ? candidate : nullptr;
    case TermKind::kObject: return candidate->kind == TypeKind::kObject ? candidate : nullptr;
    case TermKind::kSet: return candidate->kind == TypeKind::kSet ? candidate : nullptr;
    default: return nullptr;
  }
}

const RegoType* value_at(const RegoType* object, const Term* key) {
  const auto found = std::lower_bound(object->keys.begin(), object->keys.end(), key,
                                      [](const Term* a, const Term* b) { return compare(a, b) < 0; });
  if (found != object->keys.end() && equal(*found, key)) return object->parts[found - object->keys.begin()];
  return type_of_scalar_kind(key, object->key) != nullptr ? object->element : nullptr;
}

// The types are known and not the same pointer.
bool unifies_collections(const RegoType* a, const RegoType* b, Known& known) {
  if (a->kind == TypeKind::kUnion && unifies_any(a, b, known)) return true;
  if (b->kind == TypeKind::kUnion && unifies_any(b, a, known)) return true;
  if (a->kind != b->kind || a->kind == TypeKind::kUnion) return false;
  switch (a->kind) {
    case TypeKind::kArray:
      for (std::size_t i = 0; i < std::max(a->parts.size(), b->parts.size()); ++i) {
        if (!unifies(item(a, i), item(b, i), known)) return false;
      }
      return a->element == nullptr || b->element == nullptr || unifies(a->element, b->element, known);
    case TypeKind::kObject:
      for (std::size_t i = 0; i < a->keys.size(); ++i) {
        if (!unifies(a->parts[i], value_at(b, a->keys[i]), known)) return false;
      }
      for (std::size_t i = 0; i < b->keys.size(); ++i) {
        if (!unifies(b->parts[i], value_at(a, b->keys[i]), known)) return false;
      }
      return a->key == nullptr || b->key == nullptr || unifies(a->element, b->element, known);
    case TypeKind::kSet: return unifies(a->element, b->element, known);
    case TypeKind::kFunction:
      if (a->parts.size() != b->parts.size()) return false;
      for (std::size_t i = 0; i < a->parts.size(); ++i) {
        if (!unifies(a->parts[i], b->parts[i], known)) return false;
      }
      return true;
    default: return true;
  }
}

bool unifies(const RegoType* a, const RegoType* b, Known& known) {
  if (a == nullptr || b == nullptr) return false;
  const bool scalar = a->kind < TypeKind::kArray && b->kind < TypeKind::kArray;
  if (scalar) return a->kind == b->kind;
  const auto [found, fresh] = known.emplace(std::pair(a, b), true);
  if (!fresh) return found->second;
  const bool result = unifies_collections(a, b, known);
  known[{a, b}] = result;
  return result;
}

}  // namespace

bool unifies(const RegoType* a, const RegoType* b) {
  Known known;
  return unifies(a, b, known);
}

TypeTable::TypeTable() {
  const auto scalar = [&](TypeKind kind) {
    RegoType type;
    type.kind = kind;
    return make(std::move(type));
  };
  any_ = scalar(TypeKind::kUnion);
  null_ = scalar(TypeKind::kNull);
  boolean_ = scalar(TypeKind::kBoolean);
  number_ = scalar(TypeKind::kNumber);
  string_ = scalar(TypeKind::kString);
}

const RegoType* TypeTable::make(RegoType type) {
  const std::size_t key = hash(type);
  const auto [begin, end] = made_.equal_range(key);
  for (auto at = begin; at != end; ++at) {
    if (same(*at->second, type)) return at->second;
  }
  type.unknown = finds_unknown(type);
  for (const RegoType* part : type.parts) type.depth = std::max(type.depth, part == nullptr ? 1 : part->depth + 1);
  for (const RegoType* part : {type.key, type.element}) {
    if (part != nullptr) type.depth = std::max(type.depth, part->depth + 1);
  }
  if (type.depth > kMaxTypeDepth) return any_;
  const RegoType* out = &types_.emplace_back(std::move(type));
  made_.emplace(key, out);
  return out;
}

const RegoType* TypeTable::array(std::vector<const RegoType*> items, const RegoType* rest) {
  RegoType type;
  type.kind = TypeKind::kArray;
  type.parts = std::move(items);
  type.element = rest;
  return make(std::move(type));
}

const RegoType* TypeTable::set(const RegoType* element) {
  RegoType type;
  type.kind = TypeKind::kSet;
  type.element = element;
  return make(std::move(type));
}

const RegoType* TypeTable::object(std::vector<std::pair<const Term*, const RegoType*>> fixed, const RegoType* key,
                                  const RegoType* value) {
  std::stable_sort(fixed.begin(), fixed.end(), [](auto& a, auto& b) { return compare(a.first, b.first) < 0; });
  RegoType type;
  type.kind = TypeKind::kObject;
  for (auto& [name, of] : fixed) {
    if (!type.keys.empty() && equal(type.keys.back(), name)) {
      type.parts.back() = of;
      continue;
    }
    type.keys.push_back(name);
    type.parts.push_back(of);
  }
  type.key = key;
  type.element = value;
  return make(std::move(type));
}

const RegoType* TypeTable::function(std::vector<const RegoType*> args, const RegoType* result) {
  RegoType type;
  type.kind = TypeKind::kFunction;
  type.parts = std::move(args);
  type.element = result;
  return make(std::move(type));
}

const RegoType* TypeTable::either(const RegoType* a, const RegoType* b) {
  if (a == nullptr) return b;
  if (b == nullptr) return a;
  if (a->is_any() || b->is_any()) return any_;
  if (compare(a, b) == 0) return a;
  RegoType type;
  for (const RegoType* side : {a, b}) {
    if (side->kind == TypeKind::kUnion) {
      type.parts.insert(type.parts.end(), side->parts.begin(), side->parts.end());
    } else {
      type.parts.push_back(side);
    }
  }
  std::sort(type.parts.begin(), type.parts.end(),
            [](const RegoType* x, const RegoType* y) { return compare(x, y) < 0; });
  type.parts.erase(std::unique(type.parts.begin(), type.parts.end(),
                               [](const RegoType* x, const RegoType* y) { return compare(x, y) == 0; }),
                   type.parts.end());
  // A union that grows without end says nothing any more.
  if (type.parts.size() > 64) return any_;
  return make(std::move(type));
}

const RegoType* TypeTable::keys(const RegoType* type) {
  if (type == nullptr || type->kind < TypeKind::kArray) return nullptr;
  const auto [known, fresh] = keys_of_.emplace(type, nullptr);
  return fresh ? keys_of_[type] = find_keys(type) : known->second;
}

const RegoType* TypeTable::values(const RegoType* type) {
  if (type == nullptr || type->kind < TypeKind::kArray) return nullptr;
  const auto [known, fresh] = values_of_.emplace(type, nullptr);
  return fresh ? values_of_[type] = find_values(type) : known->second;
}

const RegoType* TypeTable::find_keys(const RegoType* type) {
  switch (type->kind) {
    case TypeKind::kArray: return number_;
    case TypeKind::kSet: return type->element;
    case TypeKind::kObject: {
      const RegoType* out = nullptr;
      for (const Term* key : type->keys) out = either(out, of_constant(key));
      return either(out, type->key);
    }
    case TypeKind::kUnion: {
      if (type->parts.empty()) return any_;
      const RegoType* out = nullptr;
      for (const RegoType* part : type->parts) out = either(out, keys(part));
      return out;
    }
    default: return nullptr;
  }
}

const RegoType* TypeTable::find_values(const RegoType* type) {
  switch (type->kind) {
    case TypeKind::kSet: return type->element;
    case TypeKind::kArray:
    case TypeKind::kObject: {
      const RegoType* out = nullptr;
      for (const RegoType* part : type->parts) out = either(out, part);
      return either(out, type->element);
    }
    case TypeKind::kUnion: {
      if (type->parts.empty()) return any_;
      const RegoType* out = nullptr;
      for (const RegoType* part : type->parts) out = either(out, values(part));
      return out;
    }
    default: return nullptr;
  }
}

const RegoType* TypeTable::select(const RegoType* type, const Term* key) {
  if (type == nullptr) return nullptr;
  switch (type->kind) {
    case TypeKind::kArray: {
      if (key->kind != TermKind::kNumber) return nullptr;
      const bool index = key->text.find_first_not_of("0123456789") == std::string::npos && key->text.size() < 8;
      return index ? item(type, static_cast<std::size_t>(std::stoul(key->text))) : nullptr;
    }
    case TypeKind::kObject: return value_at(type, key);
    case TypeKind::kSet: return type_of_scalar_kind(key, type->element) != nullptr ? of_constant(key) : nullptr;
    case TypeKind::kUnion: {
      if (type->parts.empty()) return any_;
      const RegoType* out = nullptr;
      for (const RegoType* part : type->parts) out = either(out, select(part, key));
      return out;
    }
    default: return nullptr;
  }
}

const RegoType* TypeTable::of_constant(const Term* term) {
  switch (term->kind) {
    case TermKind::kNull: return null_;
    case TermKind::kBool: return boolean_;
    case TermKind::kNumber: return number_;
    case TermKind::kString: return string_;
    case TermKind::kArray: {
      std::vector<const RegoType*> items;
      for (const Term* element : term->terms) items.push_back(of_constant(element));
      const RegoType* rest = items.empty() ? any_ : nullptr;
      return array(std::move(items), rest);
    }
    case TermKind::kSet: {
      const RegoType* element = nullptr;
      for (const Term* member : term->terms) element = either(element, of_constant(member));
      return set(element == nullptr ? any_ : element);
    }
    case TermKind::kObject: {
      std::vector<std::pair<const Term*, const RegoType*>> fixed;
      for (std::size_t i = 0; i + 1 < term->terms.size(); i += 2) {
        fixed.emplace_back(term->terms[i], of_constant(term->terms[i + 1]));
      }
      const RegoType* open = fixed.empty() ? any_ : nullptr;
      return object(std::move(fixed), open, open);
    }
    default: return nullptr;
  }
}

const RegoType* TypeTable::declared(const DeclaredType& type) {
  std::vector<const RegoType*> parts;
  for (const DeclaredType& part : type.parts) parts.push_back(declared(part));
  const auto dynamic = [&](std::size_t i) { return i < type.dynamic.size() ? declared(type.dynamic[i]) : nullptr; };
  switch (type.kind) {
    case DeclaredType::Kind::kNull: return null_;
    case DeclaredType::Kind::kBoolean: return boolean_;
    case DeclaredType::Kind::kNumber: return number_;
    case DeclaredType::Kind::kString: return string_;
    case DeclaredType::Kind::kArray: return array(std::move(parts), dynamic(0));
    case DeclaredType::Kind::kSet: return set(dynamic(0));
    case DeclaredType::Kind::kObject: {
      std::vector<std::pair<const Term*, const RegoType*>> fixed;
      for (std::size_t i = 0; i < type.keys.size(); ++i) {
        Term& key = keys_.emplace_back();
        key.kind = TermKind::kString;
        key.text = type.keys[i];
        fixed.emplace_back(&key, parts[i]);
      }
      const RegoType* key = dynamic(0);
      return object(std::move(fixed), key, dynamic(1));
    }
    case DeclaredType::Kind::kUnion: {
      const RegoType* out = nullptr;
      for (const RegoType* part : parts) out = either(out, part);
      return out == nullptr ? any_ : out;
    }
  }
  return any_;
}

const RegoType* TypeTable::of_builtin(const BuiltinDeclaration& builtin) {
  std::vector<const RegoType*> args;
  for (const DeclaredType& type : argument_types(builtin)) args.push_back(declared(type));
  return function(std::move(args), builtin.result.empty() ? nullptr : declared(result_type(builtin)));
}

}  // namespace kubegate::rego

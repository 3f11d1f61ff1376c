// Value: what the policy languages compute with.
//
// A Value is 16 bytes, trivially copyable and immutable. It owns nothing: strings, arrays, objects and sets point into
// a ValueArena, a Document, or static storage, which must outlive the value. Mappings and sequences of a document are
// read in place: such a value is a reference to a DocumentRoot and a node index, and every function here treats it as
// it treats a computed one. Nothing but the functions here should ask which of the two a value is.
//
// The shapes:
//   - array: `count` values behind one another;
//   - set: the same, sorted by compare() and without equal neighbours;
//   - object: `count` members {key, value}, sorted by key;
//   - number: an int64, a double with the way it is printed, or a decimal text (see number.h);
//   - undefined: no value at all; only evaluators see it, and no collection holds it.
//
// Values nest kMaxValueDepth levels at most: each collection carries a bound of its depth, and one that would pass the
// limit is not made. So whatever walks a value may recurse.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/value/arena.h"
#include "validate/document/document.h"

namespace kubegate::policy {

class DocumentRoot;
struct Member;

// Levels of collections within one another, the outermost counted. As many as Go's encoding/json reads; what the stack
// bears of every walk under AddressSanitizer is more.
inline constexpr std::uint16_t kMaxValueDepth = 10000;

// Thrown where a collection would be deeper than kMaxValueDepth.
class DepthLimitReached : public LimitReached {
 public:
  const char* what() const noexcept override { return "the value would be nested more than 10000 levels deep"; }
};

// In OPA's order of types (ast.Compare); kUndefined is below all.
enum class Type : std::uint8_t { kUndefined, kNull, kBoolean, kNumber, kString, kArray, kObject, kSet };

// "null", "boolean", "number", "string", "array", "object", "set": type_name() of Rego, ast.ValueName of OPA.
std::string_view type_name(Type type);

// How a double prints: strconv's 'g' (what OPA makes of a Go float64: 1e+06) or encoding/json's form (1000000).
enum class RealForm : std::uint8_t { kGo, kJson };

class Value {
 public:
  // How a value is held. In the order of Type.
  enum class Rep : std::uint8_t {
    kUndefined,
    kNull,
    kFalse,
    kTrue,
    kInt,         // int64; prints as its decimal digits
    kReal,        // double with a RealForm
    kNumberText,  // decimal text in JSON's grammar, kept as written
    kString,
    kArray,
    kNodeArray,  // a sequence of a document
    kObject,
    kNodeObject,  // a mapping of a document
    kSet,
  };

  constexpr Value() : integer_(0) {}  // undefined
  static constexpr Value null() { return Value(Rep::kNull, 0, 0); }
  static constexpr Value boolean(bool b) { return Value(b ? Rep::kTrue : Rep::kFalse, 0, 0); }
  static constexpr Value integer(std::int64_t i) { return Value(Rep::kInt, 0, i); }
  // A finite double. Integers that print alike become kInt.
  static Value real(double d, RealForm form);
  // `text` is kept, not copied; it must be a number in JSON's grammar. Canonical int64 texts become kInt.
  static Value number(std::string_view text);
  // `text` is kept, not copied.
  static constexpr Value string(std::string_view text) {
    Value v(Rep::kString, static_cast<std::uint32_t>(text.size()), 0);
    v.chars_ = text.data();
    return v;
  }
  // The items are kept, not copied. For a set they must be sorted and distinct, for an object sorted with distinct
  // keys: make_set and make_object see to that. Each reads the depth of every item; DepthLimitReached.
  static Value array(std::span<const Value> items) { return Value(Rep::kArray, items, depth_above(items)); }
  static Value sorted_set(std::span<const Value> items) { return Value(Rep::kSet, items, depth_above(items)); }
  static Value sorted_object(std::span<const Member> members);
  // Items of `whole` (kArray, kSet), some or all of them, as an array, without looking at any.
  static Value array_of(Value whole, std::span<const Value> items) { return Value(Rep::kArray, items, whole.depth_); }
  static constexpr Value empty_array() { return empty(Rep::kArray); }
  static constexpr Value empty_object() { return empty(Rep::kObject); }
  static constexpr Value empty_set() { return empty(Rep::kSet); }

  Rep rep() const { return rep_; }
  Type type() const {
    static constexpr Type kTypes[] = {Type::kUndefined, Type::kNull,   Type::kBoolean, Type::kBoolean, Type::kNumber,
                                      Type::kNumber,    Type::kNumber, Type::kString,  Type::kArray,   Type::kArray,
                                      Type::kObject,    Type::kObject, Type::kSet};
    return kTypes[static_cast<int>(rep_)];
  }

  bool defined() const { return rep_ != Rep::kUndefined; }
  // What a Rego expression needs to hold: defined and not false.
  bool truthy() const { return rep_ != Rep::kUndefined && rep_ != Rep::kFalse; }
  bool is_null() const { return rep_ == Rep::kNull; }
  bool is_boolean() const { return rep_ == Rep::kFalse || rep_ == Rep::kTrue; }
  bool is_true() const { return rep_ == Rep::kTrue; }
  bool is_number() const { return rep_ >= Rep::kInt && rep_ <= Rep::kNumberText; }
  bool is_int() const { return rep_ == Rep::kInt; }
  bool is_string() const { return rep_ == Rep::kString; }
  bool is_array() const { return rep_ == Rep::kArray || rep_ == Rep::kNodeArray; }
  bool is_object() const { return rep_ == Rep::kObject || rep_ == Rep::kNodeObject; }
  bool is_set() const { return rep_ == Rep::kSet; }
  bool is_collection() const { return rep_ >= Rep::kArray; }
  // Levels of collections: 0 of a scalar, 1 of an empty collection. Of a computed collection an upper bound, of a
  // document's node that of all documents (document::Limits::depth).
  std::uint32_t depth() const { return depth_; }
  bool is_node() const { return rep_ == Rep::kNodeArray || rep_ == Rep::kNodeObject; }

  // Each only for the rep it names.
  std::int64_t int_value() const { return integer_; }
  double real_value() const { return real_; }
  RealForm real_form() const { return static_cast<RealForm>(size_); }
  std::string_view text() const { return {chars_, size_}; }         // kString, kNumberText
  std::span<const Value> items() const { return {items_, size_}; }  // kArray, kSet
  std::span<const Member> members() const;                          // kObject
  const DocumentRoot& root() const { return *root_; }               // kNodeArray, kNodeObject
  document::NodeIndex node() const { return size_; }                // kNodeArray, kNodeObject

 private:
  friend class DocumentRoot;
  constexpr Value(Rep rep, std::uint32_t size, std::int64_t integer) : rep_(rep), size_(size), integer_(integer) {}
  Value(Rep rep, std::span<const Value> items, std::uint16_t depth)
      : rep_(rep), depth_(depth), size_(static_cast<std::uint32_t>(items.size())) {
    items_ = items.data();
  }

  static constexpr Value empty(Rep rep) {
    Value v(rep, 0, 0);
    v.depth_ = 1;
    return v;
  }

  // The depth of a collection that holds what has depth `inner`.
  static std::uint16_t depth_above(std::uint16_t inner) {
    if (inner >= kMaxValueDepth) throw DepthLimitReached();
    return static_cast<std::uint16_t>(inner + 1);
  }
  static std::uint16_t depth_above(std::span<const Value> items) {
    std::uint16_t inner = 0;
    for (const Value& item : items) inner = item.depth_ > inner ? item.depth_ : inner;
    return depth_above(inner);
  }

  Rep rep_ = Rep::kUndefined;
  [[maybe_unused]] std::uint8_t unused_ = 0;  // so that the first word is written at once
  std::uint16_t depth_ = 0;
  std::uint32_t size_ = 0;  // bytes of a text, items or members of a collection, RealForm, or a node index
  union {
    std::int64_t integer_;
    double real_;
    const char* chars_;
    const Value* items_;
    const Member* members_;
    const DocumentRoot* root_;
  };
};
static_assert(sizeof(Value) == 16);

struct Member {
  Value key;
  Value value;
};

// ---- Making values -------------------------------------------------------------------------------------------------

// A string whose bytes are copied into the arena.
Value make_string(ValueArena& arena, std::string_view text);
// A number whose text is copied where it must be kept.
Value make_number(ValueArena& arena, std::string_view text);
// Copies of the items.
Value make_array(ValueArena& arena, std::span<const Value> items);
// Sorts `items` in place, drops equal ones, and copies the rest. Of equal items that print differently (1 and 1.0)
// the first stays.
Value make_set(ValueArena& arena, std::span<Value> items);

// What make_object does with members of equal keys.
enum class EqualKeys : std::uint8_t {
  kLast,      // the last one counts
  kConflict,  // equal values are one member; different ones make the result undefined
};
// Sorts `members` in place by key (stable) and copies them.
Value make_object(ValueArena& arena, std::span<Member> members, EqualKeys equal_keys);

// A copy that depends on `arena` alone: nodes become arrays and objects of the arena, texts are copied.
Value copy_value(ValueArena& arena, Value value);

// ---- Looking into values -------------------------------------------------------------------------------------------

// Items of an array or set, members of an object; 0 for all else.
std::uint32_t count(Value collection);

// Item i of an array or set (sorted), value of member i of an object (sorted by key); i < count().
Value element(Value collection, std::uint32_t i);
// Key i of an object (sorted); i < count().
Value key_at(Value object, std::uint32_t i);

// What `collection[key]` is in Rego: an array's item by an integral number, an object's value by key, a set's member
// by itself; undefined when there is none and for all that is no collection.
Value lookup(Value collection, Value key);
// The value of a text key of an object; `hash` is hash_key(key) (validate/base/hash.h), so that a compiler can fold it.
Value lookup(Value object, std::string_view key, std::uint32_t hash);
Value lookup(Value object, std::string_view key);
bool contains(Value collection, Value key);

// Walks a collection in order: an array by index, an object by sorted keys, a set by sorted members.
//   for (Cursor c(v); c.next();) use(c.key(), c.value());
// key() is the index of an array's item, the key of an object's member, the member itself of a set. Of all that is no
// collection there is nothing to walk.
class Cursor {
 public:
  Cursor() = default;
  explicit Cursor(Value collection);
  bool next();
  Value key() const;
  Value value() const { return value_; }
  std::uint32_t index() const { return at_ - 1; }  // of the current item

 private:
  Value collection_;
  std::uint32_t at_ = 0;
  std::uint32_t count_ = 0;
  document::NodeIndex node_ = 0;                // of the next item or key, where nodes stand in order
  const document::NodeIndex* order_ = nullptr;  // nodes of keys, sorted, where they do not
  document::NodeIndex key_node_ = 0;
  Value value_;
};

// ---- Comparing -----------------------------------------------------------------------------------------------------

// OPA's total order (ast.Compare): by type, then: false before true, numbers by value, strings by bytes, arrays and
// sets item by item then by length, objects member by member (key, then value) then by size. Negative, 0 or positive.
int compare(Value a, Value b);
bool equal(Value a, Value b);
// Equal values have equal hashes.
std::uint64_t hash(Value value);

// ---- Text ----------------------------------------------------------------------------------------------------------

// JSON as Go's encoding/json prints it: compact, keys sorted, `<`, `>`, `&`, U+2028 and U+2029 escaped where
// `escape_html`. Sets are arrays; keys that are no strings are their own JSON as a text. Number texts are kept.
// `indent` empty: compact; otherwise one item a line, as json.MarshalIndent, each line behind `prefix`.
struct JsonStyle {
  bool escape_html = true;
  std::string_view prefix = {};
  std::string_view indent = {};
  bool pretty = false;
};
void append_json(std::string& out, Value value, const JsonStyle& style = {});
std::string to_json(Value value, const JsonStyle& style = {});

// As a term of Rego is written (OPA's Value.String()): `{"a": [1, 2]}`, sets `{1, 2}`, the empty one `set()`; strings
// as strconv.Quote has them.
void append_term(std::string& out, Value value);
std::string to_term(Value value);
// strconv.Quote.
void append_quoted(std::string& out, std::string_view text);

// One JSON value as Go's encoding/json reads it (numbers as json.Number), into the arena. When it cannot be read: false,
// with Go's message in `error` ("invalid character 'x' looking for beginning of value"). Nesting is bounded by
// kMaxJsonDepth, as in Go. Of equal keys the last counts. Invalid UTF-8 becomes U+FFFD. With `end` reading stops behind
// the value, as json.Decoder's does: `*end` is where, and a text that ends too early is an "unexpected EOF".
inline constexpr int kMaxJsonDepth = kMaxValueDepth;
bool parse_json(ValueArena& arena, std::string_view text, Value& out, std::string& error, std::size_t* end = nullptr);

}  // namespace kubegate::policy

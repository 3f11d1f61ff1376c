// Document: one YAML or JSON document as a flat tree over its own bytes.
//
// The idea. A document is an array of nodes in pre-order. A collection knows where its subtree ends, so a walk is a
// scan forwards and skipping a subtree is one addition; there are no parent links and no pointers. A node keeps the
// span of the source bytes it came from, and the text of a scalar is a slice of those bytes; only where YAML makes
// something else of them (escapes, folded lines, resolved keys) does the text stand in a side array. Whoever walks
// knows the path; line and column are computed when a finding is printed (position.h).
//
// A mapping's children alternate: key, value, key, value. Keys are always strings, resolved as the cluster resolves
// them (`on: x` is the key "true"), and carry their hash. Aliases and merge keys are already expanded: an expanded
// node has the span of the anchored bytes. Of a key written twice the last value counts and only it is in the tree.
//
// Documents are made by the readers (read.h) through Builder (builder.h). They can be reused: a worker keeps one
// Document and reads into it again and again without allocating. What a document shows of itself (its texts, source,
// nodes, faults) must not outlive it; compilers hold that as far as they can (lifetime.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "validate/base/arena.h"
#include "validate/base/finding.h"
#include "validate/base/hash.h"
#include "validate/base/lifetime.h"

namespace kubegate::document {

enum class Kind : std::uint8_t { kNull, kBool, kInt, kFloat, kString, kMap, kSequence };

// How a scalar or collection was written.
enum class Style : std::uint8_t { kPlain, kSingleQuoted, kDoubleQuoted, kLiteral, kFolded, kBlock, kFlow };

// Index of a node in its document. Node 0 is the root.
using NodeIndex = std::uint32_t;
inline constexpr NodeIndex kNoNode = ~NodeIndex{0};

struct Node {
  static constexpr std::uint16_t kDecoded = 1;   // the text is Document::texts_[text], not a slice of the source
  static constexpr std::uint16_t kExpanded = 2;  // came through an alias or a merge key

  std::uint32_t begin = 0;  // source bytes, quotes and block headers included, tags and anchors not
  std::uint32_t length = 0;
  union {
    std::int64_t integer;  // kInt; a number without fraction that fits int64 is kInt however it was written
    double number;         // kFloat; never NaN or infinite
    bool boolean;          // kBool
    std::uint32_t text;    // kString with kDecoded
    struct {
      std::uint32_t end;    // kMap, kSequence: index behind the last node of the subtree
      std::uint32_t count;  // pairs of a mapping, items of a sequence
    } children;
  };
  std::uint32_t hash = 0;  // of a key: hash_key(text); 0 elsewhere
  Kind kind = Kind::kNull;
  Style style = Style::kPlain;
  std::uint16_t flags = 0;

  Node() : integer(0) {}
  Span span() const { return {begin, length}; }
  bool is_collection() const { return kind >= Kind::kMap; }
};
static_assert(sizeof(Node) == 24);

// The nodes of a document: a vector that leaves new elements uninitialised and never gives memory back.
class NodeArray {
 public:
  NodeIndex size() const { return size_; }
  Node* data() { return nodes_.get(); }
  const Node* data() const { return nodes_.get(); }
  Node& operator[](NodeIndex i) { return nodes_[i]; }
  const Node& operator[](NodeIndex i) const { return nodes_[i]; }

  Node& push_back(const Node& node) {
    if (size_ == capacity_) grow(size_ + 1);
    return nodes_[size_++] = node;
  }
  // Makes room for so many more, which append() then takes one by one, uninitialised.
  void reserve(NodeIndex more) {
    if (capacity_ - size_ < more) grow(size_ + more);
  }
  Node& append() { return nodes_[size_++]; }
  // The same of several: where they stand, and that they are taken.
  Node* end() { return nodes_.get() + size_; }
  void extend(NodeIndex more) { size_ += more; }
  // Becomes a copy that takes no more room than that.
  void assign(const NodeArray& other);
  void resize(NodeIndex size) {
    if (size > capacity_) grow(size);
    size_ = size;
  }

 private:
  void grow(NodeIndex least);

  std::unique_ptr<Node[]> nodes_;
  NodeIndex size_ = 0;
  NodeIndex capacity_ = 0;
};

class Document {
 public:
  Document() = default;
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;
  Document(Document&&) = default;
  Document& operator=(Document&&) = default;

  // The bytes of this document alone (a slice of its file; the file's owner keeps them alive), from the start of its
  // first line, and the 1-based line of the file on which they begin.
  std::string_view source() const& KUBEGATE_LIFETIME_BOUND { return source_; }
  std::string_view source() const&& = delete;
  std::uint32_t first_line() const { return first_line_; }

  // Empty: nothing but comments and white space, or unreadable from the start.
  bool empty() const { return nodes_.size() == 0; }
  NodeIndex size() const { return nodes_.size(); }
  const Node* nodes() const& KUBEGATE_LIFETIME_BOUND { return nodes_.data(); }
  const Node* nodes() const&& = delete;
  const Node& operator[](NodeIndex i) const& KUBEGATE_LIFETIME_BOUND { return nodes_[i]; }
  const Node& operator[](NodeIndex i) const&& = delete;

  // The node behind the subtree of i: its next sibling, if there is one.
  NodeIndex next(NodeIndex i) const { return nodes_[i].is_collection() ? nodes_[i].children.end : i + 1; }

  // The text of a kString node (of keys too). For other scalars: the bytes as written.
  std::string_view text(NodeIndex i) const& KUBEGATE_LIFETIME_BOUND {
    const Node& node = nodes_[i];
    if (node.flags & Node::kDecoded) return texts_[node.text];
    const bool quoted = node.style == Style::kSingleQuoted || node.style == Style::kDoubleQuoted;
    return {source_.data() + node.begin + quoted, node.length - 2u * quoted};
  }
  std::string_view text(NodeIndex i) const&& = delete;

  // The value of `key` in the mapping i; kNoNode when absent or when i is no mapping. Linear: for the cold path.
  NodeIndex find(NodeIndex map, std::string_view key) const { return find(map, key, hash_key(key)); }
  // The same with the key's hash, which may be known ahead.
  NodeIndex find(NodeIndex map, std::string_view key, std::uint32_t hash) const;

  // What was wrong with the bytes: syntax, encoding, duplicate keys, bounds. Rules start with "document/".
  const std::vector<Finding>& faults() const& KUBEGATE_LIFETIME_BOUND { return faults_; }
  const std::vector<Finding>& faults() const&& = delete;
  // False when reading stopped at a fault: the tree holds what came before it, with every collection closed.
  bool complete() const { return complete_; }
  // False where there is surely no comment in the source.
  bool may_have_comments() const { return may_have_comments_; }

  // All that it holds as another document, in no more memory than that takes: for documents that are kept. This one is
  // empty then, and keeps its own for the next reading.
  Document take();

 private:
  friend class Builder;

  std::string_view source_;
  std::uint32_t first_line_ = 1;
  bool complete_ = true;
  bool may_have_comments_ = true;
  NodeArray nodes_;
  std::vector<std::string_view> texts_;
  Arena arena_;  // holds decoded texts
  std::vector<Finding> faults_;
};

// By which table scalars are resolved (resolve.h): the cluster's, or that of YAML 1.2's core schema, in which yes, no, on
// and off are texts and dates are times. gator reads its test suites, and what they name, by the latter.
enum class ScalarTable : std::uint8_t { kCluster, kYaml12 };

// The bounds of what is read. Each is reported as a "document/limit" finding that names the bound.
struct Limits {
  std::uint64_t file_bytes = std::uint64_t{1} << 30;      // one file
  std::uint32_t document_bytes = std::uint32_t{1} << 28;  // one document; far above the server's 3 MiB request
  std::uint32_t depth = 1000;                             // nested collections
  std::uint32_t nodes = std::uint32_t{1} << 25;           // nodes of one document, expanded aliases included
};

}  // namespace kubegate::document

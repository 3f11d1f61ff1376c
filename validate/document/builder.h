// Builder: the one way into a Document.
//
// Readers (yaml-cpp's events, RapidJSON's SAX calls) tell the builder what they see in the order of the source; it
// resolves scalars and keys as the cluster does (resolve.h), finds duplicate keys, expands aliases and merge keys, and
// keeps the bounds. After a fault that ends the reading it ignores what follows, and finish() closes what is open, so
// the tree is always whole. The block reader, which must be fast and meets no alias, appends its nodes by itself.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "validate/document/document.h"
#include "validate/document/resolve.h"

namespace kubegate::document {

// A scalar as a reader saw it.
struct ScalarToken {
  Span span;  // source bytes of the scalar itself
  Style style = Style::kPlain;
  std::string_view text;  // after unescaping and folding; need only live during the call
  std::string_view tag;   // "" none, "!" non-specific, else resolved ("tag:yaml.org,2002:int")
};

class Builder {
 public:
  // Starts a new document in `out`, which must outlive the builder. `source` is at most 4 GiB.
  Builder(Document& out, std::string_view source, std::uint32_t first_line, const Limits& limits,
          ScalarTable table = ScalarTable::kCluster);

  // The next node (a value, a key, an item) gets this anchor.
  void anchor(std::string_view name);

  void scalar(const ScalarToken& token);
  void alias(std::string_view name, Span span);
  // Tags of collections mean nothing to the cluster's reader and are not asked for.
  void begin_map(std::uint32_t begin, Style style);
  void begin_sequence(std::uint32_t begin, Style style);
  // Closes the innermost collection; `end` is the offset behind its last byte.
  void end_collection(std::uint32_t end);

  // Records a fault. `fatal` ends the reading: what follows is ignored.
  void fault(std::string_view rule, std::string message, Span span, bool fatal);
  bool stopped() const { return stopped_; }

  // The source has no comments.
  void without_comments() { out_.may_have_comments_ = false; }

  // For the block reader, which appends nodes itself as it knows what they are, and closes its collections.
  NodeArray& nodes() { return out_.nodes_; }
  const Limits& limits() const { return limits_; }
  ScalarTable table() const { return table_; }
  // The number that Node::text gives a decoded text; the text is copied.
  std::uint32_t keep(std::string_view text);
  // Reports keys that stand twice in a mapping that is complete.
  void drop_duplicates(NodeIndex map);

  // Closes what is open at `end` and hands the document over. Call once.
  void finish(std::uint32_t end);

 private:
  enum class Expects : std::uint8_t { kItem, kKey, kValue };
  // What the value that comes next is for.
  enum class Pair : std::uint8_t { kOrdinary, kMerge, kInvalid };

  // An open collection.
  struct Frame {
    NodeIndex node;
    Expects expects;
    Pair pair = Pair::kOrdinary;
    std::uint32_t count = 0;  // pairs or items that are complete
    std::uint32_t keys;       // where its keys start in keys_
    std::uint32_t merges;     // where its merge values start in merges_
    std::string_view anchor;  // its own
    std::uint64_t reads = 0;  // reads_ when it was opened
  };
  struct Key {
    std::uint32_t hash;
    NodeIndex node;
  };
  // What an anchor names: a scalar is kept as the reader saw it, since it may stand for a value or for a key; a
  // collection is where it stands in the tree.
  struct Anchor {
    ScalarToken token;
    NodeIndex node = kNoNode;  // of a collection
    bool open = false;         // a collection that is not closed yet
    std::uint64_t reads = 1;   // nodes that the cluster reads for it
  };

  void add_scalar(const ScalarToken& token, std::uint16_t flags);
  bool add_value(const ScalarToken& token, const Resolution& resolution, Node& node);
  bool add_key(const ScalarToken& token, const Resolution& resolution, Node& node);
  void set_text(Node& node, const ScalarToken& token, std::string_view text);
  void set_binary(Node& node, const ScalarToken& token);
  bool push(const Node& node);
  void open(Kind kind, std::uint32_t begin, Style style);
  bool copy(NodeIndex from, Span at);
  void node_done(NodeIndex node);
  void take_merge(NodeIndex value);
  void close(std::uint32_t end);
  void drop_duplicates(NodeIndex map, std::span<const Key> keys);
  void drop_pair(NodeIndex key);
  void merge(const Frame& frame);
  void compact();
  std::uint32_t line_of(NodeIndex node);

  Document& out_;
  const Limits limits_;
  const ScalarTable table_;
  std::vector<Frame> frames_;
  std::vector<Key> keys_;          // of the open mappings, those of the innermost last
  std::vector<NodeIndex> merges_;  // values of merge keys of the open mappings, likewise
  std::unordered_map<std::string_view, Anchor> anchors_;
  std::string_view anchor_;           // of the next node
  std::uint64_t reads_ = 1;           // nodes that the cluster's reader would have visited, aliases followed
  std::uint64_t alias_reads_ = 0;     // of them, those behind an alias
  std::vector<std::uint32_t> lines_;  // offsets of line starts; made when first asked for
  bool stopped_ = false;
  bool holes_ = false;  // nodes were marked that compact() takes out
};

}  // namespace kubegate::document

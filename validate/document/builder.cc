// The idea: nodes are appended in the order in which a reader meets them, and nothing is ever moved while reading.
// What must not stay (the first of two equal keys, a merge key and what it brought that an explicit key overrides) is
// only marked, and one pass at the end closes the gaps. So a document without such things, that is nearly every one,
// pays nothing, and one that is made of them costs two passes, however deep they are nested.
//
// Keys of the open mappings stand in one stack. When a mapping closes, its keys are the top of that stack: few are
// compared pair by pair by their hashes, many are sorted, so neither a huge mapping nor chosen collisions cost more
// than n log n.
//
// An alias copies the nodes of its anchor; the copies carry the span of the anchored bytes. The cluster's reader
// refuses a document most of which comes out of aliases; so does kubegate, by the same count. Merge keys follow
// kustomize's and kubectl's reading: explicit keys win, in a list of mappings the earlier wins.
//
// Tested in tests/validate/document/builder_test.cc.
#include "validate/document/builder.h"

#include <algorithm>
#include <set>

#include "validate/base/hash.h"
#include "validate/document/utf8.h"

namespace kubegate::document {
namespace {

// Marks for compact(), never seen outside.
constexpr std::uint16_t kDropped = 1 << 15;        // the node and its subtree go
constexpr std::uint16_t kHeaderDropped = 1 << 14;  // the node goes, its children belong to the collection around it

constexpr std::size_t kFewKeys = 16;
constexpr std::size_t kMaxFaults = 1000;  // of one document

// The share of nodes that may come out of aliases, given how many were read. Rule: goyaml.v2 allowedAliasRatio().
double allowed_alias_share(std::uint64_t reads) {
  constexpr double kLow = 400'000, kHigh = 4'000'000;
  const auto n = static_cast<double>(reads);
  if (n <= kLow) return 0.99;
  if (n >= kHigh) return 0.10;
  return 0.99 - 0.89 * ((n - kLow) / (kHigh - kLow));
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 60;
  if (text.size() <= kShown) return '"' + std::string(text) + '"';
  std::size_t end = kShown;
  while (end > 0 && (text[end] & 0xc0) == 0x80) --end;
  return '"' + std::string(text.substr(0, end)) + "…\"";
}

}  // namespace

Builder::Builder(Document& out, std::string_view source, std::uint32_t first_line, const Limits& limits,
                 ScalarTable table)
    : out_(out), limits_(limits), table_(table) {
  out.source_ = source;
  out.first_line_ = first_line;
  out.complete_ = true;
  out.may_have_comments_ = true;
  out.nodes_.resize(0);
  out.texts_.clear();
  out.arena_.reset();
  out.faults_.clear();
}

void Builder::anchor(std::string_view name) {
  if (!stopped_) anchor_ = out_.arena_.copy(name);
}

void Builder::scalar(const ScalarToken& token) {
  if (stopped_) return;
  if (!anchor_.empty()) {
    Anchor& anchor = anchors_[anchor_] = {};
    anchor.token = token;
    anchor.token.text = out_.arena_.copy(token.text);
    anchor.token.tag = out_.arena_.copy(token.tag);
    anchor_ = {};
  }
  add_scalar(token, 0);
}

void Builder::add_scalar(const ScalarToken& token, std::uint16_t flags) {
  Node node;
  node.begin = token.span.begin;
  node.length = token.span.length;
  node.style = token.style;
  node.flags = flags;
  const bool is_key = !frames_.empty() && frames_.back().expects == Expects::kKey;
  if (is_key && flags == 0 && is_merge_key(token.style, token.tag, token.text)) {
    frames_.back().pair = Pair::kMerge;
    node.kind = Kind::kString;
    node.flags |= kDropped;
    holes_ = true;
    if (push(node)) node_done(out_.size() - 1);
    return;
  }
  if (flags == 0) ++reads_;  // alias() has counted what it copies
  const Resolution resolution = resolve(token.style, token.tag, token.text, table_);
  if (resolution.type == ScalarType::kMismatch) {
    const std::string_view wanted = token.tag.substr(kTagPrefix.size());
    fault("document/invalid-value",
          quoted(token.text) + " is " + std::string(type_name(resolution.found)) + ", not what its tag !!" +
              std::string(wanted) + " says",
          token.span, false);
  }
  if (!is_key) {
    if (!add_value(token, resolution, node)) return;
  } else if (add_key(token, resolution, node)) {
    node.hash = hash_key(node.flags & Node::kDecoded ? out_.texts_[node.text] : token.text);
    keys_.push_back({node.hash, out_.size()});
  } else {
    fault("document/invalid-key",
          resolution.type == ScalarType::kNull ? "null cannot be a key: quote it if a text is meant"
                                               : "an integer above 9223372036854775807 cannot be a key: quote it",
          token.span, false);
    frames_.back().pair = Pair::kInvalid;
    node.flags |= kDropped;
    holes_ = true;
  }
  if (push(node)) node_done(out_.size() - 1);
}

// Sets what `node` holds. False when it was a fault that ended the reading.
bool Builder::add_value(const ScalarToken& token, const Resolution& resolution, Node& node) {
  switch (resolution.type) {
    case ScalarType::kString:
    case ScalarType::kMismatch: set_text(node, token, token.text); break;
    case ScalarType::kTimestamp: set_text(node, token, timestamp_text(token.text)); break;
    case ScalarType::kBinary: set_binary(node, token); break;
    default:
      if (!to_value(resolution, node)) {
        node.kind = Kind::kNull;
        fault("document/invalid-value",
              quoted(token.text) + " is no value that JSON can hold: quote it if a text is meant", token.span, false);
      }
  }
  return !stopped_;
}

// Sets the text of a key. False when the cluster takes no such key.
bool Builder::add_key(const ScalarToken& token, const Resolution& resolution, Node& node) {
  switch (resolution.type) {
    case ScalarType::kString:
    case ScalarType::kTimestamp:
    case ScalarType::kMismatch: set_text(node, token, token.text); return true;
    case ScalarType::kBinary: set_binary(node, token); return true;
    default: {
      node.kind = Kind::kString;
      char buffer[kKeyBuffer];
      const std::string_view text = key_text(resolution, buffer);
      if (text.empty()) return false;
      set_text(node, token, text);
      return true;
    }
  }
}

// Makes `node` a string: a slice of the source where that says the same, else a decoded text.
void Builder::set_text(Node& node, const ScalarToken& token, std::string_view text) {
  node.kind = Kind::kString;
  if (token.style <= Style::kDoubleQuoted) {
    const std::uint32_t quotes = token.style == Style::kPlain ? 0 : 2;
    if (token.span.length == text.size() + quotes &&
        out_.source_.compare(token.span.begin + quotes / 2, text.size(), text) == 0) {
      return;
    }
  }
  node.flags |= Node::kDecoded;
  node.text = keep(text);
}

void Builder::set_binary(Node& node, const ScalarToken& token) {
  std::string bytes(token.text.size(), '\0');
  const std::size_t size = decode_base64(token.text, bytes.data());
  if (size == std::string::npos) {
    fault("document/invalid-value", "the value of a !!binary tag is no base64", token.span, false);
    set_text(node, token, token.text);
    return;
  }
  bytes.resize(size);
  set_text(node, token, to_utf8(bytes));
}

std::uint32_t Builder::keep(std::string_view text) {
  out_.texts_.push_back(out_.arena_.copy(text));
  return static_cast<std::uint32_t>(out_.texts_.size() - 1);
}

bool Builder::push(const Node& node) {
  if (stopped_) return false;
  if (out_.nodes_.size() >= limits_.nodes) {
    fault("document/limit", "more than " + std::to_string(limits_.nodes) + " nodes in one document", node.span(), true);
    return false;
  }
  out_.nodes_.push_back(node);
  return true;
}

void Builder::begin_map(std::uint32_t begin, Style style) { open(Kind::kMap, begin, style); }
void Builder::begin_sequence(std::uint32_t begin, Style style) { open(Kind::kSequence, begin, style); }

void Builder::open(Kind kind, std::uint32_t begin, Style style) {
  if (stopped_) return;
  const bool is_map = kind == Kind::kMap;
  if (frames_.size() >= limits_.depth) {
    fault("document/limit", "collections are nested more than " + std::to_string(limits_.depth) + " deep", {begin, 1},
          true);
    return;
  }
  if (!frames_.empty() && frames_.back().expects == Expects::kKey) {
    fault("document/invalid-key",
          std::string(is_map ? "a mapping" : "a sequence") + " cannot be a key: keys are strings", {begin, 1}, false);
    if (stopped_) return;
  }
  Node node;
  node.kind = kind;
  node.style = style;
  node.begin = begin;
  node.children = {out_.size() + 1, 0};
  const NodeIndex index = out_.size();
  if (!push(node)) return;
  Frame frame;
  frame.node = index;
  frame.expects = is_map ? Expects::kKey : Expects::kItem;
  frame.keys = static_cast<std::uint32_t>(keys_.size());
  frame.merges = static_cast<std::uint32_t>(merges_.size());
  frame.reads = reads_++;
  if (!anchor_.empty()) {
    Anchor& anchor = anchors_[anchor_] = {};
    anchor.node = index;
    anchor.open = true;
    frame.anchor = anchor_;
    anchor_ = {};
  }
  frames_.push_back(frame);
}

void Builder::end_collection(std::uint32_t end) {
  if (stopped_ || frames_.empty()) return;
  close(end);
}

// Closes the innermost collection.
void Builder::close(std::uint32_t end) {
  const Frame frame = frames_.back();
  frames_.pop_back();
  Node& node = out_.nodes_[frame.node];
  node.length = end > node.begin ? end - node.begin : 0;
  node.children.end = out_.size();
  node.children.count = frame.count;
  if (node.kind == Kind::kMap) {
    drop_duplicates(frame.node, std::span(keys_).subspan(frame.keys));
    if (merges_.size() > frame.merges) merge(frame);
    keys_.resize(frame.keys);
    merges_.resize(frame.merges);
  }
  if (!frame.anchor.empty()) {
    Anchor& anchor = anchors_[frame.anchor];
    if (anchor.node == frame.node) {
      anchor.open = false;
      anchor.reads = reads_ - frame.reads;
    }
  }
  node_done(frame.node);
}

// A node of the innermost collection is complete: what comes next?
void Builder::node_done(NodeIndex node) {
  if (frames_.empty()) return;
  Frame& frame = frames_.back();
  switch (frame.expects) {
    case Expects::kItem: ++frame.count; return;
    case Expects::kKey:
      frame.expects = Expects::kValue;
      if (out_.nodes_[node].is_collection()) {
        out_.nodes_[node].flags |= kDropped;
        frame.pair = Pair::kInvalid;
        holes_ = true;
      }
      return;
    case Expects::kValue:
      frame.expects = Expects::kKey;
      const Pair pair = frame.pair;
      frame.pair = Pair::kOrdinary;
      if (pair == Pair::kOrdinary) {
        ++frame.count;
      } else if (pair == Pair::kInvalid) {
        out_.nodes_[node].flags |= kDropped;
      } else {
        take_merge(node);
      }
      return;
  }
}

void Builder::alias(std::string_view name, Span span) {
  if (stopped_) return;
  const auto found = anchors_.find(name);
  if (found == anchors_.end()) {
    fault("document/alias", "no anchor &" + std::string(name) + " stands before this alias", span, true);
    return;
  }
  const Anchor anchor = found->second;
  if (anchor.open) {
    fault("document/alias", "the value of the anchor &" + std::string(name) + " contains itself", span, true);
    return;
  }
  reads_ += 1 + anchor.reads;
  alias_reads_ += anchor.reads;
  if (alias_reads_ > 100 && reads_ > 1000 &&
      static_cast<double>(alias_reads_) / static_cast<double>(reads_) > allowed_alias_share(reads_)) {
    fault("document/alias", "nearly all of the document comes out of aliases: the cluster refuses it", span, true);
    return;
  }
  if (anchor.node == kNoNode) {
    add_scalar(anchor.token, Node::kExpanded);
    return;
  }
  const bool is_key = !frames_.empty() && frames_.back().expects == Expects::kKey;
  if (is_key) fault("document/invalid-key", "a mapping or sequence cannot be a key: keys are strings", span, false);
  const NodeIndex at = out_.size();
  if (!stopped_ && copy(anchor.node, span)) node_done(at);
}

// Appends a copy of the subtree of `from`; `at` is what a fault points to.
bool Builder::copy(NodeIndex from, Span at) {
  const NodeIndex end = out_.next(from);
  const NodeIndex to = out_.size();
  const NodeIndex count = end - from;
  if (out_.nodes_.size() + count > limits_.nodes) {
    fault("document/limit",
          "more than " + std::to_string(limits_.nodes) + " nodes in one document, expanded aliases included", at, true);
    return false;
  }
  out_.nodes_.resize(to + count);
  Node* nodes = out_.nodes_.data();
  std::copy_n(nodes + from, count, nodes + to);
  nodes[to].flags &= static_cast<std::uint16_t>(~(kDropped | kHeaderDropped));
  std::vector<NodeIndex> ends;  // of the collections around node i
  for (NodeIndex i = to; i < to + count; ++i) {
    nodes[i].flags |= Node::kExpanded;
    if (!nodes[i].is_collection()) continue;
    nodes[i].children.end += to - from;
    while (!ends.empty() && ends.back() <= i) ends.pop_back();
    ends.push_back(nodes[i].children.end);
    if (frames_.size() + ends.size() > limits_.depth) {
      out_.nodes_.resize(to);
      fault("document/limit",
            "collections are nested more than " + std::to_string(limits_.depth) + " deep once aliases are expanded", at,
            true);
      return false;
    }
  }
  return true;
}

// Takes the value of a merge key. What stands there in person may carry anchors, and a later alias to them means the
// whole of it, not what the merge leaves: so the merge gets a copy of its own.
void Builder::take_merge(NodeIndex value) {
  const Node node = out_.nodes_[value];
  const bool expanded = node.flags & Node::kExpanded;
  bool mergeable = node.kind == Kind::kMap;
  if (node.kind == Kind::kSequence && !expanded) {
    mergeable = true;
    for (NodeIndex i = value + 1; i < node.children.end; i = out_.next(i)) {
      mergeable = mergeable && out_.nodes_[i].kind == Kind::kMap;
    }
  }
  holes_ = true;
  if (!mergeable) {
    out_.nodes_[value].flags |= kDropped;
    fault("document/alias", "a merge key takes a mapping or a sequence of mappings", node.span(), false);
    return;
  }
  if (expanded) {
    merges_.push_back(value);
    return;
  }
  out_.nodes_[value].flags |= kDropped;
  const NodeIndex at = out_.size();
  if (copy(value, node.span())) merges_.push_back(at);
}

void Builder::drop_pair(NodeIndex key) {
  out_.nodes_[key].flags |= kDropped;
  out_.nodes_[key + 1].flags |= kDropped;
  holes_ = true;
}

void Builder::drop_duplicates(NodeIndex map) {
  const Node* const nodes = out_.nodes_.data();
  if (nodes[map].children.count <= kFewKeys) {
    std::uint32_t hashes[kFewKeys];
    std::size_t count = 0;
    bool twice = false;
    for (NodeIndex i = map + 1; i < nodes[map].children.end; i = out_.next(i + 1)) {
      for (std::size_t j = 0; j < count; ++j) twice |= hashes[j] == nodes[i].hash;
      hashes[count++] = nodes[i].hash;
    }
    if (!twice) return;
  }
  keys_.clear();
  for (NodeIndex i = map + 1; i < out_.nodes_[map].children.end; i = out_.next(i + 1)) {
    keys_.push_back({out_.nodes_[i].hash, i});
  }
  drop_duplicates(map, keys_);
}

// Reports keys that stand in the mapping twice; only the last of them stays.
void Builder::drop_duplicates(NodeIndex map, std::span<const Key> keys) {
  const std::size_t count = keys.size();
  const auto duplicate = [&](const Key& first, const Key& again) {
    const std::string key = quoted(out_.text(again.node));
    fault("document/duplicate-key",
          "duplicate key " + key + ": line " + std::to_string(line_of(first.node)) + " sets it already",
          out_.nodes_[again.node].span(), false);
  };
  if (count <= kFewKeys) {
    for (std::size_t i = 1; i < count; ++i) {
      bool reported = false;
      for (std::size_t j = 0; j < i; ++j) {
        if (keys[j].hash != keys[i].hash || out_.text(keys[j].node) != out_.text(keys[i].node)) continue;
        if (!reported) duplicate(keys[j], keys[i]);
        reported = true;
        if (!(out_.nodes_[keys[j].node].flags & kDropped)) {
          drop_pair(keys[j].node);
          --out_.nodes_[map].children.count;
        }
      }
    }
    return;
  }
  std::vector<Key> sorted(keys.begin(), keys.end());
  std::sort(sorted.begin(), sorted.end(), [&](const Key& a, const Key& b) {
    if (a.hash != b.hash) return a.hash < b.hash;
    const int order = out_.text(a.node).compare(out_.text(b.node));
    return order != 0 ? order < 0 : a.node < b.node;
  });
  for (std::size_t i = 0; i < count;) {
    std::size_t next = i + 1;
    for (; next < count && sorted[next].hash == sorted[i].hash &&
           out_.text(sorted[next].node) == out_.text(sorted[i].node);
         ++next) {
      duplicate(sorted[i], sorted[next]);
      drop_pair(sorted[next - 1].node);
      --out_.nodes_[map].children.count;
    }
    i = next;
  }
}

// Brings the pairs of the merge values into the mapping, unless a stronger source has the key.
void Builder::merge(const Frame& frame) {
  std::set<std::string_view> taken;
  for (std::size_t i = frame.keys; i < keys_.size(); ++i) taken.insert(out_.text(keys_[i].node));
  std::uint32_t& count = out_.nodes_[frame.node].children.count;
  const auto merge_one = [&](NodeIndex map) {
    Node* nodes = out_.nodes_.data();
    nodes[map].flags |= kHeaderDropped;
    const NodeIndex end = nodes[map].children.end;
    for (NodeIndex i = map + 1; i < end;) {
      if (nodes[i].flags & kDropped) {
        i = out_.next(i);
      } else if (nodes[i].flags & kHeaderDropped) {
        ++i;
      } else {
        const NodeIndex next = out_.next(i + 1);
        if (taken.insert(out_.text(i)).second) {
          ++count;
        } else {
          drop_pair(i);
        }
        i = next;
      }
    }
  };
  for (std::size_t m = merges_.size(); m-- > frame.merges;) {  // the later merge key wins
    const NodeIndex value = merges_[m];
    if (out_.nodes_[value].kind == Kind::kMap) {
      merge_one(value);
      continue;
    }
    out_.nodes_[value].flags |= kHeaderDropped;
    const NodeIndex end = out_.nodes_[value].children.end;
    for (NodeIndex i = value + 1; i < end; i = out_.next(i)) merge_one(i);
  }
}

// Takes out what is marked.
void Builder::compact() {
  struct Open {
    NodeIndex node;  // where it stands now
    NodeIndex end;   // where it ended before
  };
  std::vector<Open> open;
  NodeArray& nodes = out_.nodes_;
  const auto size = static_cast<NodeIndex>(nodes.size());
  NodeIndex to = 0;
  const auto close_before = [&](NodeIndex i) {
    for (; !open.empty() && open.back().end <= i; open.pop_back()) nodes[open.back().node].children.end = to;
  };
  for (NodeIndex i = 0; i < size;) {
    close_before(i);
    const Node node = nodes[i];
    if (node.flags & kDropped) {
      i = node.is_collection() ? node.children.end : i + 1;
      continue;
    }
    ++i;
    if (node.flags & kHeaderDropped) continue;
    if (node.is_collection()) open.push_back({to, node.children.end});
    nodes[to++] = node;
  }
  close_before(size);
  nodes.resize(to);
}

void Builder::fault(std::string_view rule, std::string message, Span span, bool fatal) {
  if (stopped_ || out_.faults_.size() > kMaxFaults) return;
  Finding finding;
  finding.rule = rule;
  finding.message = std::move(message);
  finding.span = span;
  out_.faults_.push_back(std::move(finding));
  if (!fatal && out_.faults_.size() == kMaxFaults) {
    fault("document/limit", "more than " + std::to_string(kMaxFaults) + " faults: reading stops here", span, true);
    return;
  }
  stopped_ = fatal;
}

void Builder::finish(std::uint32_t end) {
  out_.complete_ = !stopped_;
  stopped_ = false;  // closing may find duplicate keys in what was read
  while (!frames_.empty()) {
    const NodeIndex last = out_.size() - 1;
    if (frames_.back().expects == Expects::kValue && frames_.back().pair == Pair::kOrdinary) {
      out_.nodes_[last].flags |= kDropped;  // a key without its value
      keys_.pop_back();
      holes_ = true;
    }
    close(end);
  }
  if (holes_) compact();
  std::stable_sort(out_.faults_.begin(), out_.faults_.end(),
                   [](const Finding& a, const Finding& b) { return a.span.begin < b.span.begin; });
}

// The line, in the file, of a node.
std::uint32_t Builder::line_of(NodeIndex node) {
  if (lines_.empty()) {
    lines_.push_back(0);
    const std::string_view source = out_.source_;
    for (std::size_t i = source.find('\n'); i != std::string_view::npos; i = source.find('\n', i + 1)) {
      lines_.push_back(static_cast<std::uint32_t>(i + 1));
    }
  }
  const auto after = std::upper_bound(lines_.begin(), lines_.end(), out_.nodes_[node].begin);
  return out_.first_line_ + static_cast<std::uint32_t>(after - lines_.begin()) - 1;
}

}  // namespace kubegate::document

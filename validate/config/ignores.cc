// Comments are no part of a document's tree. They are found again from its bytes, and only where the marked text occurs
// at all: what stands inside a scalar is told apart by the spans of the nodes, and what a comment is for is found by the
// order of the nodes, which is that of the bytes. One pass over the nodes settles all comments.
//
// Tested in tests/validate/config/ignores_test.cc.
#include "validate/config/ignores.h"

#include <algorithm>
#include <limits>

namespace kubegate::config {

namespace {

using document::Document;
using document::Kind;
using document::kNoNode;
using document::Node;
using document::NodeIndex;

constexpr std::size_t kMostIgnores = 1000;  // of a document: each finding is held to each of them
constexpr std::uint32_t kEnd = std::numeric_limits<std::uint32_t>::max();
constexpr std::string_view kBlanks = " \t\r";

struct Comment {
  std::uint32_t mark = 0;   // the `#`
  std::uint32_t words = 0;  // kIgnoreComment
  std::uint32_t end = 0;    // of the line, without its break
  std::uint32_t line = 0;   // where the line begins
  bool own_line = false, head = false;
  bool real = true;
  std::uint32_t target_begin = 0, target_end = 0;  // of one with a line of its own
};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == text.npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// The comments that the text seems to hold.
std::vector<Comment> find_comments(std::string_view source) {
  std::vector<Comment> comments;
  for (std::size_t at = source.find(kIgnoreComment); at != source.npos; at = source.find(kIgnoreComment, at + 1)) {
    std::size_t mark = at;
    while (mark > 0 && kBlanks.find(source[mark - 1]) != kBlanks.npos) --mark;
    if (mark == 0 || source[mark - 1] != '#') continue;
    --mark;
    const std::size_t behind = at + kIgnoreComment.size();
    if (behind < source.size() && std::string_view(" \t\r\n").find(source[behind]) == std::string_view::npos) continue;
    const std::size_t before = mark == 0 ? source.npos : source.rfind('\n', mark - 1);
    const std::size_t line = before == source.npos ? 0 : before + 1;
    if (mark > line && kBlanks.find(source[mark - 1]) == kBlanks.npos) continue;
    Comment comment;
    comment.mark = static_cast<std::uint32_t>(mark);
    comment.words = static_cast<std::uint32_t>(at);
    comment.line = static_cast<std::uint32_t>(line);
    comment.end = static_cast<std::uint32_t>(std::min(source.find('\n', at), source.size()));
    const std::string_view front = trimmed(source.substr(line, mark - line));
    comment.own_line = front.empty();
    comment.head = front == "---";
    comments.push_back(comment);
    if (comments.size() > kMostIgnores) break;
  }
  return comments;
}

// Finds what each comment is for, and which are none.
class Settler {
 public:
  Settler(const Document& document, std::vector<Comment>& comments) : document_(document), comments_(comments) {}

  void settle() {
    struct Open {
      NodeIndex end;
      bool map, key;
    };
    std::vector<Open> open;
    for (NodeIndex i = 0; i < document_.size(); ++i) {
      while (!open.empty() && open.back().end == i) open.pop_back();
      const bool in_map = !open.empty() && open.back().map;
      const bool is_key = in_map && open.back().key;
      if (in_map) open.back().key = !is_key;
      const bool starts = !open.empty() && (!in_map || is_key);
      const Node& node = document_[i];
      if (!(node.flags & Node::kExpanded)) {
        if (!node.is_collection()) drop_inside(node);
        if (starts) target(i, is_key ? document_.next(i + 1) : document_.next(i));
      }
      if (node.is_collection()) open.push_back({node.children.end, node.kind == Kind::kMap, true});
    }
  }

 private:
  // What stands inside a scalar is no comment.
  void drop_inside(const Node& node) {
    auto comment = std::lower_bound(comments_.begin(), comments_.end(), node.begin,
                                    [](const Comment& c, std::uint32_t begin) { return c.mark < begin; });
    for (; comment != comments_.end() && comment->mark < node.begin + node.length; ++comment) comment->real = false;
  }

  // A field or an item begins: the comments in front of it that wait for one are for it.
  void target(NodeIndex first, NodeIndex last) {
    const std::uint32_t begin = document_[first].begin;
    if (waiting_ == comments_.size() || comments_[waiting_].mark >= begin) return;
    std::uint32_t end = begin;
    for (NodeIndex i = first; i < last; ++i) {
      const Node& node = document_[i];
      if (!(node.flags & Node::kExpanded)) end = std::max(end, node.begin + std::max(node.length, 1u));
    }
    for (; waiting_ < comments_.size() && comments_[waiting_].mark < begin; ++waiting_) {
      comments_[waiting_].target_begin = begin;
      comments_[waiting_].target_end = end;
    }
  }

  const Document& document_;
  std::vector<Comment>& comments_;
  std::size_t waiting_ = 0;  // the first comment in front of which everything has begun
};

bool is_rule(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != text.npos && slash > 0 && slash + 1 < text.size();
}

bool matches(std::string_view wanted, std::string_view rule) {
  if (!wanted.ends_with("/*")) return wanted == rule;
  return rule.starts_with(wanted.substr(0, wanted.size() - 1));
}

}  // namespace

bool Ignores::may_have_comments(const Document& document) {
  return document.source().find(kIgnoreComment) != std::string_view::npos;
}

void Ignores::read_comments(const Document& document) {
  std::vector<Comment> comments = find_comments(document.source());
  if (comments.empty() || document.empty()) return;
  Settler(document, comments).settle();
  const std::uint32_t first = document[0].begin;
  for (const Comment& comment : comments) {
    if (!comment.real) continue;
    Ignore ignore;
    ignore.span = {comment.mark, comment.end - comment.mark};
    if (comment.head || (comment.own_line && comment.mark < first)) {
      ignore.end = kEnd;
    } else if (comment.own_line) {
      ignore.begin = comment.target_begin;
      ignore.end = comment.target_end;
    } else {
      ignore.begin = comment.line;
      ignore.end = comment.end;
    }
    const std::uint32_t words = comment.words + static_cast<std::uint32_t>(kIgnoreComment.size());
    add(document.source().substr(words, comment.end - words), std::move(ignore));
  }
}

void Ignores::read_annotation(const Document& document, NodeIndex object) {
  const NodeIndex metadata = document.find(object, "metadata");
  const NodeIndex annotations = metadata == kNoNode ? kNoNode : document.find(metadata, "annotations");
  const NodeIndex value = annotations == kNoNode ? kNoNode : document.find(annotations, kIgnoreAnnotation);
  if (value == kNoNode || document[value].kind != Kind::kString) return;
  std::string_view rest = document.text(value);
  while (!rest.empty()) {
    const std::size_t end = rest.find(';');
    const std::string_view words = trimmed(rest.substr(0, end));
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    if (words.empty()) continue;
    Ignore ignore;
    ignore.span = document[value].span();
    ignore.object = object;
    add(words, std::move(ignore));
  }
}

void Ignores::add(std::string_view words, Ignore ignore) {
  const auto fault = [&](std::string_view rule, std::string message) {
    Finding finding;
    finding.rule = rule;
    finding.severity = Severity::kWarning;
    finding.message = std::move(message);
    finding.span = ignore.span;
    faults_.push_back(std::move(finding));
  };
  if (ignores_.size() >= kMostIgnores) {
    if (ignores_.size() == kMostIgnores && faults_.size() <= kMostIgnores) {
      fault("ignore/unused",
            "a document has at most " + std::to_string(kMostIgnores) + " ignores: this one is not read");
    }
    return;
  }
  words = trimmed(words);
  std::string names;
  bool more = true;  // a comma announces another rule
  while (more && !words.empty()) {
    const std::size_t end = std::min(words.find_first_of(" \t"), words.size());
    const std::string_view part = words.substr(0, end);
    if (names.empty() && !is_rule(part.substr(0, part.find(',')))) break;
    for (std::string_view rest = part; !rest.empty();) {
      const std::size_t comma = rest.find(',');
      const std::string_view name = rest.substr(0, comma);
      if (!name.empty()) {
        ignore.rules.push_back({std::string(name)});
        names += (names.empty() ? "" : ", ") + std::string(name);
      }
      rest.remove_prefix(comma == rest.npos ? rest.size() : comma + 1);
    }
    more = part.ends_with(',');
    words = trimmed(words.substr(end));
  }
  if (ignore.rules.empty()) {
    return fault("ignore/no-rule", "this names no rule to ignore: begin with its id, such as schema/unknown-field");
  }
  ignore.reason = words;
  if (words.empty()) fault("ignore/no-reason", "write behind " + names + " why it is ignored");
  ignores_.push_back(std::move(ignore));
}

bool Ignores::covers(const Finding& finding, NodeIndex object, std::string& reason) {
  bool covered = false;
  for (Ignore& ignore : ignores_) {
    const bool here = ignore.object != kNoNode ? ignore.object == object
                                               : finding.span.begin >= ignore.begin && finding.span.begin < ignore.end;
    if (!here) continue;
    for (Rule& rule : ignore.rules) {
      if (!matches(rule.id, finding.rule)) continue;
      rule.used = true;
      if (!covered) reason = ignore.reason;
      covered = true;
    }
  }
  return covered;
}

void Ignores::tell(bool unused, bool policies, std::vector<Finding>& out) const {
  out.insert(out.end(), faults_.begin(), faults_.end());
  if (!unused) return;
  for (const Ignore& ignore : ignores_) {
    for (const Rule& rule : ignore.rules) {
      if (rule.used || (!policies && rule.id.starts_with("policy/"))) continue;
      Finding finding;
      finding.rule = "ignore/unused";
      finding.severity = Severity::kWarning;
      finding.message = "there is no finding of " + rule.id + " here to ignore";
      finding.span = ignore.span;
      out.push_back(std::move(finding));
    }
  }
}

}  // namespace kubegate::config

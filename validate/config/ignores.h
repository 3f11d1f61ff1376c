// Ignores: what a document asks to be passed over.
//
//   # kubegate:ignore RULE[,RULE…] REASON
//
// A rule is the id that findings tell, or the beginning of ids: `policy/K8sRequiredLabels/*`. Where the comment stands
// says what it is for:
//
//   above the document's first key, or on the line of its `---`   the whole document
//   behind something, on its line                                 the findings that begin on this line
//   on a line of its own                                          the field or item that begins below it, with all
//                                                                 that it holds
//
//   metadata: {annotations: {kubegate.dev/ignore: "RULE[,RULE…] REASON; RULE REASON"}}
//
// is for its object, for manifests that come from a renderer, which drops comments. What is ignored is no error, and is
// counted. An ignore without a reason, one that names no rule, and one that matches nothing are warnings. What could not
// be read to its end is told whatever it asks for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/finding.h"
#include "validate/document/document.h"

namespace kubegate::config {

inline constexpr std::string_view kIgnoreComment = "kubegate:ignore";
inline constexpr std::string_view kIgnoreAnnotation = "kubegate.dev/ignore";

// Of one document. Cold, but for may_have_comments().
class Ignores {
 public:
  // Whether the text of a document's source holds what could be such a comment.
  static bool may_have_comments(const document::Document& document);

  void read_comments(const document::Document& document);
  // The annotation of the object whose mapping is this node, if it has one.
  void read_annotation(const document::Document& document, document::NodeIndex object);

  bool empty() const { return ignores_.empty() && faults_.empty(); }

  // Whether a finding in this object is to be ignored; then `reason` is why, or "" where that was not said.
  bool covers(const Finding& finding, document::NodeIndex object, std::string& reason);

  // Appends warnings: ignore/no-reason, ignore/no-rule, and where `unused`, ignore/unused for what nothing was found
  // to match. `policies`: whether policies were judged; without them, what is said of them was not put to the test.
  void tell(bool unused, bool policies, std::vector<Finding>& out) const;

 private:
  struct Rule {
    std::string id;
    bool used = false;
  };
  struct Ignore {
    std::vector<Rule> rules;
    std::string reason;
    Span span;                                       // of the words
    document::NodeIndex object = document::kNoNode;  // of an annotation
    std::uint32_t begin = 0, end = 0;                // of a comment: the bytes it is for
  };

  void add(std::string_view words, Ignore ignore);

  std::vector<Ignore> ignores_;
  std::vector<Finding> faults_;
};

}  // namespace kubegate::config

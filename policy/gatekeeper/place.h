// Where in a document a finding about an object stands.
#pragma once

#include "validate/base/finding.h"
#include "validate/document/document.h"

namespace kubegate::gatekeeper {

// Gives `finding` its bytes and pointer. `cause`: the node inside `object` that it is about (Violation::cause_at); a
// collection shows its key, an item of a sequence its name or its first key. kNoNode, or the object itself: it is about
// the object as a whole, and stands at its name, where it has none at its kind, and points to the object.
void place_finding(const document::Document& document, document::NodeIndex object, document::NodeIndex cause,
                   Finding& finding);

}  // namespace kubegate::gatekeeper

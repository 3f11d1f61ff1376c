// Two versions of one object, field by field.
#pragma once

#include <vector>

#include "validate/document/document.h"
#include "validate/report/changes.h"

namespace kubegate::run {

// What differs between the mappings `before` and `after`. `secret`: what `data` and `stringData` hold is not told.
std::vector<report::FieldChange> field_changes(const document::Document& old_document, document::NodeIndex before,
                                               const document::Document& new_document, document::NodeIndex after,
                                               bool secret);

}  // namespace kubegate::run

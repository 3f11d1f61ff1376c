// Expected findings, written as comments into the documents that tests read:
//
//   ---
//   # error metadata.name `My_App`: must be a DNS name
//   apiVersion: v1
//
// is an error at the field metadata.name, whose span is the text My_App and whose message holds the words behind the
// colon. Severity is error or warning. A document without such lines has no findings.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "validate/document/document.h"

namespace kubegate::testing {

// Reads the YAML file, calls `check` with each of its documents, and holds the findings that it returns to the
// comments. Returns the number of documents.
int expect_findings_in(const std::string& path,
                       const std::function<std::vector<Finding>(const document::Document&)>& check);

}  // namespace kubegate::testing

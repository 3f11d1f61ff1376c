// Check: what the pipeline asks of each object. One implementation a room of rules; the run holds them in a list, asks
// them in its order, and knows nothing of what they look for.
#pragma once

#include <memory>
#include <vector>

#include "validate/base/finding.h"
#include "validate/run/object.h"
#include "validate/schema/catalogue.h"
#include "validate/schema/check.h"

namespace kubegate::run {

class Check {
 public:
  virtual ~Check() = default;

  // Judges one object of a document that was read to its end, from that document alone; `resolution` is the catalogue's
  // of its kind. Appends findings with spans and pointers from the document's root; those of earlier checks stand in
  // `out`. Called from many threads at once.
  virtual schema::ObjectVerdict check(const document::Document& document, const Object& object,
                                      const schema::Resolution& resolution, std::vector<Finding>& out) const = 0;
};

// The checks of a run, in the server's order: the object's schema, its metadata, and what a definition defines.
std::vector<std::unique_ptr<const Check>> make_checks(std::shared_ptr<const schema::Catalogue> catalogue,
                                                      const schema::CheckOptions& options);

}  // namespace kubegate::run

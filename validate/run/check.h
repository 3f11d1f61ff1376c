// Check: what the pipeline asks of each object. One implementation a room of rules; the run holds them in a list and
// knows nothing of what they look for.
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

  // Judges one object of a document that was read to its end, from that document alone. Appends findings with spans
  // and pointers from the document's root. Called from many threads at once.
  virtual schema::ObjectVerdict check(const document::Document& document, const Object& object,
                                      std::vector<Finding>& out) const = 0;
};

// The object's schema, by a catalogue.
class SchemaCheck final : public Check {
 public:
  SchemaCheck(std::shared_ptr<const schema::Catalogue> catalogue, schema::CheckOptions options)
      : catalogue_(std::move(catalogue)), options_(options) {}

  schema::ObjectVerdict check(const document::Document& document, const Object& object,
                              std::vector<Finding>& out) const override {
    return schema::check_object(*catalogue_, document, object.node, object.identity, object.pointer, options_, out);
  }

 private:
  std::shared_ptr<const schema::Catalogue> catalogue_;
  schema::CheckOptions options_;
};

}  // namespace kubegate::run

// Check: what the pipeline asks of each object. One implementation a room of rules; the run holds them in a list, asks
// them in its order, and knows nothing of what they look for.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/finding.h"
#include "validate/run/object.h"
#include "validate/schema/catalogue.h"
#include "validate/schema/check.h"

namespace kubegate::run {

class Check {
 public:
  virtual ~Check() = default;

  // What a check keeps for one thread, from one object to the next. Most keep nothing.
  class Memory {
   public:
    virtual ~Memory() = default;
  };
  virtual std::unique_ptr<Memory> make_memory() const { return nullptr; }
  // Called before the objects of a document are judged, where there is memory. `path` is the document's file.
  virtual void begin(const document::Document&, std::string_view /*path*/, Memory&) const {}

  // The inputs that its verdicts on a file have besides the file's path and bytes, the settings and CRDs of the catalogue,
  // and the program: as a digest, or as text; "" for none. Nothing at all: there are some that no digest can tell (the
  // clock), and so its verdicts are good for once.
  virtual std::optional<std::string> inputs(std::string_view path) const = 0;

  // Judges one object of a document that was read to its end; `resolution` is the catalogue's of its kind, `memory` what
  // make_memory() made for this thread. Appends findings with spans and pointers from the document's root; those of
  // earlier checks stand in `out`. Called from many threads at once.
  virtual schema::ObjectVerdict check(const document::Document& document, const Object& object,
                                      const schema::Resolution& resolution, Memory* memory,
                                      std::vector<Finding>& out) const = 0;
};

// The inputs of several checks; nothing where one of them has none that can be told.
std::optional<std::string> inputs_of(const std::vector<std::shared_ptr<const Check>>& checks, std::string_view path);

// The checks of a run, in the server's order: the object's schema, its metadata, and what a definition defines.
std::vector<std::shared_ptr<const Check>> make_checks(std::shared_ptr<const schema::Catalogue> catalogue,
                                                      const schema::CheckOptions& options);

}  // namespace kubegate::run

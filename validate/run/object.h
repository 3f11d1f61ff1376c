// What a document holds, as the run sees it: objects, or something that is no manifest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "validate/document/document.h"
#include "validate/schema/check.h"

namespace kubegate::run {

// An object of a document. Views into the document.
struct Object {
  document::NodeIndex node = 0;
  std::string pointer;              // RFC 6901 from the document's root; "" is the root itself
  schema::ObjectIdentity identity;  // of an item of a typed list: derived from the list where the item says nothing
};

// The objects of a document that is not empty: its root, or the items of a List, Lists within Lists too. A List is
// what kubectl flattens: its kind ends in "List" (in any case) and it has a sequence "items". An item without
// apiVersion and kind is of the list's apiVersion and its kind without "List"
// (k8s.io/apimachinery UnstructuredJSONScheme.decodeToList). `root` is the root's identity.
void unpack(const document::Document& document, const schema::ObjectIdentity& root, std::vector<Object>& out);

// Whether this is the kind of a plain List (in any case), which is no object whatever it holds.
bool is_plain_list(std::string_view kind);

// What a document seems meant to be, by its root.
enum class Meaning : std::uint8_t {
  kNothing,        // empty, or null
  kObject,         // it has an apiVersion or a kind, or is nothing that has any
  kKustomization,  // kustomize's input: Kustomization or Component
  kNoManifest,     // a mapping without both, or a sequence in which no item has both
  kPatch,          // what a kustomization names as a patch
};
// `path` is the file's: kustomize knows its input by the name. `root` is the root's identity.
Meaning meaning_of(const document::Document& document, std::string_view path, const schema::ObjectIdentity& root);

}  // namespace kubegate::run

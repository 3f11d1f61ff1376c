// The cold walk: an object that failed, in words. Everything here allocates freely.
#pragma once

#include <string_view>
#include <vector>

#include "validate/schema/check.h"
#include "validate/schema/table.h"
#include "validate/schema/walk.h"

namespace kubegate::schema {

// The hot walk as such (check.cc): which of `versions` refuse the node. Counts the rules that apply into *rules, which
// may be null. Declared here for value checks, which the cold walk judges by it, and for tests.
VersionMask check_shape(const Document& document, NodeIndex node, const Table& table, Index shape, VersionMask versions,
                        const MetaProgram& meta, bool strict, std::uint32_t* rules);

// All findings of an object against its schema.
void explain_object(const Catalogue& catalogue, const Document& document, NodeIndex object, std::string_view pointer,
                    const ObjectIdentity& identity, const Resolution& resolution, const MetaProgram& meta,
                    const CheckOptions& options, std::vector<Finding>& out);

// An object without apiVersion or kind, or where they are no strings.
void explain_identity(const Document& document, NodeIndex object, std::string_view pointer, std::vector<Finding>& out);

// What the catalogue has to say of the object's API version, at the place where it is written.
void explain_remarks(const Catalogue& catalogue, const Document& document, NodeIndex object, std::string_view pointer,
                     const ObjectIdentity& identity, const Resolution& resolution, std::vector<Finding>& out);

}  // namespace kubegate::schema

// AdmissionReviews, as what a test case reviews.
#pragma once

#include <string>

#include "policy/gatekeeper/review.h"
#include "policy/value/arena.h"

namespace kubegate::policy_tool {

bool is_admission_review(const gatekeeper::Subject& object);

// The review that an AdmissionReview asks for, into `out`, which refers to `review` and `arena`. The Namespace is the
// caller's to find. Returns what is wrong, in gator's words; "" is nothing.
// Rule: validateAndReviewAdmissionReviewRequest of Gatekeeper's pkg/gator/verify, setObjectOnDelete of pkg/target.
std::string read_admission_review(policy::ValueArena& arena, policy::Value review, gatekeeper::Review& out);

}  // namespace kubegate::policy_tool

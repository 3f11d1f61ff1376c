// Lifetimes of views, told to the compiler.
//
// Whatever returns a view of its own memory has two overloads: one for an object that goes on living, marked so that
// clang follows the view, and a deleted one for an object that is gone at the end of the expression, which every
// compiler refuses. tests/lifetime holds what must not compile.
#pragma once

// Behind a member function: what it returns must not outlive the object. Behind a parameter: nor what that refers to.
#if defined(__clang__)
#define KUBEGATE_LIFETIME_BOUND [[clang::lifetimebound]]
#else
#define KUBEGATE_LIFETIME_BOUND
#endif

#pragma once

namespace waggle::sim {

/// Several lambdas as one visitor of a variant.
template <class... Calls>
struct Overloaded : Calls... {
  using Calls::operator()...;
};
template <class... Calls>
Overloaded(Calls...) -> Overloaded<Calls...>;

}  // namespace waggle::sim

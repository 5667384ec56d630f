// What the portable set's arithmetic can do at most: four lanes, multiplied and then added, which
// is what a compiler makes of plain loops for any machine of its kind.
#include "libradie/kernels/fma_loop.h"
#include "libradie/kernels/portable.h"

namespace radie::kernels {
namespace {

struct FourFloats {
  static constexpr std::size_t kLanes = 4;
  typedef float Lanes __attribute__((vector_size(16)));
  Lanes v;

  static FourFloats Set(float x) { return {Lanes{x, x, x, x}}; }
};
inline FourFloats operator+(FourFloats a, FourFloats b) { return {a.v + b.v}; }
inline FourFloats Fma(FourFloats a, FourFloats b, FourFloats c) { return {a.v * b.v + c.v}; }
inline float SumLanes(FourFloats x) { return x.v[0] + x.v[1] + x.v[2] + x.v[3]; }

using Chains = FmaChains<FourFloats, 12>;

}  // namespace

FmaLoop PortableSet::fma_loop() const { return {Chains::kValues, Chains::Run}; }

}  // namespace radie::kernels

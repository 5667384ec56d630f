#include <cblas.h>

#include "libradie/kernels/portable.h"

namespace radie::kernels {

void OpenBlasSet::Multiply(ConstMatrixView x, ConstMatrixView weights, MatrixView y) const {
  if (x.rows == 0 || y.cols == 0) return;
  const std::lock_guard one_at_a_time(mutex_);
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<blasint>(x.rows),
              static_cast<blasint>(y.cols), static_cast<blasint>(x.cols), 1.0f, x.data,
              static_cast<blasint>(x.stride), weights.data, static_cast<blasint>(weights.stride),
              0.0f, y.data, static_cast<blasint>(y.stride));
}

FmaLoop OpenBlasSet::fma_loop() const { return AvailableKernelSets().front()->fma_loop(); }

}  // namespace radie::kernels

#include <sys/syscall.h>  // IWYU pragma: keep (<syscall.h> is its old name)
#include <unistd.h>

#include "libradie/kernels/tile_permission.h"

namespace radie::kernels {

bool RequestTiles() {
  constexpr long kRequestPermission = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

}  // namespace radie::kernels

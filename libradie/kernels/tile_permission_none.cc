#include "libradie/kernels/tile_permission.h"

namespace radie::kernels {

bool RequestTiles() { return false; }

}  // namespace radie::kernels

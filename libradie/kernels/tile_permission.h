// Whether the system lets this process use the tile registers of AMX; tile_permission_linux.cc, and
// tile_permission_none.cc for other systems.
#pragma once

namespace radie::kernels {

// Asks for them, which a process must do once. The processor has them, and the system saves them.
bool RequestTiles();

}  // namespace radie::kernels

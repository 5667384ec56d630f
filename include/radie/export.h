// Symbol visibility. Everything outside the public API is hidden in the shared library.
#pragma once

#if defined(RADIE_STATIC)
#define RADIE_API
#elif defined(_WIN32)
#if defined(RADIE_BUILDING)
#define RADIE_API __declspec(dllexport)
#else
#define RADIE_API __declspec(dllimport)
#endif
#else
#define RADIE_API __attribute__((visibility("default")))
#endif

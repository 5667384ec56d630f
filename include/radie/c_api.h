/* The C interface of radie: C99, and C++ may include it as well. Library: radie_c (radie::radie_c
 * in CMake, radie_c in pkg-config). docs/c-api.md tells it as a story.
 *
 * Ownership. What a function gives through a pointer to a handle belongs to the caller, who frees
 * it with the function named after its type; NULL may be freed. What a function returns as `const`
 * belongs to the handle it was asked of and lives as long as that.
 *
 * Errors. A function that can fail returns a radie_status, RADIE_OK or what went wrong; with that,
 * and when `error` is not NULL, *error is a new radie_error to free. On success *error is set to
 * NULL. A result is set to NULL before anything else is done. No message holds any of a report's
 * text.
 *
 * Threads. Models and extractors may be used from any number of threads at once; so may a
 * radie_cancel. Other handles may be read from many threads, but freed only when no one reads. No
 * exception crosses this interface; it does not print, does not end the process, and keeps no
 * pointer to what a call was given.
 *
 * Growing. Every struct begins with its own size: set struct_size to sizeof of the struct, or use
 * the …_INIT macro. A newer library takes the structs of an older header; to an older library a
 * newer header's struct is fine as long as the fields it does not know are zero. Symbols bear the
 * version RADIE_1. */
#ifndef RADIE_C_API_H_
#define RADIE_C_API_H_

#include <stddef.h>

#if defined(RADIE_STATIC)
#define RADIE_C_API
#elif defined(_WIN32)
#if defined(RADIE_BUILDING)
#define RADIE_C_API __declspec(dllexport)
#else
#define RADIE_C_API __declspec(dllimport)
#endif
#else
#define RADIE_C_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct radie_model radie_model;         /* weights, vocabulary, information model */
typedef struct radie_extractor radie_extractor; /* a model with threads and options */
typedef struct radie_report radie_report;       /* what was found in one report */
typedef struct radie_batch radie_batch;         /* a report or an error for each text of a batch */
typedef struct radie_string radie_string;       /* bytes of UTF-8, with a NUL behind them */
typedef struct radie_error radie_error;
typedef struct radie_cancel radie_cancel; /* ends a running call from another thread */

typedef enum radie_status {
  RADIE_OK = 0,
  RADIE_ERROR_INVALID_ARGUMENT = 1,  /* an argument or option is out of its documented range */
  RADIE_ERROR_IO = 2,                /* a file cannot be opened or read */
  RADIE_ERROR_INVALID_MODEL = 3,     /* a model file is damaged or contradicts itself */
  RADIE_ERROR_UNSUPPORTED_MODEL = 4, /* a model needs something this version does not have */
  RADIE_ERROR_INVALID_TEXT = 5,      /* a report is not valid UTF-8 */
  RADIE_ERROR_INVALID_INPUT = 6,     /* a record around a report is malformed */
  RADIE_ERROR_LIMIT_EXCEEDED = 7,    /* a documented cap was exceeded */
  RADIE_ERROR_OUT_OF_MEMORY = 8,
  RADIE_ERROR_CANCELLED = 9, /* a radie_cancel was requested */
  RADIE_ERROR_INTERNAL = 100 /* an invariant of radie's own was broken: please report it */
} radie_status;

/* What offsets count in. Ranges are half-open, [begin, end). */
typedef enum radie_offset_unit {
  RADIE_CODE_POINTS = 0, /* Unicode code points, as Python's str counts */
  RADIE_UTF8 = 1,        /* bytes of the UTF-8 text */
  RADIE_UTF16 = 2        /* UTF-16 code units, as Java, C# and JavaScript count */
} radie_offset_unit;

typedef enum radie_log_level { RADIE_LOG_INFO = 0, RADIE_LOG_WARNING = 1 } radie_log_level;

/* A line for a log, without line feed; it never holds report text and lives as long as the call.
 * Called in the thread that called radie. It must not throw or jump out. */
typedef void (*radie_log_fn)(void* context, radie_log_level level, const char* message);

/* Reports finished so far, of how many; in the thread that called radie, after each group of
 * reports. It must not throw or jump out. */
typedef void (*radie_progress_fn)(void* context, size_t done, size_t total);

/* ---- version and errors ---- */

/* "0.1.0": the version of the library that runs. */
RADIE_C_API const char* radie_version(void);

/* Stable lower-case name of a status: "ok", "invalid_text", … "internal" for an unknown one. */
RADIE_C_API const char* radie_status_name(radie_status status);

/* Of NULL: "" and RADIE_OK. */
RADIE_C_API const char* radie_error_message(const radie_error* error);
RADIE_C_API int radie_error_code(const radie_error* error); /* a radie_status */

/* 1 and *offset: the byte of the input (report, model file) where the trouble begins. 0 where there
 * is none. */
RADIE_C_API int radie_error_offset(const radie_error* error, size_t* offset);
RADIE_C_API void radie_error_free(radie_error* error);

/* "" and 0 of NULL. */
RADIE_C_API const char* radie_string_data(const radie_string* string);
RADIE_C_API size_t radie_string_size(const radie_string* string);
RADIE_C_API void radie_string_free(radie_string* string);

/* ---- models ---- */

typedef struct radie_load_options {
  size_t struct_size;
  const char* isa;       /* kernel set, as `radie --isa` names it; NULL: the fastest there is */
  const char* precision; /* "fp32", "fp16", "bf16", "int8"; NULL: as stored */
  radie_log_fn log;      /* NULL: nothing is told */
  void* log_context;
  /* Of models whose tokenizer uses MeCab: folder of the compiled dictionary, NULL for that of the
     model's name where packages put it; a compiled user dictionary, NULL for none. */
  const char* mecab_dictionary;
  const char* mecab_user_dictionary;
  size_t verify_tensors; /* not 0: compare the tensors with the SHA-256 in the file first */
  size_t threads;        /* that pack the weights; 0: as many as affinity and quota allow */
} radie_load_options;
#define RADIE_LOAD_OPTIONS_INIT \
  { sizeof(radie_load_options), NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 }

/* Reads and checks a model file. `options` may be NULL. A packed file (`radie pack`) is mapped, and
   must be neither cut short nor written to while the model lives. */
RADIE_C_API radie_status radie_model_open(const char* path, const radie_load_options* options,
                                          radie_model** model, radie_error** error);

/* The same from memory; the bytes are copied and need not outlive the call. */
RADIE_C_API radie_status radie_model_open_memory(const void* bytes, size_t size,
                                                 const radie_load_options* options,
                                                 radie_model** model, radie_error** error);

/* Extractors keep what they need: a model may be freed before them. */
RADIE_C_API void radie_model_free(radie_model* model);

/* ---- extraction ---- */

typedef struct radie_extractor_options {
  size_t struct_size;
  size_t threads;          /* 0: as many as affinity and the cgroup's quota allow */
  size_t max_report_bytes; /* 0: 1 MiB; a longer report is RADIE_ERROR_LIMIT_EXCEEDED */
  size_t max_batch_tokens; /* 0: 4096; bounds working memory */
  double min_confidence;   /* 0…1; entities and relations below it are left out */
  radie_log_fn log;        /* NULL: nothing is told */
  void* log_context;       /* must outlive the extractor */
  size_t cache_bytes;      /* for results of sentences and pairs met before; 0: none are kept */
} radie_extractor_options;
#define RADIE_EXTRACTOR_OPTIONS_INIT \
  { sizeof(radie_extractor_options), 0, 0, 0, 0.0, NULL, NULL, 0 }

/* `options` may be NULL. */
RADIE_C_API radie_status radie_extractor_new(const radie_model* model,
                                             const radie_extractor_options* options,
                                             radie_extractor** extractor, radie_error** error);
RADIE_C_API void radie_extractor_free(radie_extractor* extractor);

/* Both stages on one report: `bytes` bytes of UTF-8, which need no NUL. `utf8` may be NULL when
 * `bytes` is 0. */
RADIE_C_API radie_status radie_extract(const radie_extractor* extractor, const char* utf8,
                                       size_t bytes, radie_report** report, radie_error** error);

/* The same as one JSON record (docs/output.md) with id "" and offsets in code points. */
RADIE_C_API radie_status radie_extract_json(const radie_extractor* extractor, const char* utf8,
                                            size_t bytes, radie_string** json, radie_error** error);

typedef struct radie_text {
  const char* utf8;
  size_t bytes;
} radie_text;

typedef struct radie_run_options {
  size_t struct_size;
  radie_progress_fn progress; /* NULL: no progress is told */
  void* progress_context;
  radie_cancel* cancel; /* NULL: the call cannot be ended */
} radie_run_options;
#define RADIE_RUN_OPTIONS_INIT \
  { sizeof(radie_run_options), NULL, NULL, NULL }

/* A report or an error for each text, in their order: one bad report does not stop the others.
 * `options` may be NULL. A cancelled call is RADIE_OK, too; what it did not finish has the error
 * RADIE_ERROR_CANCELLED. */
RADIE_C_API radie_status radie_extract_batch(const radie_extractor* extractor,
                                             const radie_text* texts, size_t count,
                                             const radie_run_options* options, radie_batch** batch,
                                             radie_error** error);
RADIE_C_API size_t radie_batch_size(const radie_batch* batch);

/* One of the two is NULL. Both are, past the end. They live as long as the batch. */
RADIE_C_API const radie_report* radie_batch_report(const radie_batch* batch, size_t index);
RADIE_C_API const radie_error* radie_batch_error(const radie_batch* batch, size_t index);
RADIE_C_API void radie_batch_free(radie_batch* batch);

/* A cancel may serve any number of calls; once requested it stays so. */
RADIE_C_API radie_status radie_cancel_new(radie_cancel** cancel, radie_error** error);

/* Running calls end before the encoder's next batch of sentences. From any thread. */
RADIE_C_API void radie_cancel_request(radie_cancel* cancel);
RADIE_C_API void radie_cancel_free(radie_cancel* cancel);

/* ---- what was found ---- */

typedef struct radie_range {
  size_t begin, end;
} radie_range;

/* Filled in by the library up to the caller's struct_size. Strings end with NUL and live as long as
 * the report. */
typedef struct radie_entity {
  size_t struct_size;
  const char* type;
  const char* text; /* the caller's own text, untouched; it may hold NUL */
  size_t text_bytes;
  radie_range code_points, utf8, utf16; /* the same place in three units */
  double confidence;
} radie_entity;
#define RADIE_ENTITY_INIT \
  { sizeof(radie_entity), NULL, NULL, 0, {0, 0}, {0, 0}, {0, 0}, 0.0 }

typedef struct radie_relation {
  size_t struct_size;
  const char* type;
  size_t head, tail; /* entities' numbers: attribute or observation, object or finding */
  double confidence;
} radie_relation;
#define RADIE_RELATION_INIT \
  { sizeof(radie_relation), NULL, 0, 0, 0.0 }

/* One object with all that the report says of it. */
typedef struct radie_finding {
  size_t struct_size;
  size_t object; /* number of an entity, as the others */
  const size_t* attributes;
  size_t attribute_count;
  const size_t* evidence;
  size_t evidence_count;
  /* "definite", "likely", "may_represent", "unlikely", "denial"; NULL: not known */
  const char* certainty;
  double certainty_confidence;
  const size_t* certainty_sources; /* the descriptors that decided */
  size_t certainty_source_count;
} radie_finding;
#define RADIE_FINDING_INIT \
  { sizeof(radie_finding), 0, NULL, 0, NULL, 0, NULL, 0.0, NULL, 0 }

typedef struct radie_warning {
  size_t struct_size;
  const char* code;
  const char* message;
} radie_warning;
#define RADIE_WARNING_INIT \
  { sizeof(radie_warning), NULL, NULL }

/* 0 of NULL. */
RADIE_C_API size_t radie_report_entity_count(const radie_report* report);
RADIE_C_API size_t radie_report_relation_count(const radie_report* report);
RADIE_C_API size_t radie_report_finding_count(const radie_report* report);
RADIE_C_API size_t radie_report_warning_count(const radie_report* report);

/* Set struct_size before the call. RADIE_ERROR_INVALID_ARGUMENT past the end. */
RADIE_C_API radie_status radie_report_entity(const radie_report* report, size_t index,
                                             radie_entity* entity);
RADIE_C_API radie_status radie_report_relation(const radie_report* report, size_t index,
                                               radie_relation* relation);
RADIE_C_API radie_status radie_report_finding(const radie_report* report, size_t index,
                                              radie_finding* finding);
RADIE_C_API radie_status radie_report_warning(const radie_report* report, size_t index,
                                              radie_warning* warning);

/* The report as one JSON record (docs/output.md); `id` NULL is "". */
RADIE_C_API radie_status radie_report_json(const radie_report* report, const char* id,
                                           radie_offset_unit unit, radie_string** json,
                                           radie_error** error);
RADIE_C_API void radie_report_free(radie_report* report);

#ifdef __cplusplus
}
#endif

#endif /* RADIE_C_API_H_ */

/* What one build finds, to be held against what another finds: the JSON record of each report, a
 * line each. report_json MODEL.radie ISA PRECISION OUT.jsonl REPORT.txt… */
#include <stdio.h>
#include <stdlib.h>

#include "radie/c_api.h"

static int fail(const char* what, radie_error* error) {
  fprintf(stderr, "%s: %s\n", what, radie_error_message(error));
  radie_error_free(error);
  return EXIT_FAILURE;
}

static int write_record(const radie_extractor* extractor, const char* path, FILE* out) {
  static char text[1 << 20];
  radie_string* json = NULL;
  radie_error* error = NULL;
  FILE* const in = fopen(path, "rb");
  if (in == NULL) return fail(path, NULL);
  const size_t bytes = fread(text, 1, sizeof text, in);
  fclose(in);
  if (radie_extract_json(extractor, text, bytes, &json, &error) != RADIE_OK)
    return fail(path, error);
  fprintf(out, "%s\n", radie_string_data(json));
  radie_string_free(json);
  return EXIT_SUCCESS;
}

int main(int argc, char** argv) {
  radie_load_options options = RADIE_LOAD_OPTIONS_INIT;
  radie_model* model = NULL;
  radie_extractor* extractor = NULL;
  radie_error* error = NULL;
  int status = EXIT_SUCCESS;
  if (argc < 6) return 2;
  options.isa = argv[2];
  options.precision = argv[3];
  if (radie_model_open(argv[1], &options, &model, &error) != RADIE_OK) return fail(argv[1], error);
  if (radie_extractor_new(model, NULL, &extractor, &error) != RADIE_OK)
    return fail("no extractor", error);
  radie_model_free(model);

  FILE* const out = fopen(argv[4], "wb"); /* no line feed becomes two characters */
  if (out == NULL) return fail(argv[4], NULL);
  for (int i = 5; i < argc && status == EXIT_SUCCESS; ++i)
    status = write_record(extractor, argv[i], out);
  if (fclose(out) != 0) return fail(argv[4], NULL);
  radie_extractor_free(extractor);
  return status;
}

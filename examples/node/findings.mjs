// Entities of reports from Node, through the C interface and koffi.
//   RADIE_LIBRARY=…/libradie_c.so node findings.mjs MODEL REPORT…
// JavaScript's strings count UTF-16 units, and so do the offsets it asks for.
import {readFileSync} from 'node:fs';
import {promisify} from 'node:util';
import koffi from 'koffi';

const library = koffi.load(process.env.RADIE_LIBRARY ?? 'libradie_c.so.1');
const Range = koffi.struct('radie_range', {begin: 'size_t', end: 'size_t'});
const Entity = koffi.struct('radie_entity', {
  struct_size: 'size_t', type: 'const char *', text: 'const char *', text_bytes: 'size_t',
  code_points: Range, utf8: Range, utf16: Range, confidence: 'double',
});
const modelOpen = library.func('int radie_model_open(const char *path, void *options, _Out_ void **model, _Out_ void **error)');
const modelFree = library.func('void radie_model_free(void *model)');
const extractorNew = library.func('int radie_extractor_new(void *model, void *options, _Out_ void **extractor, _Out_ void **error)');
const extractorFree = library.func('void radie_extractor_free(void *extractor)');
const extract = library.func('int radie_extract(void *extractor, const void *utf8, size_t bytes, _Out_ void **report, _Out_ void **error)');
const entityCount = library.func('size_t radie_report_entity_count(void *report)');
const reportEntity = library.func('int radie_report_entity(void *report, size_t index, _Inout_ radie_entity *entity)');
const reportFree = library.func('void radie_report_free(void *report)');
const errorMessage = library.func('const char *radie_error_message(void *error)');
const errorFree = library.func('void radie_error_free(void *error)');

function check(status, error) {
  if (status === 0) return;
  const message = errorMessage(error[0]);
  errorFree(error[0]);
  throw new Error(message);
}

class Extractor {
  constructor(modelPath) {
    const model = [null], extractor = [null], error = [null];
    check(modelOpen(modelPath, null, model, error), error);
    try {
      check(extractorNew(model[0], null, extractor, error), error);
    } finally {
      modelFree(model[0]);
    }
    this.handle = extractor[0];
  }

  // "TYPE begin end" for every entity. radie computes in a thread of its own; Node goes on meanwhile.
  async entities(text) {
    const utf8 = Buffer.from(text, 'utf8'), report = [null], error = [null];
    check(await promisify(extract.async)(this.handle, utf8, utf8.length, report, error), error);
    const found = [];
    for (let i = 0; i < entityCount(report[0]); ++i) {
      const entity = {struct_size: koffi.sizeof(Entity), type: null, text: null, text_bytes: 0,
        code_points: {begin: 0, end: 0}, utf8: {begin: 0, end: 0}, utf16: {begin: 0, end: 0}, confidence: 0};
      check(reportEntity(report[0], i, entity), [null]);
      const {begin, end} = entity.utf16;
      if (text.slice(begin, end) !== entity.text) throw new Error('an offset is wrong');
      found.push(`${entity.type} ${begin} ${end}`);
    }
    reportFree(report[0]);
    return found;
  }

  close() {
    extractorFree(this.handle);
  }
}

const [modelPath, ...files] = process.argv.slice(2);
try {
  const extractor = new Extractor(modelPath);
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  for (const text of texts) (await extractor.entities(text)).forEach((line) => console.log(line));
  // Two threads at once find what one finds.
  const wanted = String(await extractor.entities(texts[0]));
  const both = await Promise.all([extractor.entities(texts[0]), extractor.entities(texts[0])]);
  if (!both.every((found) => String(found) === wanted)) throw new Error('two threads found something else');
  extractor.close();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

// The page: one report to the server, its answer shown as text and marks, as JSON and as FHIR. All that comes from a report
// or from the server is set as text, or shown in a frame in which no script runs.
'use strict';

const $ = (id) => document.getElementById(id);
const SAMPLE = '【所見】\n右肺上葉S3に長径18mm大の不整形結節を認めます。前回より増大しています。\n' +
  '縦隔リンパ節の腫大は認めません。肝S6に境界明瞭な低吸収域があり、嚢胞と考えます。\n【診断】\n右上葉の原発性肺癌を疑います。';
const FORMS = {view: 'text/html', json: 'application/json', fhir: 'application/fhir+json'};
const NAMES = {view: 'report.html', json: 'report.json', fhir: 'report.fhir.json'};
const ERRORS = {
  401: 'アクセストークンが必要です。', 408: '時間内に送信できませんでした。', 413: '報告書が長すぎます。',
  503: 'サーバーが混み合っています。しばらくしてから実行してください。',
};
let answers = {};
let chosen = 'view';

function say(text, bad) {
  $('status').textContent = text;
  $('status').className = bad ? 'bad' : '';
}

async function ask(text, accept) {
  const headers = {'Content-Type': 'text/plain; charset=utf-8', 'Accept': accept};
  const token = $('token').value.trim();
  if (token) headers.Authorization = 'Bearer ' + token;
  const response = await fetch('v1/extract?id=report&include_text=true', {method: 'POST', headers, body: text});
  const body = await response.text();
  if (response.ok) return body;
  let message = '';
  try { message = JSON.parse(body).error.message; } catch (_) { /* what stands in front of the server answered */ }
  if (response.status === 401) $('access').open = true;
  throw new Error((ERRORS[response.status] || 'サーバーがエラーを返しました。') + ' (' + response.status + (message && ': ' + message) + ')');
}

function pretty(json) {
  return JSON.stringify(JSON.parse(json), null, 2);
}

// The frame's document has no script, so its height is taken from here.
function fit() {
  const inside = $('view').contentDocument;
  $('view').style.height = '';
  if (inside && inside.documentElement) $('view').style.height = Math.max(320, inside.documentElement.scrollHeight + 4) + 'px';
}

function show(name, focus) {
  chosen = name;
  for (const one of Object.keys(FORMS)) {
    const tab = $('tab-' + one);
    tab.setAttribute('aria-selected', String(one === name));
    tab.tabIndex = one === name ? 0 : -1;
    $('panel-' + one).hidden = one !== name;
  }
  if (focus) $('tab-' + name).focus();
  if (name === 'view') fit();
}

async function run(event) {
  if (event) event.preventDefault();
  const text = $('text').value;
  if (!text.trim()) {
    say('報告書を入力してください。', true);
    $('text').focus();
    return;
  }
  $('run').disabled = true;
  say('構造化しています…', false);
  try {
    const names = Object.keys(FORMS);
    const bodies = await Promise.all(names.map((name) => ask(text, FORMS[name])));
    answers = Object.fromEntries(names.map((name, i) => [name, name === 'view' ? bodies[i] : pretty(bodies[i])]));
    const record = JSON.parse(answers.json);
    $('view').srcdoc = answers.view;
    $('json').textContent = answers.json;
    $('fhir').textContent = answers.fhir;
    $('result').hidden = false;
    show(chosen, false);
    say('所見 ' + record.findings.length + ' 件、語 ' + record.entities.length + ' 件、関係 ' + record.relations.length + ' 件' +
        (record.warnings.length ? '、注意 ' + record.warnings.length + ' 件' : ''), false);
  } catch (error) {
    $('result').hidden = true;
    say(error instanceof TypeError ? 'サーバーに接続できません。' : error.message, true);
  } finally {
    $('run').disabled = false;
  }
}

// Text files of hospitals are UTF-8 or Shift_JIS.
async function read(file) {
  if (!file) return;
  if (file.size > 4 << 20) {
    say('ファイルが大きすぎます。', true);
    return;
  }
  const bytes = await file.arrayBuffer();
  let text;
  try {
    text = new TextDecoder('utf-8', {fatal: true}).decode(bytes);
  } catch (_) {
    text = new TextDecoder('shift_jis').decode(bytes);
  }
  fill(text);
  say('ファイルを読み込みました。', false);
}

function fill(text) {
  $('text').value = text;
  count();
  $('text').focus();
}

function count() {
  $('count').textContent = [...$('text').value].length + ' 文字';
}

async function copy() {
  const text = answers[chosen];
  try {
    await navigator.clipboard.writeText(text);
  } catch (_) {  // without https, or forbidden
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    if (!done) {
      say('コピーできませんでした。', true);
      return;
    }
  }
  say('コピーしました。', false);
}

function save() {
  const link = document.createElement('a');
  const address = URL.createObjectURL(new Blob([answers[chosen]], {type: FORMS[chosen]}));
  link.href = address;
  link.download = NAMES[chosen];
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

function turn(event) {
  const names = Object.keys(FORMS);
  const step = {ArrowRight: 1, ArrowLeft: names.length - 1}[event.key];
  if (!step) return;
  event.preventDefault();
  show(names[(names.indexOf(chosen) + step) % names.length], true);
}

$('form').addEventListener('submit', run);
$('text').addEventListener('input', count);
$('text').addEventListener('keydown', (event) => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run(event); });
$('sample').addEventListener('click', () => fill(SAMPLE));
$('file').addEventListener('change', (event) => { read(event.target.files[0]); event.target.value = ''; });
$('text').addEventListener('dragover', (event) => { event.preventDefault(); $('text').classList.add('over'); });
$('text').addEventListener('dragleave', () => $('text').classList.remove('over'));
$('text').addEventListener('drop', (event) => {
  $('text').classList.remove('over');
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  read(event.dataTransfer.files[0]);
});
$('tabs').addEventListener('keydown', turn);
for (const name of Object.keys(FORMS)) $('tab-' + name).addEventListener('click', () => show(name, false));
$('view').addEventListener('load', fit);
window.addEventListener('resize', fit);
$('copy').addEventListener('click', copy);
$('save').addEventListener('click', save);
count();

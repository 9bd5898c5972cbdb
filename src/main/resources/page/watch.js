/**
 * Follows video tasks on one event stream of the gateway, until all is told. After a break it goes on where it was.
 *
 *   await watch(['veo3:1', 'sora-2:2'], {token: fetchToken, on: {status(task, id) { … }, end(how, id) { … }}});
 * @param {string | string[]} ids of the tasks, each once
 * @param {object} [options.on] what to call for each event, with its value and the task's id:
 *   status(task, id, json), where json is the provider's text, and task is undefined if that is no JSON;
 *   expected(date, id); problem(problem, id), where a problem without id is about the stream;
 *   end(how, id): finished, failed, not-found, or null if it was told before a break that swallowed it
 * @param {() => Promise<string>} [options.token] gives a key or a token; called again when that is refused or expires
 * @param {object} [options.parameters] further query parameters, like model
 * @param {string | URL} [options.url] of the endpoint; by default beside this file
 * @param {AbortSignal} [options.signal] ends it
 * @returns {Promise<void>} when all is told; rejected if the gateway refuses, with the problem document as its cause
 */
export async function watch(ids, {on = {}, token, parameters = {}, url = new URL('v1/video/query', import.meta.url), signal} = {}) {
  const stream = {ids: [ids].flat(), on, token, signal, last: '', pause: 1000, failures: 0, over: false};
  stream.target = new URL(url, globalThis.location?.href);
  Object.entries(parameters).forEach(([name, value]) => stream.target.searchParams.append(name, value));
  for (const id of stream.ids) stream.target.searchParams.append('id', id);
  while (!stream.over) {
    signal?.throwIfAborted();
    const pause = await connect(stream);
    if (!stream.over && pause > 0) await sleep(pause, signal);
  }
}

const LONGEST_SILENCE = 40_000, LONGEST_PAUSE = 30_000; // a comment comes each 8 s

/** One connection. Returns the milliseconds until the next one. */
async function connect(stream) {
  const connection = new AbortController();
  const abort = () => connection.abort();
  let timer = 0;
  const expectBytes = () => { clearTimeout(timer); timer = setTimeout(abort, LONGEST_SILENCE); };
  stream.signal?.addEventListener('abort', abort);
  try {
    if (stream.token && !stream.credential) stream.credential = await stream.token();
    const headers = {Accept: 'text/event-stream'};
    if (stream.credential) headers.Authorization = 'Bearer ' + stream.credential;
    if (stream.last) headers['Last-Event-ID'] = stream.last;
    expectBytes();
    const answer = await fetch(stream.target, {headers, cache: 'no-store', signal: connection.signal}).catch(() => null);
    if (!answer) return broken(stream);
    if (answer.status !== 200) return await withoutEvents(stream, answer);
    stream.isRefused = false;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = '', event = {}; !stream.over;) {
      const part = await reader.read().catch(() => null);
      if (part?.done ?? true) return part ? stream.pause : broken(stream);
      expectBytes();
      const lines = (text + part.value).split('\n');
      text = lines.pop();
      for (const line of lines) event = take(stream, event, line);
      if (stream.token && !stream.credential) return 0; // it expired
    }
    return 0;
  } finally {
    clearTimeout(timer);
    stream.signal?.removeEventListener('abort', abort);
    abort();
  }
}

/** An answer without a stream. */
async function withoutEvents(stream, answer) {
  if (answer.status === 204) {
    stream.over = true;
    if (stream.ids.length === 1) stream.on.end?.(stream.last === 'not-found' ? stream.last : null, stream.ids[0]);
    return 0;
  }
  const problem = await answer.json().catch(() => ({status: answer.status, detail: 'HTTP status ' + answer.status}));
  if (answer.status === 401 && stream.token && !stream.isRefused) {
    Object.assign(stream, {credential: null, isRefused: true}); // a second time in a row it is final
    return 0;
  }
  if (answer.status < 500 && answer.status !== 429) throw new Error(problem.detail, {cause: problem});
  stream.on.problem?.(problem);
  return 1000 * Number(answer.headers.get('Retry-After')) || backOff(stream);
}

/** Takes one line. Returns the event so far. */
function take(stream, event, line) {
  const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
  if (field === 'retry') stream.pause = Number(value);
  if (line !== '') return {...event, [field]: field === 'data' && event.data !== undefined ? event.data + '\n' + value : value};
  if (event.data === undefined) return {};
  stream.failures = 0;
  tell(stream, event.event, event.data);
  stream.last = event.id ?? stream.last;
  return {};
}

function tell(stream, name, data) {
  const sole = stream.ids.length === 1 ? stream.ids[0] : undefined; // its data is about nothing else
  const value = parse(data) ?? {};
  const id = sole ?? value.id, problem = sole ? value : value.problem;
  stream.over = name === (sole ? 'end' : 'done');
  if (name === 'status' && sole) stream.on.status?.(parse(data), id, data);
  else if (name === 'status') stream.on.status?.(value.task, id, data.slice(`{"id":${JSON.stringify(id)},"task":`.length, -1));
  else if (name === 'expected') stream.on.expected?.(new Date(value.expectedAt), id);
  else if (name === 'end') stream.on.end?.(sole ? data : value.end, id);
  else if (name === 'problem' && stream.token && problem.code === 'unauthenticated') stream.credential = null;
  else if (name === 'problem') stream.on.problem?.(problem, id);
}

function parse(json) { // some hosts send raw line feeds inside texts
  try { return JSON.parse(json.replace(/[\0-\x1f]/g, ' ')); } catch { return undefined; }
}

function broken(stream) {
  if (!stream.signal?.aborted) stream.on.problem?.({status: 0, detail: 'The connection broke; trying again.'});
  return backOff(stream);
}
const backOff = stream => Math.min(stream.pause * 2 ** stream.failures++, LONGEST_PAUSE) * (0.5 + Math.random());

const sleep = (millis, signal) => new Promise(resolve => {
  setTimeout(resolve, millis);
  signal?.addEventListener('abort', resolve, {once: true});
});

import {watch} from './watch.js';

const $ = id => document.getElementById(id);
const MAX_TASKS = Number(document.body.dataset.maxTasks);
const tasks = new Map(); // by id, the newest first
let watching = new AbortController();
let key = '';
let retryAt = 0;
let isConnected = false;
let followed = []; // the ids of the stream

// ---- What an answer says

const ENVELOPES = ['data', 'output', 'result', 'task', 'response', 'payload', 'generate_video_response'];
const NO_VIDEO = /image|cover|thumb|preview|poster|frame|input|req|webhook|callback/i;
const isObject = value => value !== null && typeof value === 'object';

/** The objects that describe the task, innermost first; the detail before the object that holds it. */
function layersOf(answer) {
  if (!isObject(answer)) return [];
  const inner = Array.isArray(answer) ? answer : ENVELOPES.map(name => answer[name]);
  return [...inner.flatMap(layersOf), ...(isObject(answer.detail) ? [answer.detail] : []), answer];
}

/** The first text or number under one of these names. */
function first(layers, ...names) {
  for (const name of names) {
    for (const layer of layers) {
      const value = layer[name];
      if (typeof value === 'number' || (typeof value === 'string' && value.trim())) return value;
    }
  }
  return undefined;
}

function describe(answer) {
  const layers = layersOf(answer);
  const inputs = layers.flatMap(layer => [layer.req, layer.input, layer.request].filter(isObject));
  return {
    stage: layers.map(layer => first([layer], 'status', 'state', 'task_status')).find(value => value !== undefined),
    progress: parseFloat(first(layers, 'progress')),
    reason: reasonIn(layers),
    model: first([...inputs, ...layers], 'model', 'model_name'),
    prompt: first([...inputs, ...layers], 'prompt', 'text'),
    enhanced: first(layers, 'enhanced_prompt', 'revised_prompt'),
    began: toDate(first(layers, 'created_at', 'submit_time')),
    ended: toDate(first(layers, 'completed_at', 'finish_time', 'finished_at')),
    updated: toDate(first(layers, 'status_update_time', 'updated_at')),
    link: documentedLink(layers) ?? anyLink(answer),
  };
}

/** Why a task failed: a field for that, else an error, else a message that does not mean success. */
function reasonIn(layers) {
  const errors = layers.flatMap(layer => [layer.error, layer.errors, layer.base_resp].flat());
  const texts = [
    first(layers, 'error_message', 'video_generation_error', 'fail_reason', 'failure_reason', 'error_msg'),
    first(errors.filter(isObject), 'message', 'msg', 'status_msg', 'code'),
    ...errors,
    ...layers.map(layer => layer.detail),
    ...['task_status_msg', 'status_msg', 'message', 'msg', 'reason'].map(name => first(layers, name)),
  ];
  return texts.find(text => typeof text === 'string' && text.trim() && !/^(success|succeed(ed)?|ok)$/i.test(text.trim()));
}

const isLink = value => typeof value === 'string' && /^https?:\/\//i.test(value);

const documentedLink = layers => ['video_url', 'upsample_video_url'].map(name => first(layers.toReversed(), name)).find(isLink);

function anyLink(value, name = '') {
  if (isLink(value)) return value;
  if (!isObject(value)) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = NO_VIDEO.test(key) || (name === '' && key === 'id') ? undefined : anyLink(inner, key);
    if (found) return found;
  }
  return undefined;
}

/** Unix seconds, milliseconds or a text. */
function toDate(value) {
  const number = Number(value);
  const date = new Date(value === undefined ? NaN : Number.isNaN(number) ? value : number < 1e11 ? number * 1000 : number);
  return date.getTime() > 0 ? date : undefined;
}

// ---- Words

const inWords = text => {
  const words = String(text ?? 'no state').replace(/[_-]+/g, ' ').trim().toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

function duration(millis) {
  const s = Math.max(0, Math.round(millis / 1000));
  const m = Math.floor(s / 60);
  const text = s < 60 ? `${s} s` : m < 60 ? `${m} min ${s % 60} s` : `${Math.floor(m / 60)} h ${m % 60} min`;
  return text.replaceAll(' ', '\u00a0');
}

const clock = date => date.toDateString() === new Date().toDateString() ? date.toLocaleTimeString() : date.toLocaleString();

function show(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
}

function showProblem(box, problem, title) {
  show(box.querySelector('.title'), title ?? problem.title ?? (problem.status ? 'Unexpected answer' : 'The gateway cannot be reached'));
  show(box.querySelector('.detail'), problem.detail ?? '');
  show(box.querySelector('code'), problem.requestId ?? '');
  box.querySelector('.request').hidden = !problem.requestId;
  const going = box.querySelector('.going');
  if (going) going.hidden = ['forbidden', 'task-not-found'].includes(problem.code);
  box.hidden = false;
}

// ---- Cards

const inView = new IntersectionObserver(entries => entries.filter(entry => entry.isIntersecting).forEach(({target}) => {
  inView.unobserve(target);
  target.src = target.dataset.link;
}));

function newTask(id) {
  const card = $('card').content.cloneNode(true).firstElementChild;
  const part = name => card.querySelector('.' + name);
  const task = {id, card, part, stages: [], over: false};
  part('name').textContent = id;
  part('state').textContent = 'Waiting for an answer';
  part('stop').setAttribute('aria-label', 'Stop watching ' + id);
  part('stop').addEventListener('click', () => stop(task));
  part('link').addEventListener('click', event => copy(part('open').href, event.target));
  card.querySelector('video').addEventListener('error', event => {
    event.target.hidden = true;
    part('unplayable').hidden = false;
  });
  return task;
}

function enter(task, stage) {
  const now = Date.now();
  const last = task.stages.at(-1);
  if (last?.name === stage) return;
  if (last) last.until = now;
  const row = document.createElement('li');
  row.append(document.createElement('span'), document.createElement('time'));
  row.firstChild.textContent = stage;
  task.stages.push({name: stage, since: now, isFirst: !last, time: row.lastChild});
  task.part('stages').append(row);
}

function drawTimes(task, now) {
  if (!isConnected && !task.over) return; // nothing is known of it now
  for (const stage of task.over ? task.stages.slice(0, -1) : task.stages) {
    const millis = (stage.until ?? now) - stage.since;
    const bound = stage.hadGap ? 'about ' : stage.isFirst ? 'at least ' : ''; // nobody knows when the first began
    stage.time.textContent = millis < 500 ? '' : bound + duration(millis);
  }
  if (task.over) task.stages.at(-1)?.time.replaceChildren();
  task.part('stages').hidden = task.over && task.stages.length < 2; // one stage only: the state shows it
  const left = task.over || !task.expectedAt ? 0 : task.expectedAt - now;
  show(task.part('expected'), left > 0 ? `Expected to end in about ${duration(left)}, at ${clock(task.expectedAt)}` : '');
}

function fill(task, json) {
  const {about} = task;
  enter(task, inWords(about.stage));
  show(task.part('state'), inWords(about.stage) + (FAILED.test(about.stage) ? ' (not final)' : ''));
  const bar = task.card.querySelector('progress');
  bar.hidden = !Number.isFinite(about.progress);
  if (!bar.hidden) bar.value = about.progress;
  const facts = [['Model', about.model], ['Prompt', about.prompt], ['Prompt as enhanced', about.enhanced]].filter(fact => fact[1]);
  task.part('about').querySelector('dl').replaceChildren(...facts.flatMap(([name, value]) =>
    [['dt', name], ['dd', value]].map(([tag, text]) => Object.assign(document.createElement(tag), {textContent: text}))));
  task.part('about').hidden = !facts.length;
  task.part('answer').querySelector('pre').textContent = json;
  task.part('answer').hidden = false;
  drawTimes(task, Date.now());
}

const FAILED = /fail|error|cancel|reject|expire|timeout|timed|abort|kill/i;

/** Shows how a task ended; how is null if an earlier stream received the end. */
function end(task, how) {
  const about = task.about ?? {};
  const result = how ?? (about.link || !FAILED.test(about.stage) ? 'finished' : 'failed');
  Object.assign(task, {over: true, isDone: true});
  task.part('problem').hidden = result !== 'not-found';
  task.card.querySelector('progress').hidden = true;
  task.card.firstElementChild.classList.add(result === 'finished' ? 'finished' : 'failed');
  show(task.part('state'), result === 'not-found' ? 'Unknown to the provider' : inWords(result));
  show(task.part('reason'), result === 'failed' ? String(about.reason ?? 'The provider gives no reason.') : '');
  const ended = about.ended ?? about.updated ?? (task.stages.length > 1 ? new Date(task.stages.at(-1).since) : undefined);
  const took = ended > about.began ? `, after ${duration(ended - about.began)}` : '';
  show(task.part('facts'), ended && result !== 'not-found' ? `${inWords(result)} at ${clock(ended)}${took}` : '');
  if (result === 'finished') showVideo(task, about.link);
  drawTimes(task, Date.now());
}

function showVideo(task, link) {
  for (const name of ['open', 'link']) task.part(name).hidden = !link;
  if (!link) return show(task.part('facts'), [task.part('facts').textContent, 'The answer holds no link that a browser can open.'].filter(Boolean).join('. '));
  task.part('open').href = link;
  const video = task.card.querySelector('video');
  video.hidden = !/^https:/i.test(link);
  if (video.hidden) show(task.part('unplayable'), 'The video cannot be shown here, because its link does not use HTTPS.');
  video.dataset.link = link;
  video.setAttribute('aria-label', 'Video of ' + task.id);
  task.part('video').hidden = false;
  return video.hidden ? undefined : inView.observe(video);
}

// ---- The board

const AUTHORIZATION_PREFIX = /^(authorization:\s*)?(bearer(\s+|$))?/i;

/** Ids, separated by white space, commas or semicolons, or the ids of an address. */
function idsIn(text) {
  const ids = text.split(/[\s,;]+/).filter(Boolean).flatMap(part =>
    /[?&]id=/.test(part) ? new URLSearchParams(part.slice(part.indexOf('?') + 1).split('#')[0]).getAll('id') : part.replace(/^["'`]+|["'`]+$/g, ''));
  return [...new Set(ids)].filter(Boolean);
}

function mistakeIn(id) {
  const place = id.search(/[^\x21-\x7e]/);
  const name = `“${id.slice(0, 60)}${id.length > 60 ? '…' : ''}” is no task id: `;
  if (place >= 0) return `${name}character ${place + 1} is not visible ASCII.`;
  if (id.includes('://')) return name + 'it is an address without ids.';
  return id.length > 1024 ? `${name}it has ${id.length} characters, and 1024 are allowed.` : '';
}

function add(ids) {
  const fresh = ids.filter(id => !tasks.has(id));
  const mistake = fresh.map(mistakeIn).find(Boolean);
  if (mistake) return mistake;
  if (fresh.length + tasks.size > MAX_TASKS) return `A board holds at most ${MAX_TASKS} tasks; with these it would hold ${fresh.length + tasks.size}. Stop watching some first.`;
  const older = [...tasks];
  tasks.clear();
  for (const id of fresh) tasks.set(id, newTask(id));
  $('board').prepend(...[...tasks.values()].map(task => task.card));
  older.forEach(([id, task]) => tasks.set(id, task));
  changed();
  if (fresh.length) follow();
  return '';
}

function stop(task) {
  const next = task.card.nextElementSibling ?? task.card.previousElementSibling;
  tasks.delete(task.id);
  task.card.remove();
  (next?.querySelector('.stop') ?? $('ids')).focus();
  changed();
  if ([...tasks.values()].every(each => each.over)) follow(); // no task is left: ends the stream, whose other events are ignored
}

/** Keeps the ids in the address, and the numbers in the title. */
function changed() {
  const address = new URL(location.href);
  address.searchParams.delete('id');
  for (const id of tasks.keys()) address.searchParams.append('id', id);
  if (address.href !== location.href) history.replaceState(null, '', address);
  const done = [...tasks.values()].filter(task => task.isDone).length;
  document.title = (tasks.size ? `(${done}/${tasks.size}) ` : '') + 'Video tasks';
  show($('summary'), tasks.size ? `${done} of ${tasks.size} done` : '');
  $('empty').hidden = tasks.size > 0;
  $('tools').hidden = tasks.size === 0;
}

const on = {
  open() {
    isConnected = true;
    settle();
    const sole = followed.length === 1 ? tasks.get(followed[0]) : undefined;
    if (sole) sole.part('problem').hidden = true; // it is sent again if it lasts, which a cursor of several tasks prevents
  },
  status(answer, id, json) {
    const task = tasks.get(id);
    if (!task) return;
    task.part('problem').hidden = true;
    task.about = describe(answer);
    fill(task, json);
  },
  expected(date, id) {
    const task = tasks.get(id);
    if (!task) return;
    task.expectedAt = date;
    drawTimes(task, Date.now());
  },
  problem(problem, id) {
    const task = tasks.get(id);
    if (id === undefined) showNotice(problem);
    if (task && problem.code === 'forbidden') forbid(task);
    if (task) showProblem(task.part('problem'), problem);
    if (task) announce(`${problem.title}: ${id}`);
  },
  end(how, id) {
    const task = tasks.get(id);
    if (!task) return;
    end(task, how);
    changed();
    const text = `${task.part('state').textContent}: ${id}`;
    announce(text);
    if (task.stages.length > 1) notify(text); // not for those that had ended before
  },
  retry(date) {
    lost();
    retryAt = date.getTime();
    countDown();
  },
};

function forbid(task) {
  Object.assign(task, {over: true});
  show(task.part('state'), 'Not allowed');
}

function showNotice(problem, title) {
  showProblem($('notice'), problem, title);
  $('retry').hidden = problem.status !== 0; // if the gateway cannot be reached, a person may retry at once
  $('reload').hidden = true;
}

function countDown() {
  const left = retryAt - Date.now();
  show($('again'), retryAt === 0 ? '' : left > 500 ? `Trying again in ${duration(left)}.` : 'Trying again now.');
}

/** For screen readers, which read what is added. */
function announce(text) {
  $('announcements').append(Object.assign(document.createElement('p'), {textContent: text}));
  if ($('announcements').childElementCount > 20) $('announcements').firstChild.remove();
}

function notify(text) {
  if (!document.hidden || window.Notification?.permission !== 'granted') return;
  try {
    new Notification(text, {tag: text});
  } catch { // Chrome on Android allows it to service workers only
    announce(text);
  }
}

/** Hides the notice and the form for the key. */
function settle() {
  retryAt = 0;
  $('notice').hidden = true;
  if ($('enter').hidden) return;
  if ($('enter').contains(document.activeElement)) $('ids').focus();
  $('enter').hidden = true;
  $('key').value = '';
}

/** Follows what is not over, with the key if there is one. A cookie of a proxy goes along by itself. */
async function follow() {
  watching.abort();
  watching = new AbortController();
  const {signal} = watching;
  retryAt = 0;
  countDown();
  $('notice').hidden = true;
  const ids = [...tasks.values()].filter(task => !task.over).map(task => task.id);
  followed = ids;
  if (!ids.length) return settle();
  const parameters = Object.fromEntries([...new URLSearchParams(location.search)].filter(([name]) => name !== 'id'));
  try {
    await watch(ids, {on, signal, parameters, token: key ? async () => key : undefined});
  } catch (error) {
    if (!signal.aborted) refused(error, ids);
  }
}

/** Stops the times on the cards: the connection is lost. */
function lost() {
  isConnected = false;
  for (const task of tasks.values()) if (task.stages.length) task.stages.at(-1).hadGap = true;
}

function refused(error, ids) {
  lost();
  const problem = error.cause ?? {detail: error.message};
  const isSole = ids.length === 1 && (problem.code === 'task-not-found' || problem.code === 'forbidden');
  if (problem.code === 'unauthenticated') return askForKey(key ? `${problem.title}. ${problem.detail}` : 'This gateway requires an API key or a token.');
  settle();
  if (isSole && problem.code === 'forbidden') {
    forbid(tasks.get(ids[0]));
    return showProblem(tasks.get(ids[0]).part('problem'), problem);
  }
  if (isSole) {
    showProblem(tasks.get(ids[0]).part('problem'), problem);
    return on.end('not-found', ids[0]);
  }
  const isLogin = !problem.code && [302, 401, 403].includes(problem.status);
  showNotice(isLogin ? {detail: 'The proxy in front of the gateway requires a login. Reload the page to sign in.'} : problem,
    isLogin ? 'You are not signed in any more' : problem.title ?? 'The gateway refused the query');
  $(isLogin ? 'reload' : 'retry').hidden = false;
  return undefined;
}

function askForKey(why) {
  retryAt = 0;
  $('notice').hidden = true;
  $('refusal').textContent = why;
  $('enter').hidden = false;
  $('key').focus();
  $('key').select();
}

async function copy(text, button) {
  button.dataset.label ??= button.textContent;
  let isCopied = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch { // without TLS there is no clipboard
    const field = document.body.appendChild(Object.assign(document.createElement('textarea'), {value: text, className: 'unseen'}));
    field.select();
    isCopied = document.execCommand('copy');
    field.remove();
    button.focus();
  }
  button.textContent = isCopied ? 'Copied' : 'The browser does not allow copying';
  announce(button.textContent);
  setTimeout(() => { button.textContent = button.dataset.label; }, 2000);
}

$('add').addEventListener('submit', event => {
  event.preventDefault();
  const ids = idsIn($('ids').value);
  const mistake = ids.length ? add(ids) : 'Enter the id of a task.';
  show($('mistake'), mistake);
  $('ids').setAttribute('aria-invalid', Boolean(mistake));
  if (!mistake) $('ids').value = '';
});
$('enter').addEventListener('submit', event => {
  event.preventDefault();
  const entered = $('key').value.trim().replace(AUTHORIZATION_PREFIX, '');
  const wrong = /[^\x21-\x7e]/u.exec(entered);
  if (!entered) return askForKey('Enter the key.');
  if (wrong) return askForKey(`Character ${wrong.index + 1} of the key is not visible ASCII. Copy the key again.`);
  key = entered;
  return follow();
});
$('examples').addEventListener('click', event => {
  if (!event.target.value) return;
  add([event.target.value]);
  $('ids').focus();
});
$('clear').addEventListener('click', () => {
  history.pushState(null, '', location.href); // so that the Back button restores them
  [...tasks.values()].forEach(task => task.card.remove());
  tasks.clear();
  changed();
  follow();
  $('ids').focus();
});
$('share').addEventListener('click', event => copy(location.href, event.target));
$('retry').addEventListener('click', () => {
  $('ids').focus();
  follow();
});
$('reload').addEventListener('click', () => location.reload());
$('notify').hidden = window.Notification?.permission !== 'default';
$('notify').addEventListener('click', async () => {
  await Notification.requestPermission();
  $('share').focus();
  $('notify').hidden = Notification.permission !== 'default';
});
document.addEventListener('click', event => {
  if (event.target.matches('.copy')) copy(event.target.parentElement.querySelector('code').textContent, event.target);
});
addEventListener('popstate', () => location.reload());
setInterval(() => {
  const now = Date.now();
  tasks.forEach(task => { if (!task.over) drawTimes(task, now); });
  countDown();
}, 1000);

$('examples').hidden = !$('examples').querySelector('button');
const given = [...new Set(new URLSearchParams(location.search).getAll('id'))].filter(Boolean);
const wrong = given.map(mistakeIn).filter(Boolean);
const good = given.filter(id => !mistakeIn(id));
if (good.length > MAX_TASKS) wrong.push(`The address holds ${good.length} ids. A board holds at most ${MAX_TASKS}, so the rest is left out.`);
show($('mistake'), wrong.join(' '));
add(good.slice(0, MAX_TASKS));
